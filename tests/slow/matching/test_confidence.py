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


@pytest.mark.parametrize("kind", ["index", "plain"])
def test_the_table_weighs_only_what_is_measured(kind: str, request: pytest.FixtureRequest) -> None:
    index: Index = request.getfixturevalue(kind)
    table, measured = shipped_table(kind == "index"), measured_for(index, "Où trouver une formation ?")
    assert table.scope.rows.keys() | table.entry.rows.keys() <= measured.keys()
    assert table.ranking.keys() <= {*Signals.__slots__, WORDS}
    assert (WORDS in table.ranking) == (kind == "index")


def measured_for(index: Index, text: str) -> dict[str, float]:
    """The features of the best entry."""
    query = index.corpus.query(SubQuestion(text))
    signals = index.corpus.signals(query)
    terms = QueryTerms.of(index.corpus, query, 0.9)
    candidates: Candidates = index.candidates(terms, signals)
    return {name: float(values[0]) for name, values in features(index.corpus, candidates, terms, signals, 1).items()}


@pytest.mark.parametrize("text", ["", "😀", "?", "où", "Où trouver une formation de facilitateur ?", "zzz xxx qqq"])
@pytest.mark.parametrize("kind", ["index", "plain"])
def test_all_that_is_measured_is_a_number(kind: str, text: str, request: pytest.FixtureRequest) -> None:
    measured = measured_for(request.getfixturevalue(kind), text)
    assert all(math.isfinite(value) for value in measured.values()), measured


def test_what_lies_far_beyond_the_learned_counts_no_more() -> None:
    rule = Logistic({"score": (0.0, 1.0, 1.0)}, 0.0)
    assert rule.probability({"score": 4.0}) == rule.probability({"score": 1e9})
    assert rule.probability({"score": 0.0}) == pytest.approx(0.5)


GOOD_SIGNS = [(True, "documents"), (True, "asks"), (False, "entry_grams"), (False, "asks")]


@pytest.mark.parametrize(("semantic", "name"), GOOD_SIGNS)
def test_more_of_a_good_sign_never_lowers_the_confidence(semantic: bool, name: str) -> None:
    assert shipped_table(semantic).scope.rows[name][2] > 0


@pytest.mark.parametrize("semantic", [True, False])
def test_who_stands_out_among_the_candidates_is_surer(semantic: bool) -> None:
    rows = shipped_table(semantic).entry.rows
    assert rows["margin"][2] > 0
    assert rows["share"][2] > 0


@pytest.mark.parametrize("judge", ["called", "overheard"])
def test_what_answers_by_reading_and_asks_is_surer(judge: str) -> None:
    rows = getattr(shipped_table(True), judge).rows
    assert min(rows[name][2] for name in ("first", "relevance", "asks")) > 0


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
