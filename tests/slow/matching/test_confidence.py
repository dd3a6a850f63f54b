"""The learned table, and how good the whole is on the labelled sets where they are here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from bot.knowledge.models import Entry, Knowledge
from bot.matching.calibration import QUESTION_FACTOR, Logistic, shipped_table
from bot.matching.corpus import Signals
from bot.matching.decision import Thresholds
from bot.matching.features import ENTRY, SCOPE
from bot.matching.index import Index, not_question_factor
from bot.quality.evaluation import Labelled, judge, measures

SETS = Path(__file__).parents[4] / "shared" / "eval"


@pytest.mark.parametrize("semantic", [True, False])
def test_the_table_weighs_only_what_is_measured(semantic: bool) -> None:
    table = shipped_table(semantic)
    assert set(table.scope.rows) <= set(SCOPE)
    assert set(table.entry.rows) <= set(ENTRY)
    assert set(table.ranking) <= set(Signals.__slots__)


def test_what_lies_far_beyond_the_learned_counts_no_more() -> None:
    rule = Logistic({"score": (0.0, 1.0, 1.0)}, 0.0)
    assert rule.probability({"score": 4.0}) == rule.probability({"score": 1e9})
    assert rule.probability({"score": 0.0}) == pytest.approx(0.5)


@pytest.mark.parametrize("semantic", [True, False])
@pytest.mark.parametrize("name", ["score", "asks"])
def test_more_of_a_good_sign_never_lowers_the_confidence(name: str, semantic: bool) -> None:
    rows = shipped_table(semantic).scope.rows
    assert rows.get(name, rows["entry_grams"])[2] > 0  # where the score says nothing more, what it is mostly made of


def test_who_clearly_tells_halves_the_confidence_and_who_may_be_asking_loses_nothing() -> None:
    assert QUESTION_FACTOR.probability({"asks": -4.5}) == pytest.approx(0.5)
    assert QUESTION_FACTOR.probability({"asks": 0.0}) > 0.98


def test_a_not_question_takes_over_when_it_comes_nearer() -> None:
    assert not_question_factor(-1.0) == 1.0
    assert not_question_factor(0.1) < 0.1
    assert not_question_factor(-0.15) > 0.9


def labelled(name: str) -> tuple[Knowledge, list[Labelled]]:
    folder = SETS / name
    if not folder.exists():
        pytest.skip("the labelled sets are not here")
    entries: dict[str, Entry] = {}
    for file in sorted((folder / "knowledge").glob("*.yaml")):
        raw = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)  # noqa: S506 - plain text only
        entries |= {one["id"]: Entry.model_validate(one) for one in raw["entries"]}
    lines = (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return Knowledge(entries), [Labelled.read(json.loads(line)) for line in lines]


def test_the_fields_own_questions_are_found_and_the_room_is_left_in_peace(cache: Path) -> None:
    """Floors well below what `docs/matching.md` reports: a change that falls through them broke something."""
    knowledge, questions = labelled("tierslieux")
    index = Index(knowledge, cache=cache)
    found = [index.search(question.text) for question in questions]
    addressed = measures(judge(questions, found, Thresholds(), True))
    overheard = measures(judge(questions, found, Thresholds(), False))
    assert addressed["top1"] >= 0.72
    assert addressed["top3"] >= 0.86
    assert addressed["precision"] >= 0.85
    assert overheard["false_answers"] <= 0.05
