"""From what was found to what is done about it."""

from dataclasses import replace

from bot.matching import Match, SearchResult
from bot.matching.decision import Answer, Decision, Silent, Thresholds, decide

LIMITS = Thresholds(confident=0.8, overheard=0.9, suggest=0.35)


def found(*confidences: float, names: str = "abcde", parts: tuple[SearchResult, ...] = ()) -> SearchResult:
    matches = tuple(Match(name, name.upper(), c) for name, c in zip(names, confidences, strict=False))
    return SearchResult("?", matches, 0.9, parts)


def shape(decision: Decision) -> tuple[str, list[str]]:
    return type(decision).__name__, [] if isinstance(decision, Silent) else [match.id for match in decision.matches]


def test_the_confidence_decides_and_the_reason_names_what_was_compared() -> None:
    for confidences, addressed, expected, reason in (
        ((0.92, 0.1), True, ("Answer", ["a"]), "0.92 ≥ 0.80"),
        ((0.80,), True, ("Answer", ["a"]), "0.80 ≥ 0.80"),
        ((0.79, 0.1), True, ("Suggest", ["a", "b"]), "0.79 < 0.80"),
        ((0.5, 0.2, 0.1, 0.1), True, ("Suggest", ["a", "b", "c"]), "0.50 < 0.80"),
        ((0.5, 0.01), True, ("Suggest", ["a"]), "0.50 < 0.80"),
        ((0.2, 0.15, 0.1), True, ("Suggest", ["a", "b", "c"]), "0.20 < 0.80"),  # one of the three is right at 0.45
        ((0.2, 0.1), True, ("Silent", []), "0.30 < 0.35"),
        ((), True, ("Silent", []), "nothing alike"),
        ((0.95,), False, ("Answer", ["a"]), "0.95 ≥ 0.90"),
        ((0.899,), False, ("Silent", []), "0.89 < 0.90"),
        ((0.5, 0.3), False, ("Silent", []), "0.50 < 0.90"),
        ((), False, ("Silent", []), "nothing alike"),
    ):
        decision = decide(found(*confidences), addressed, LIMITS)
        assert (shape(decision), decision.reason) == (expected, reason)


def test_each_part_of_a_message_is_decided_on_its_own() -> None:
    for first, second, addressed, expected, answered in (
        ((0.9,), (0.85,), True, ("Answer", ["a", "x"]), []),
        ((0.9,), (0.5, 0.2), True, ("Suggest", ["x", "y"]), ["a"]),
        ((0.6, 0.1), (0.5, 0.2), True, ("Suggest", ["a", "b"]), []),  # one block of suggestions, the surer one
        ((0.9,), (0.1,), True, ("Answer", ["a"]), []),
        ((0.95,), (0.92,), False, ("Answer", ["a", "x"]), []),
        ((0.95,), (0.5,), False, ("Answer", ["a"]), []),
        ((0.85,), (0.5,), False, ("Silent", []), []),
    ):
        parts = (found(*first), found(*second, names="xyz"))
        decision = decide(found(*first, parts=parts), addressed, LIMITS)
        given = [match.id for match in getattr(decision, "answered", ())]
        assert (shape(decision), given) == (expected, answered), parts


def test_parts_with_the_same_answer_are_answered_once_and_make_no_suggestion_likelier() -> None:
    for parts in ((found(0.9), found(0.95)), (found(0.9), found(0.34, 0.1))):
        assert shape(decide(found(0.9, parts=parts), True, LIMITS)) == ("Answer", ["a"])


def test_in_a_room_the_judge_of_rooms_decides_and_what_is_kept_for_who_calls_is_no_answer() -> None:
    heard = found(0.97)
    kept = SearchResult("?", (replace(heard.matches[0], only_called=True),), 0.9)
    rows = [(replace(heard, overheard=sure), sure >= 0.9) for sure in (0.95, 0.9, 0.89)]
    for result, is_answered in (*rows, (kept, False)):
        assert isinstance(decide(result, False, LIMITS), Answer) == is_answered
        assert isinstance(decide(result, True, LIMITS), Answer)
