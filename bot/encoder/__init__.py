"""The sentence encoder: a protocol, so that another model is one more class, and E5, which is shipped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from bot.arrays import Floats  # imports numpy, which the settings do not need

ABOUT, MODEL, TOKENIZER = FILES = ("encoder.json", "model.onnx", "tokenizer.json")
"""Files of an encoder's folder."""

Kind = Literal["query", "passage"]
"""Kinds of text: `query` for messages and phrasings, `passage` for text that answers them."""


class EncoderError(Exception):
    """A folder cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """Vectors of a text and of each of its words, in order.

    `inner`: the mean of the tokens in an inner layer, which tells better how something is said (who knows, who asks,
    who denies) than the last one, which tells what it is about (Tenney et al. 2019, arXiv:1905.05950).
    """

    vector: Floats  # (dimensions,), of length 1
    words: tuple[str, ...]
    states: Floats  # (n_words, dimensions), of any length
    inner: Floats  # (dimensions,), or (0,) of an encoder that does not give it


class Encoder(Protocol):
    """Maps texts to vectors whose cosine measures similarity of meaning. Safe to call from several threads."""

    name: str
    """Identifies model, weights and version; keys the cache."""
    dimensions: int

    def encode(self, texts: Sequence[str], kind: Kind) -> list[Encoded]: ...

    def relevance(self, question: str, passage: str) -> float | None:
        """Return the logit that a passage answers a question, both read together; None without a model for that."""

    def log_probability(self, word: str) -> float:
        """Return the natural logarithm of a word's probability by the model's vocabulary.

        It is low for rare words and typos.
        """
