"""The sentence encoder as the matching sees it: a protocol, so that another model is one more class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.matching.arrays import Floats


class Encoder(Protocol):
    """Maps texts to vectors whose cosine measures likeness of meaning. Safe to call from several threads."""

    @property
    def name(self) -> str:
        """Keys the cache, and so begins file names: one for each model, its weights and its version."""

    @property
    def dimensions(self) -> int: ...

    def encode(self, texts: Sequence[str]) -> Floats:
        """`(n_texts, dimensions) float32`, rows of length 1."""

    def encode_words(self, words: Sequence[str]) -> Floats:
        """Static word vectors, `(n_words, dimensions) float32` of any length; far cheaper than `encode`."""

    def log_probability(self, word: str) -> float:
        """Natural logarithm of a word's unigram probability in the model's vocabulary; -inf if it is not in there."""
