"""The measures of `concierge eval`."""

import math

import pytest

from bot.matching import Match, SearchResult
from bot.matching.decision import Thresholds
from bot.quality.evaluation import Labelled, LabelledResult, judge, measures

ASKED = [  # a question, the entries that answer it, and what is found
    *(("right", "a", {"a": 0.9, "b": 0.05}), ("wrong", "b", {"a": 0.85, "b": 0.1}), ("one of two", "ac", {"c": 0.95})),
    *(("offered", "c", {"a": 0.5, "b": 0.3, "c": 0.1}), ("unknown", "b", {"a": 0.1})),
    *(("chat", "", {"a": 0.2}), ("chat that was answered", "", {"b": 0.81})),
]


def rows(addressed: bool) -> list[LabelledResult]:
    questions = [Labelled(text, frozenset(ids)) for text, ids, _ in ASKED]
    matches = [tuple(Match(id, id, confidence) for id, confidence in found.items()) for _, _, found in ASKED]
    searched = [SearchResult("?", found, 0.9) for found in matches]
    return judge(questions, searched, Thresholds(0.8, 0.9, 0.35), addressed)


SUREST = {"top1": 2 / 5, "top3": 4 / 5, "in_scope": 2 / 5, "mcc_best": 0.533, "at_90": 2 / 5, "brier": 0.2416}
CALLED = {"answered": 3 / 5, "helped": 3 / 5, "precision": 1 / 2, "false_answers": 1 / 2, "mcc": 0.2572}
OVERHEARD = {"answered": 2 / 5, "helped": 2 / 5, "precision": 1.0, "false_answers": 0.0, "mcc": 0.533}


def test_the_measures_are_those_of_the_score_sheet() -> None:
    """Which gave these figures. A suggestion helps when the right entry is among the three."""
    for addressed, expected in ((True, SUREST | CALLED), (False, SUREST | OVERHEARD)):
        found = measures(rows(addressed))
        assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-4)
        assert found["accuracy"] == pytest.approx(3 / 7 if addressed else 4 / 7)
    assert all(math.isfinite(value) for value in measures([]).values())


def test_a_message_that_is_answered_in_part_is_answered() -> None:
    """« une fiche ? et combien ça coûte ? »: an answer to the one, a choice for the other."""
    first = (Match("a", "a", 0.95), Match("b", "b", 0.5))
    sure, unsure = (SearchResult("?", (one, Match("z", "z", 0.2)), 0.9) for one in first)
    both = SearchResult("both", sure.matches, 0.9, parts=(sure, unsure))
    question = Labelled("both", frozenset({"a"}))
    judged = judge([question, question], [both, unsure], Thresholds(0.8, 0.9, 0.35), addressed=True)
    assert [(row.verdict, row.right) for row in judged] == [("answer", True), ("suggest", False)]
