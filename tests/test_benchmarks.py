"""The benchmark measures what it says, and writes only where it may."""

from pathlib import Path

import pytest

from benchmarks import quality, sets
from benchmarks.page import UnknownRegion, filled
from benchmarks.plan import plan
from benchmarks.ways import WAYS, Job
from bot.knowledge.models import Entry, Knowledge
from bot.matching import Match, SearchResult
from bot.quality.evaluation import Labelled

PAGE = "before\n<!-- bench:a -->\nold\n<!-- /bench -->\nbetween\n<!-- bench:b -->\n<!-- /bench -->\nafter\n"


def found(id: str, confidence: float) -> SearchResult:
    return SearchResult("", (Match(id, id, confidence), Match("z", "z", confidence / 2)), 1.0)


def entry(id: str, *questions: str) -> Entry:
    return Entry.model_validate({"id": id, "title": questions[0], "questions": questions, "answer": "Voilà."})


def test_a_toy_set_is_scored_at_the_best_threshold() -> None:
    questions = [Labelled(text, frozenset({"x"} if text != "c" else ())) for text in "abcd"]
    best = quality.at_best(questions, [found("x", 0.9), found("x", 0.8), found("y", 0.3), found("y", 0.2)])
    assert best["cut"] == pytest.approx(0.8)
    assert (best["top1"], best["in_scope"]) == (pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert (best["precision"], best["rejected"]) == (1.0, 1.0)


@pytest.mark.parametrize("way", ["lexical", "token-set", "concierge"])
def test_each_way_finds_a_phrasing_again(way: str, cache: Path) -> None:
    entries = [entry("prix", "Combien coûte l’abonnement ?"), entry("cles", "Où sont les clés du local ?")]
    search = WAYS[way].build(Job(Knowledge({one.id: one for one in entries}), cache=cache))
    assert [match.id for match in search("ou sont les cles du local").matches][:1] == ["cles"]


def test_only_marked_regions_are_filled() -> None:
    text = filled(PAGE, {"a": "new", "b": "| x |", "c": "unused"})
    assert text == PAGE.replace("old", "new").replace("b -->\n", "b -->\n| x |\n")
    assert filled(text, {"a": "new", "b": "| x |"}) == text
    with pytest.raises(UnknownRegion, match="bench:b"):
        filled(PAGE, {"a": "new"})


def test_the_shipped_answers_are_asked_in_words_that_they_do_not_have() -> None:
    own = sets.read(sets.SHIPPED)
    known = {text for one in own.knowledge.entries.values() for text in one.questions}
    assert not known & {question.text for question in own.questions if question.expect}
    assert all(question.expect <= own.knowledge.entries.keys() for question in own.questions)
    assert any(not question.expect for question in own.questions)


def test_what_one_step_makes_is_there_for_those_that_need_it() -> None:
    """The embeddings of 10,000 entries, which take minutes, and the tables that have not seen a set."""
    steps = {step.key: step.arguments for step in plan(False, Path("/caches"))}
    order = list(steps)
    for key in ("speed/10000/concierge", "speed/10000/encoder", "running/10000", "changes/10000"):
        assert order.index("speed/10000/concierge/cold") < order.index(key)
        assert steps["speed/10000/concierge/cold"]["cache"] in (steps[key]["cache"], f"{steps[key]['cache']}/concierge")
    for key in [key for key in order if key.endswith("/left-out")]:
        learned = f"quality/left-out/{steps[key]['way']}"
        assert order.index(learned) < order.index(key)
        assert steps[learned]["folder"] == steps[key]["learned"]
