"""How people are read whom the reading never met: the voices in `training/judged` are never learned from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.matching.embedding_cache import EmbeddingCache
from bot.reading.calls import cut_call
from bot.reading.examples import ASKING, CALLING, MessageExample, read
from bot.reading.model import shipped_model
from bot.reading.read import Reader

JUDGED = Path(__file__).parents[2] / "training" / "judged"
REPORTED = ("visitors", "strangers")  # nothing was chosen on these


@pytest.fixture(scope="module")
def people() -> list[MessageExample]:
    return [one for voice in REPORTED for one in read(JUDGED / f"{voice}.jsonl")]


def share(reader: Reader, people: list[MessageExample]) -> tuple[float, float]:
    """Of acts that are recognised, of questions that are taken for acts."""
    readings = [(one, reader.read(one.text, one.said)) for one in people if one.label not in CALLING]
    acts = [found.act == one.act for one, found in readings if one.act]
    questions = [found.act is not None for one, found in readings if one.label in ASKING]
    return float(np.mean(acts)), float(np.mean(questions))


def test_acts_are_recognised_and_questions_stay_questions(
    embeddings: EmbeddingCache, people: list[MessageExample]
) -> None:
    acts, questions = share(embeddings.reader, people)
    assert acts >= 0.85
    assert questions <= 0.03


def test_so_it_is_on_n_grams_alone(people: list[MessageExample]) -> None:
    acts, questions = share(Reader(shipped_model(), None), people)
    assert acts >= 0.70
    assert questions <= 0.03


def test_who_knows_and_tells_it_asks_nothing(embeddings: EmbeddingCache, people: list[MessageExample]) -> None:
    """Where nine of ten questions pass, hardly any statement by somebody who knows does."""
    asks = {one.text: embeddings.reader.read(one.text, one.said).asks for one in people}
    limit = np.quantile([asks[one.text] for one in people if one.label in ASKING], 0.1)
    assert np.mean([asks[one.text] >= limit for one in people if one.label == "knows"]) <= 0.12


def test_a_name_is_heard_where_it_calls(people: list[MessageExample]) -> None:
    heard = [(one.label, cut_call(one.text, ["X"], False)[1]) for one in people if one.label in CALLING]
    assert np.mean([is_heard for label, is_heard in heard if label == "called"]) >= 0.95
    assert np.mean([is_heard for label, is_heard in heard if label == "noun"]) <= 0.10
