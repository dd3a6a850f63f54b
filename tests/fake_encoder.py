"""An encoder of a few numbers, made up: texts that share words are alike, and it remembers what it was given.

`python -m tests.fake_encoder FOLDER FIRST LAST` encodes the texts of these numbers into the cache of a folder.
"""

import sys
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bot.arrays import Floats
from bot.encoder import Encoded, Kind
from bot.matching.embedding_cache import EmbeddingCache
from bot.matching.vector_space import WIDTH, VectorSpace, unit


class FakeEncoder:
    """An `Encoder`. `encoded`: every text, in the order in which they came."""

    def __init__(self, name: str = "fake", dimensions: int = WIDTH) -> None:
        self.name, self.dimensions = name, dimensions
        self.encoded: list[str] = []
        self._states: dict[str, Floats] = {}

    def encode(self, texts: Sequence[str], kind: Kind) -> list[Encoded]:
        self.encoded += texts
        return [self._encoded(text, kind) for text in texts]

    def log_probability(self, word: str) -> float:
        return -20.0

    def relevance(self, question: str, passage: str) -> None:
        return None

    def _encoded(self, text: str, kind: Kind) -> Encoded:
        words = tuple(text.split())
        states = np.stack([self._state(word) for word in words or ("",)])
        return Encoded(
            unit(states.mean(axis=0) + self._state(kind)), words, states[: len(words)], np.zeros(0, np.float32)
        )

    def _state(self, word: str) -> Floats:
        """Another direction for each word."""
        if word not in self._states:
            chance = np.random.default_rng(zlib.crc32(f"{self.name} {word.lower()}".encode(errors="replace")))
            self._states[word] = chance.standard_normal(self.dimensions).astype(np.float32)
        return self._states[word]

    def space(self, version: str = "") -> VectorSpace:
        """One that leaves its vectors as they are, or cuts off their end."""
        nothing = np.zeros(self.dimensions, np.float32)
        centres: dict[Kind, Floats] = {"query": nothing, "passage": nothing}
        projection = np.eye(self.dimensions, WIDTH, dtype=np.float32)
        alignment = np.eye(self.dimensions, dtype=np.float32)
        return VectorSpace(self.name + version, centres, centres, projection, alignment, np.zeros(0, np.float32))


def numbered(first: int, last: int) -> list[str]:
    return [f"texte numéro {number}" for number in range(first, last)]


def main(folder: str, first: str, last: str) -> None:
    """Each text is written alone, so that processes come across each other as often as they can."""
    encoder = FakeEncoder()
    for text in numbered(int(first), int(last)):
        EmbeddingCache(encoder, Path(folder), space=encoder.space()).vectors([text])


if __name__ == "__main__":
    main(*sys.argv[1:])
