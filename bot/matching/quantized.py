"""Many vectors in little memory: two bytes a number, each row with its own unit, unpacked a few rows at a time.

Half-precision numbers take as much, but numpy needs nine times as long to read them. Each number of a row of length 1
is kept to about 0.000003, the product of two rows to about 0.00001.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.matching.arrays import Floats, Halves, Numbers

AT_ONCE = 512  # rows that are unpacked together: they stay in the processor's cache
_MOST = 32767
_TAIL = 2_000  # rows that are copied when some are added; the others are shared with the one before
_SPARE = 1.25  # rows there may be for each that is in use
_EMBEDDED = 10_000  # texts whose vectors are held unpacked


@dataclass(frozen=True, slots=True)
class Rows:
    numbers: NDArray[np.int16]
    units: Floats  # of each row

    @classmethod
    def of(cls, parts: Iterable[Floats | Halves], size: int, dimensions: int) -> Rows:
        """`size` vectors, a few at a time."""
        numbers, units, at = np.empty((size, dimensions), np.int16), np.empty(size, np.float32), 0
        for part in parts:
            vectors, here = part.astype(np.float32), slice(at, at + len(part))
            units[here] = np.abs(vectors).max(axis=1, initial=1e-9) / np.float32(_MOST)
            numbers[here], at = np.rint(vectors / units[here, None]), at + len(part)
        return cls(numbers, units)

    @classmethod
    def none(cls, dimensions: int) -> Rows:
        return cls(np.empty((0, dimensions), np.int16), np.empty(0, np.float32))

    @property
    def dimensions(self) -> int:
        return int(self.numbers.shape[1])

    def joined(self, other: Rows) -> Rows:
        if not len(self):
            return other
        return Rows(np.concatenate([self.numbers, other.numbers]), np.concatenate([self.units, other.units]))

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, places: Numbers) -> Floats:
        found: Floats = self.numbers[places].astype(np.float32)
        found *= self.units[places][:, None]
        return found

    def dot(self, turned: Floats, found: Floats) -> None:
        """The products with vectors that stand upright, a row of them for each row."""
        buffer = np.empty((AT_ONCE, len(turned)), np.float32)
        for at in range(0, len(self), AT_ONCE):
            part = buffer[: min(AT_ONCE, len(self) - at)]
            np.copyto(part, self.numbers[at : at + len(part)])
            np.dot(part, turned, out=found[at : at + len(part)])
        found *= self.units[:, None]


@dataclass(frozen=True, slots=True)
class QuantizedVectors:
    """Rows that a next one shares (`base`), and a few that it copies when it adds to them."""

    base: Rows
    tail: Rows

    @classmethod
    def of(cls, rows: Rows) -> QuantizedVectors:
        return cls(rows, Rows.none(rows.dimensions))

    @property
    def dimensions(self) -> int:
        return self.base.dimensions

    def grown(self, new: Rows) -> QuantizedVectors:
        tail = self.tail.joined(new)
        return QuantizedVectors(self.base, tail) if len(tail) <= _TAIL else QuantizedVectors.of(self.base.joined(tail))

    def picked(self, places: Numbers) -> QuantizedVectors:
        whole = self.base.joined(self.tail)
        return QuantizedVectors.of(Rows(whole.numbers[places], whole.units[places]))

    def __len__(self) -> int:
        return len(self.base) + len(self.tail)

    def __getitem__(self, places: Numbers) -> Floats:
        """Some of the rows, unpacked."""
        first = len(self.base)
        if not len(self.tail) or not len(places) or places.max() < first:
            return self.base[places]
        found, late = np.empty((len(places), self.dimensions), np.float32), places >= first
        found[~late], found[late] = self.base[places[~late]], self.tail[places[late] - first]
        return found

    def dot(self, vectors: Floats) -> Floats:
        """For each of the vectors its products with all rows."""
        found, turned = np.empty((len(self), len(vectors)), np.float32), np.ascontiguousarray(vectors.T)
        self.base.dot(turned, found[: len(self.base)])
        self.tail.dot(turned, found[len(self.base) :])
        return np.ascontiguousarray(found.T)


@dataclass(frozen=True, slots=True)
class VectorView:
    """Some rows of `packed` in an order of their own, the same one perhaps more than once."""

    packed: QuantizedVectors
    places: Numbers

    @property
    def dimensions(self) -> int:
        return self.packed.dimensions

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, numbers: Numbers | slice) -> Floats:
        return self.packed[self.places[numbers]]

    def dot(self, vectors: Floats) -> Floats:
        """For each of the vectors its products with all of them."""
        return self.packed.dot(vectors)[:, self.places]


@dataclass(frozen=True, slots=True)
class TextVectors:
    """The vectors of texts, each in the row that `rows` says."""

    packed: QuantizedVectors
    rows: dict[str, int]

    @classmethod
    def none(cls, dimensions: int) -> TextVectors:
        return cls(QuantizedVectors.of(Rows.none(dimensions)), {})

    def of(self, texts: Iterable[str], embed: Callable[[Sequence[str]], Halves]) -> TextVectors:
        """These texts and no other; only those that are not remembered are embedded."""
        wanted = dict.fromkeys(texts)
        new = [text for text in wanted if text not in self.rows]
        packed = self.packed.grown(_embedded(new, embed, self.packed.dimensions)) if new else self.packed
        rows = {text: self.rows[text] for text in wanted if text in self.rows}
        rows |= {text: len(self.packed) + number for number, text in enumerate(new)}
        if len(packed) <= _TAIL + _SPARE * len(rows):
            return TextVectors(packed, rows)
        return TextVectors(packed.picked(_places(rows.values())), {text: row for row, text in enumerate(rows)})

    def chosen(self, texts: Iterable[str]) -> VectorView:
        return VectorView(self.packed, _places(self.rows[text] for text in texts))


def _embedded(texts: Sequence[str], embed: Callable[[Sequence[str]], Halves], dimensions: int) -> Rows:
    parts = (embed(texts[at : at + _EMBEDDED]) for at in range(0, len(texts), _EMBEDDED))
    return Rows.of(parts, len(texts), dimensions)


def _places(rows: Iterable[int]) -> Numbers:
    return np.fromiter(rows, np.int64)
