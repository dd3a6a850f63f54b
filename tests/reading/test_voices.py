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


@pytest.mark.parametrize(("with_encoder", "least"), [(True, 0.85), (False, 0.70)])
def test_acts_are_recognised_and_questions_stay_questions(
    embeddings: EmbeddingCache, people: list[MessageExample], with_encoder: bool, least: float
) -> None:
    reader = embeddings.reader if with_encoder else Reader(shipped_model(), None)
    readings = [(one, reader.read(one.text, one.said)) for one in people if one.label not in CALLING]
    assert np.mean([found.act == one.act for one, found in readings if one.act]) >= least
    assert np.mean([found.act is not None for one, found in readings if one.label in ASKING]) <= 0.03


def test_who_knows_and_tells_it_asks_nothing(embeddings: EmbeddingCache, people: list[MessageExample]) -> None:
    """Where nine of ten questions pass, hardly any statement by somebody who knows does."""
    asks = {one.text: embeddings.reader.read(one.text, one.said).asks for one in people}
    limit = np.quantile([asks[one.text] for one in people if one.label in ASKING], 0.1)
    assert np.mean([asks[one.text] >= limit for one in people if one.label == "knows"]) <= 0.12


@pytest.mark.parametrize("with_encoder", [True, False])
def test_a_name_is_heard_where_it_calls(
    embeddings: EmbeddingCache, people: list[MessageExample], with_encoder: bool
) -> None:
    reader = embeddings.reader if with_encoder else None
    heard = [(one.label, cut_call(one.text, ["X"], reader=reader)[1]) for one in people if one.label in CALLING]
    assert np.mean([is_heard for label, is_heard in heard if label == "called"]) >= 0.95
    assert np.mean([is_heard for label, is_heard in heard if label == "noun"]) <= 0.10
