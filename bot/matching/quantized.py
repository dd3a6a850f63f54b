"""Vectors quantised to 16-bit integers, each row with its own scale, and multiplied block by block.

Half precision takes as much memory, but numpy needs nine times as long to read it. In a row of length 1 a number is
accurate to about 0.000003, the product of two rows to about 0.00001.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from bot.arrays import Floats, Halves, Numbers

BLOCK = 512  # rows that are unpacked together and fit the processor's cache
_MAX = 32767
_EMBEDDED = 10_000  # texts whose vectors are in memory unpacked


class QuantizedVectors:
    """Vectors of texts, a row each: `numbers * scales[:, None]`."""

    def __init__(self, texts: Sequence[str], embed: Callable[[Sequence[str]], Halves], dimensions: int) -> None:
        """`embed`: encodes texts, `(n_texts, dimensions)`."""
        self.dimensions = dimensions
        self._numbers: NDArray[np.int16] = np.empty((len(texts), dimensions), np.int16)
        self._scales: Floats = np.empty(len(texts), np.float32)
        for first in range(0, len(texts), _EMBEDDED):
            halves = embed(texts[first : first + _EMBEDDED])
            for at in range(0, len(halves), BLOCK):
                vectors = halves[at : at + BLOCK].astype(np.float32)
                rows = slice(first + at, first + at + len(vectors))
                self._scales[rows] = np.abs(vectors).max(axis=1) / np.float32(_MAX)
                self._numbers[rows] = np.rint(vectors / self._scales[rows, None])

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, places: Numbers | slice) -> Floats:
        """Return some of the rows unpacked, `(n_places, dimensions) float32`."""
        rows: Floats = self._numbers[places].astype(np.float32)
        rows *= self._scales[places][:, None]
        return rows

    def dot(self, vectors: Floats) -> Floats:
        """Return the dot products of `(n, dimensions)` with all rows, `(n, n_rows) float32`."""
        products, columns = np.empty((len(self), len(vectors)), np.float32), np.ascontiguousarray(vectors.T)
        buffer = np.empty((BLOCK, self.dimensions), np.float32)
        for at in range(0, len(self), BLOCK):
            part = buffer[: min(BLOCK, len(self) - at)]
            np.copyto(part, self._numbers[at : at + len(part)])
            np.dot(part, columns, out=products[at : at + len(part)])
        products *= self._scales[:, None]
        return np.ascontiguousarray(products.T)
