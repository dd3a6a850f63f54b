"""Vectors quantised to 16-bit integers, each row with its own scale, and multiplied block by block.

Half precision takes as much memory, but numpy needs nine times as long to read it. In a row of length 1 a number is
accurate to about 0.000003, the product of two rows to about 0.00001.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.matching.arrays import Floats, Halves, Numbers

BLOCK = 512  # rows that are unpacked together and fit the processor's cache
_MAX = 32767
_TAIL = 2_000  # rows that are copied when some are added; the others are shared
_SPARE = 1.25  # rows for each one in use before unused ones are dropped
_BATCH = 10_000  # texts whose vectors are in memory unpacked


@dataclass(frozen=True, slots=True)
class Rows:
    """`numbers * scales[:, None]`."""

    numbers: NDArray[np.int16]  # (n_rows, dimensions)
    scales: Floats  # (n_rows,)

    @classmethod
    def of(cls, parts: Iterable[Floats | Halves], size: int, dimensions: int) -> Rows:
        """`parts` are `(n, dimensions)`, `size` rows in all."""
        numbers, scales, at = np.empty((size, dimensions), np.int16), np.empty(size, np.float32), 0
        for part in parts:
            vectors, rows = part.astype(np.float32), slice(at, at + len(part))
            scales[rows] = np.abs(vectors).max(axis=1, initial=1e-9) / np.float32(_MAX)
            numbers[rows], at = np.rint(vectors / scales[rows, None]), at + len(part)
        return cls(numbers, scales)

    @classmethod
    def none(cls, dimensions: int) -> Rows:
        return cls(np.empty((0, dimensions), np.int16), np.empty(0, np.float32))

    @property
    def dimensions(self) -> int:
        return int(self.numbers.shape[1])

    def joined(self, other: Rows) -> Rows:
        if not len(self):
            return other
        return Rows(np.concatenate([self.numbers, other.numbers]), np.concatenate([self.scales, other.scales]))

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, places: Numbers) -> Floats:
        rows: Floats = self.numbers[places].astype(np.float32)
        rows *= self.scales[places][:, None]
        return rows

    def dot(self, columns: Floats, products: Floats) -> None:
        """Products with `columns`, `(dimensions, n)`, written to `products`, `(n_rows, n)`."""
        buffer = np.empty((BLOCK, len(columns)), np.float32)
        for at in range(0, len(self), BLOCK):
            part = buffer[: min(BLOCK, len(self) - at)]
            np.copyto(part, self.numbers[at : at + len(part)])
            np.dot(part, columns, out=products[at : at + len(part)])
        products *= self.scales[:, None]


@dataclass(frozen=True, slots=True)
class QuantizedVectors:
    """Rows shared with later versions (`base`), and a few that these copy to extend them."""

    base: Rows
    tail: Rows

    @classmethod
    def of(cls, rows: Rows) -> QuantizedVectors:
        return cls(rows, Rows.none(rows.dimensions))

    @property
    def dimensions(self) -> int:
        return self.base.dimensions

    def extended(self, new: Rows) -> QuantizedVectors:
        tail = self.tail.joined(new)
        return QuantizedVectors(self.base, tail) if len(tail) <= _TAIL else QuantizedVectors.of(self.base.joined(tail))

    def take(self, places: Numbers) -> QuantizedVectors:
        whole = self.base.joined(self.tail)
        return QuantizedVectors.of(Rows(whole.numbers[places], whole.scales[places]))

    def __len__(self) -> int:
        return len(self.base) + len(self.tail)

    def __getitem__(self, places: Numbers) -> Floats:
        """Some of the rows, unpacked, `(n_places, dimensions) float32`."""
        first = len(self.base)
        if not len(self.tail) or not len(places) or places.max() < first:
            return self.base[places]
        rows, in_tail = np.empty((len(places), self.dimensions), np.float32), places >= first
        rows[~in_tail], rows[in_tail] = self.base[places[~in_tail]], self.tail[places[in_tail] - first]
        return rows

    def dot(self, vectors: Floats) -> Floats:
        """Products of `(n, dimensions)` with all rows, `(n, n_rows) float32`."""
        products, columns = np.empty((len(self), len(vectors)), np.float32), np.ascontiguousarray(vectors.T)
        self.base.dot(columns, products[: len(self.base)])
        self.tail.dot(columns, products[len(self.base) :])
        return np.ascontiguousarray(products.T)


@dataclass(frozen=True, slots=True)
class VectorView:
    """Some rows of `vectors` in an order of their own, perhaps repeated."""

    vectors: QuantizedVectors
    places: Numbers

    @property
    def dimensions(self) -> int:
        return self.vectors.dimensions

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, numbers: Numbers | slice) -> Floats:
        return self.vectors[self.places[numbers]]

    def dot(self, vectors: Floats) -> Floats:
        """Products of `(n, dimensions)` with the rows, `(n, n_rows) float32`."""
        return self.vectors.dot(vectors)[:, self.places]


@dataclass(frozen=True, slots=True)
class TextVectors:
    """Vectors of texts; `rows` has the row of each text."""

    vectors: QuantizedVectors
    rows: dict[str, int]

    @classmethod
    def none(cls, dimensions: int) -> TextVectors:
        return cls(QuantizedVectors.of(Rows.none(dimensions)), {})

    def of(self, texts: Iterable[str], embed: Callable[[Sequence[str]], Halves]) -> TextVectors:
        """The vectors of these texts and no others; `embed` gets those that are new."""
        wanted = dict.fromkeys(texts)
        new = [text for text in wanted if text not in self.rows]
        vectors = self.vectors.extended(_embedded(new, embed, self.vectors.dimensions)) if new else self.vectors
        rows = {text: self.rows[text] for text in wanted if text in self.rows}
        rows |= {text: len(self.vectors) + number for number, text in enumerate(new)}
        if len(vectors) <= _TAIL + _SPARE * len(rows):
            return TextVectors(vectors, rows)
        return TextVectors(vectors.take(_places(rows.values())), {text: row for row, text in enumerate(rows)})

    def view(self, texts: Iterable[str]) -> VectorView:
        return VectorView(self.vectors, _places(self.rows[text] for text in texts))


def _embedded(texts: Sequence[str], embed: Callable[[Sequence[str]], Halves], dimensions: int) -> Rows:
    parts = (embed(texts[at : at + _BATCH]) for at in range(0, len(texts), _BATCH))
    return Rows.of(parts, len(texts), dimensions)


def _places(rows: Iterable[int]) -> Numbers:
    return np.fromiter(rows, np.int64)
