"""The learned table, and how good the whole is on the labelled sets where they are here."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import yaml

from bot.knowledge.models import Entry, Knowledge
from bot.matching.calibration import Logistic, shipped_table
from bot.matching.corpus import Signals
from bot.matching.decision import Thresholds
from bot.matching.embedding_cache import EmbeddingCache
from bot.matching.features import Candidates, QueryTerms, features
from bot.matching.index import WORDS, Index
from bot.matching.split import SubQuestion
from bot.quality.evaluation import Labelled, judge, measures

SETS = Path(__file__).parents[4] / "shared" / "eval"


def measured_for(index: Index, text: str) -> dict[str, float]:
    """The features of the best entry."""
    query = index.corpus.query(SubQuestion(text))
    signals = index.corpus.signals(query)
    terms = QueryTerms.of(index.corpus, query, 0.9)
    candidates: Candidates = index.candidates(terms, signals)
    return {name: float(values[0]) for name, values in features(index.corpus, candidates, terms, signals, 1).items()}


@pytest.mark.parametrize("kind", ["index", "plain"])
def test_all_that_the_table_weighs_is_measured_and_a_number(kind: str, request: pytest.FixtureRequest) -> None:
    index, table = request.getfixturevalue(kind), shipped_table(kind == "index")
    for text in ("", "😀", "?", "où", "zzz xxx qqq", "Où trouver une formation ?"):
        measured = measured_for(index, text)
        assert all(math.isfinite(value) for value in measured.values()), measured
    assert table.scope.rows.keys() | table.entry.rows.keys() <= measured.keys()  # of a question with known words
    assert table.ranking.keys() <= {*Signals.__slots__, WORDS}
    assert (WORDS in table.ranking) == (kind == "index")


def test_what_lies_far_beyond_the_learned_counts_no_more() -> None:
    rule = Logistic({"score": (0.0, 1.0, 1.0)}, 0.0)
    assert rule.probability({"score": 4.0}) == rule.probability({"score": 1e9})
    assert rule.probability({"score": 0.0}) == pytest.approx(0.5)


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


@pytest.mark.soak
def test_the_fields_own_questions_are_found_and_the_room_is_left_in_peace(embeddings: EmbeddingCache) -> None:
    """Floors well below what `docs/matching.md` reports: a change that falls through them broke something."""
    knowledge, questions = labelled("tierslieux")
    index = Index(knowledge, embeddings=embeddings)
    questions = questions[::8]  # all of them: `make bench`
    found = [index.search(question.text) for question in questions]
    addressed = measures(judge(questions, found, Thresholds(), True))
    overheard = measures(judge(questions, found, Thresholds(), False))
    assert addressed["top1"] >= 0.72
    assert addressed["top3"] >= 0.86
    assert addressed["precision"] >= 0.85
    assert overheard["false_answers"] <= 0.05
