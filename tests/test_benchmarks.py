"""The benchmark measures what it says, and writes only where it may."""

from pathlib import Path

import pytest

from benchmarks import quality, sets
from benchmarks.ways import WAYS, Job
from bot.knowledge.models import Entry, Knowledge
from bot.matching import Match, SearchResult
from bot.quality.evaluation import Labelled


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


def test_the_shipped_answers_are_asked_in_words_that_they_do_not_have() -> None:
    own = sets.read(sets.SHIPPED)
    known = {text for one in own.knowledge.entries.values() for text in one.questions}
    assert not known & {question.text for question in own.questions if question.expect}
    assert all(question.expect <= own.knowledge.entries.keys() for question in own.questions)
    assert any(not question.expect for question in own.questions)
