"""Vectors in two bytes a number: nearly the same."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from bot.matching import quantized
from bot.matching.quantized import QuantizedVectors

SIZE = 64
TEXTS = [f"text {number}" for number in range(1100)]


def embed(texts: Sequence[str]) -> np.ndarray:
    rows = np.stack([np.random.default_rng(int(text.split()[1])).standard_normal(SIZE) for text in texts])
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float16)


@pytest.mark.parametrize("together", [700, 10_000])
def test_rows_and_products_are_those_of_the_vectors(together: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quantized, "_EMBEDDED", together)
    held, vectors = QuantizedVectors(TEXTS, embed, SIZE), embed(TEXTS).astype(np.float32)
    some = np.array([1099, 0, 512, 512])
    assert held[:] == pytest.approx(vectors, abs=1e-5)
    assert held[some] == pytest.approx(vectors[some], abs=1e-5)
    assert held.dot(vectors[:3]) == pytest.approx(vectors[:3] @ vectors.T, abs=2e-5)
