"""The measures, beside the score sheet that the labelled sets come with."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path
from types import ModuleType

import pytest

from bot.matching import Match, SearchResult
from bot.matching.decision import Thresholds
from bot.quality.evaluation import Labelled, LabelledResult, judge, measures

SCORE = Path(__file__).parents[3] / "shared" / "eval" / "score.py"

QUESTIONS = [
    Labelled("right", frozenset({"a"})),
    Labelled("wrong", frozenset({"b"})),
    Labelled("one of two", frozenset({"a", "c"})),
    Labelled("offered", frozenset({"c"})),
    Labelled("unknown", frozenset({"b"})),
    Labelled("chat", frozenset()),
    Labelled("chat that was answered", frozenset()),
]
FOUND = [
    [("a", 0.9), ("b", 0.05)],
    [("a", 0.85), ("b", 0.1)],
    [("c", 0.95)],
    [("a", 0.5), ("b", 0.3), ("c", 0.1)],
    [("a", 0.1)],
    [("a", 0.2)],
    [("b", 0.81)],
]


def rows(addressed: bool = True) -> list[LabelledResult]:
    searched = (
        SearchResult(q.text, tuple(Match(name, name, c) for name, c in matches), 0.9)
        for q, matches in zip(QUESTIONS, FOUND, strict=True)
    )
    return judge(QUESTIONS, searched, Thresholds(0.8, 0.9, 0.35), addressed)


def score_sheet() -> ModuleType:
    if not SCORE.exists():
        pytest.skip("the labelled sets are not here")
    spec = importlib.util.spec_from_file_location("score", SCORE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("addressed", [True, False])
def test_the_measures_are_those_of_the_score_sheet(addressed: bool) -> None:
    judged = rows(addressed)
    labelled = [{"text": r.question.text, "expect": sorted(r.question.expect) or None} for r in judged]
    decisions = [
        {
            "text": r.question.text,
            "decision": r.verdict,
            "matches": [{"id": name, "confidence": r.confidence} for name in r.ids],
        }
        for r in judged
    ]
    expected, found = score_sheet().score(labelled, decisions), measures(judged)
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-4)


def test_a_suggestion_helps_when_the_right_entry_is_among_the_three() -> None:
    found = measures(rows())
    expected = {"in_scope": 2 / 5, "helped": 3 / 5, "precision": 2 / 4, "false_answers": 1 / 2, "at_90": 2 / 5}
    assert {name: found[name] for name in expected} == pytest.approx(expected)
    assert all(math.isfinite(value) for value in measures([]).values())


def test_a_message_that_is_answered_in_part_is_answered() -> None:
    """« une fiche ? et combien ça coûte ? »: an answer to the one, a choice for the other."""
    sure, unsure = (
        SearchResult("?", (Match(name, name, p), Match("z", "z", 0.2)), 0.9) for name, p in (("a", 0.95), ("b", 0.5))
    )
    both = SearchResult("both", sure.matches, 0.9, parts=(sure, unsure))
    question = Labelled("both", frozenset({"a"}))
    judged = judge([question, question], [both, unsure], Thresholds(0.8, 0.9, 0.35), addressed=True)
    assert [(row.verdict, row.right) for row in judged] == [("answer", True), ("suggest", False)]
