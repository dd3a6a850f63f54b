"""The sentence encoder: a protocol, so that another model is one more class, and E5, which is shipped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from bot.arrays import Floats  # numpy, which the settings do without

ABOUT, MODEL, TOKENIZER = FILES = ("encoder.json", "model.onnx", "tokenizer.json")
"""What an encoder's folder holds."""

Kind = Literal["query", "passage"]
"""What people type and what they ask with; what answers them."""


class EncoderError(Exception):
    """A folder that cannot be used, and why."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """The meaning of a text and of each of its words, in their place in it."""

    vector: Floats  # (dimensions,), of length 1
    words: tuple[str, ...]
    states: Floats  # (n_words, dimensions), of any length


class Encoder(Protocol):
    """Maps texts to vectors whose cosine measures likeness of meaning. Safe to call from several threads."""

    @property
    def name(self) -> str:
        """One for each model, its weights and its version: keys the cache."""

    @property
    def dimensions(self) -> int: ...

    def encode(self, texts: Sequence[str], kind: Kind) -> list[Encoded]: ...

    def relevance(self, question: str, passage: str) -> float | None:
        """Logit that a passage answers a question, both read together; None where no model for that is there."""

    def log_probability(self, word: str) -> float:
        """Natural logarithm of a word's probability by the model's vocabulary; low for rare words and typos."""
