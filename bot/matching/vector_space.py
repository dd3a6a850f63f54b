"""The space that texts are compared in: an encoder's vectors less what all texts have in common.

Cosines of E5 lie between 0.7 and 1. Without the mean of some neutral texts they spread from about -0.3 to 1. States of
words are projected to fewer numbers as well (principal components): a third of the memory, and ranks stay the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import IO, Any

import numpy as np

from bot.arrays import Floats
from bot.encoder import Encoded, Encoder, Kind
from bot.reading.examples import messages as examples
from bot.text.folding import fold
from bot.text.languages import STOP_WORDS

SPACE = "space.npz"
WIDTH = 128  # numbers of a word's state
_SPARSE = 16  # one message in so many fits a space: the words of 120 suffice for WIDTH components
_KINDS: tuple[Kind, ...] = ("query", "passage")
_NOTHING: Floats = np.zeros(0, np.float32)


@dataclass(frozen=True, slots=True)
class VectorSpace:
    """A space. `name`: its encoder, and its version; part of the keys of the cache."""

    name: str
    centres: Mapping[Kind, Floats]  # of texts, (dimensions,)
    word_centres: Mapping[Kind, Floats]  # (dimensions,)
    projection: Floats  # of words, (dimensions, WIDTH)
    alignment: Floats  # of whole entries towards the questions that they answer, (dimensions, dimensions)
    inner_centre: Floats  # of messages, (dimensions,) or, without an inner layer, (0,)

    @classmethod
    def learned(cls, name: str, samples: Mapping[Kind, Sequence[Encoded]]) -> VectorSpace:
        """Fit a space to samples, with the identity as alignment."""
        centres = {kind: np.mean([one.vector for one in samples[kind]], axis=0) for kind in _KINDS}
        states = {kind: np.concatenate([one.states for one in samples[kind]]) for kind in _KINDS}
        word_centres = {kind: states[kind].mean(axis=0) for kind in _KINDS}
        centred = states["query"] - word_centres["query"]
        _, components = np.linalg.eigh(centred.T @ centred)
        projection = components[:, ::-1][:, :WIDTH].astype(np.float32)
        inner_centre = np.mean([one.inner for one in samples["query"]], axis=0)
        return cls(name, centres, word_centres, projection, np.eye(len(projection), dtype=np.float32), inner_centre)

    def place(self, encoded: Encoded, kind: Kind) -> Encoded:
        """Move an encoded text into this space; all rows of length 1. Stop words are left out, unless there are no
        others."""
        meant = [n for n, word in enumerate(encoded.words) if len(word) > 1 and fold(word) not in STOP_WORDS]
        kept = meant or list(range(len(encoded.words)))
        centred: Floats = encoded.states[kept] - self.word_centres[kind]
        return Encoded(
            unit(encoded.vector - self.centres[kind]),
            tuple(encoded.words[n] for n in kept),
            unit(centred @ self.projection),
            unit(encoded.inner - self.inner_centre) if encoded.inner.size == self.inner_centre.size else _NOTHING,
        )

    def arrays(self) -> dict[str, Any]:
        """Return the arrays of a file that `read_space` reads."""
        by_kind = {f"{kind}": self.centres[kind] for kind in _KINDS}
        words = {f"{kind}_words": self.word_centres[kind] for kind in _KINDS}
        matrices = {"projection": self.projection, "alignment": self.alignment, "inner": self.inner_centre}
        values = {**by_kind, **words, **matrices}
        return {"name": np.array(self.name), **{name: value.astype(np.float16) for name, value in values.items()}}


def unit(rows: Floats) -> Floats:
    """Scale rows, or one vector, to length 1."""
    scaled: Floats = (rows / np.linalg.norm(rows, axis=-1, keepdims=True).clip(1e-9)).astype(np.float32)
    return scaled


@cache
def shipped_space() -> VectorSpace:
    """Return the space of the package, learned with the default encoder (`training/learn_confidence.py`)."""
    with files("bot.matching").joinpath(SPACE).open("rb") as file:
        return read_space(file)


def read_space(file: IO[bytes]) -> VectorSpace:
    """Read the arrays of a file; an older one lacks the last two. Raises OSError, ValueError and KeyError."""
    with np.load(file, allow_pickle=False) as raw:
        values = {name: raw[name].astype(np.float32) for name in raw.files if name != "name"}
        centres = {kind: values[kind] for kind in _KINDS}
        words = {kind: values[f"{kind}_words"] for kind in _KINDS}
        projection = values["projection"]
        alignment = values["alignment"] if "alignment" in values else np.eye(len(projection), dtype=np.float32)
        return VectorSpace(str(raw["name"]), centres, words, projection, alignment, values.get("inner", _NOTHING))


def measured_space(encoder: Encoder) -> VectorSpace:
    """Fit a space to the example messages, for an encoder that nothing was learned with."""
    texts = [example.text for example in examples()[::_SPARSE]]
    return VectorSpace.learned(encoder.name, {kind: encoder.encode(texts, kind) for kind in _KINDS})
