"""Vectors in two bytes a number: nearly the same, and shared from one to the next."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from bot.matching import quantized
from bot.matching.quantized import TextVectors

SIZE = 64


def embed(texts: Sequence[str]) -> np.ndarray:
    rows = np.stack([np.random.default_rng(abs(hash(text))).standard_normal(SIZE) for text in texts])
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float16)


def test_products_are_those_of_the_vectors() -> None:
    texts = [f"text {number}" for number in range(1100)]
    held, vectors = TextVectors.none(SIZE).of(texts, embed), embed(texts).astype(np.float32)
    assert held.view(texts)[:] == pytest.approx(vectors, abs=1e-5)
    assert held.view(texts).dot(vectors[:3]) == pytest.approx(vectors[:3] @ vectors.T, abs=2e-5)


def test_what_is_known_is_not_embedded_again_and_nothing_is_mixed_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quantized, "_TAIL", 7)
    held, asked = TextVectors.none(SIZE), list[str]()

    def spied(texts: Sequence[str]) -> np.ndarray:
        asked.extend(texts)
        return embed(texts)

    for start in range(60):
        texts = [f"text {number}" for number in range(start, start + 20)]
        held = held.of(texts, spied)
        assert held.view(texts)[:] == pytest.approx(embed(texts), abs=1e-5)
        assert len(held.vectors) < 40
    assert asked == [f"text {number}" for number in range(79)]


def test_a_few_more_share_the_memory_of_the_others() -> None:
    held = TextVectors.none(SIZE).of([f"text {number}" for number in range(3000)], embed)
    more = held.of([*held.rows, "another"], embed)
    assert more.vectors.base is held.vectors.base
    assert "another" not in held.rows
