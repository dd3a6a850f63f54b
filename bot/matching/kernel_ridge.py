"""What all phrasings say together of a question: each speaks for its entry, those that are alike not twice. Pure.

Kernel ridge regression (in geology: kriging) from phrasings to their entries; two texts are alike by meaning and by
n-grams. Where many phrasings lie close together each adds little, one that stands alone speaks for all around it, and
far from all of them nobody says anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cached_property

import numpy as np

from bot.matching.arrays import Floats, Numbers
from bot.matching.postings import Postings
from bot.matching.quantized import VectorView

MOST = 2_500  # phrasings that are solved when the knowledge is read, within a second
_NEAR = 160  # phrasings that are solved for each question where there are more
_STEEP = 2.0  # how fast likeness of meaning falls with the cosine
_LETTERS = 0.3  # what n-grams in common weigh beside meaning
_NOISE = 0.1  # how far a phrasing may be wrong
_MORE_NOISE = 0.3  # the same where it is not looked at which n-grams phrasings share among themselves


Solved = Callable[[bytes, Callable[[], Floats]], Floats]


class KernelRidge:
    """`owners` names the entry of each phrasing, in rising order, none left out."""

    def __init__(
        self,
        vectors: Floats | VectorView,
        grams: Postings,
        owners: Numbers,
        size: int,
        solved: Solved = lambda _, solve: solve(),
    ) -> None:
        """`solved`: where a solution may be kept; given the problem and what solves it."""
        self._vectors, self._grams, self._owners, self._size = vectors, grams, owners, size
        self._weights = solved(self._problem(), self._solve) if len(owners) <= MOST else None

    def said(self, cosines: Floats, grams: Floats) -> Floats:
        """For each entry how far its phrasings speak for it, about 0 to 1; the phrasings' likenesses are given."""
        alike = _alike(cosines, grams)
        if self._weights is None:
            return self._near(alike, np.argpartition(-alike, _NEAR)[:_NEAR])
        found: Floats = alike @ self._weights
        return found

    def said_without(self, number: int, cosines: Floats, grams: Floats) -> Floats:
        """The same of the text of a phrasing, had its entry never had it."""
        if self._weights is None:
            near = np.argpartition(-_alike(cosines, grams), _NEAR + 1)[: _NEAR + 1]
            return self._near(_alike(cosines, grams), near[near != number])
        found: Floats = -self._weights[number] / self._inverse[number, number]
        found[self._owners[number]] += 1
        return found

    def _problem(self) -> bytes:
        """All that the solution depends on, in short."""
        found = hashlib.sha256(np.array([_STEEP, _LETTERS, _NOISE, self._size]).data)
        for part in (self._owners, self._vectors[:], *self._grams.content()):
            found.update(np.ascontiguousarray(part).data)
        return found.digest()

    def _solve(self) -> Floats:
        """One column for each entry: what each phrasing's likeness counts for it."""
        labels = np.zeros((len(self._owners), self._size), np.float32)
        labels[np.arange(len(self._owners)), self._owners] = 1
        return solve(self._kernel(), labels)

    def _kernel(self) -> Floats:
        vectors = self._vectors[:]
        kernel: Floats = vectors @ vectors.T
        del vectors
        kernel -= 1
        kernel *= _STEEP
        self._grams.add_products(np.exp(kernel, out=kernel), _LETTERS)
        kernel[np.diag_indices(len(kernel))] = 1 + _LETTERS + _NOISE
        return kernel

    @cached_property
    def _inverse(self) -> Floats:
        """Only for who leaves texts out."""
        return np.linalg.inv(self._kernel())

    def _near(self, alike: Floats, near: Numbers) -> Floats:
        mine = self._vectors[near]
        kernel = np.exp(_STEEP * (mine @ mine.T - 1))
        kernel[np.diag_indices(len(near))] += _MORE_NOISE
        weights = np.linalg.solve(kernel, alike[near])
        return np.bincount(self._owners[near], weights=weights, minlength=self._size).astype(np.float32)


def _alike(cosines: Floats, grams: Floats) -> Floats:
    found: Floats = np.exp(_STEEP * (cosines - 1)) + np.float32(_LETTERS) * grams
    return found


_BLOCK = 128


def solve(matrix: Floats, sides: Floats) -> Floats:
    """What `matrix` times it gives `sides`. Both are used up: `matrix` becomes its factor, `sides` the solution."""
    blocks = [slice(at, min(at + _BLOCK, len(matrix))) for at in range(0, len(matrix), _BLOCK)]
    for block in blocks:
        _eliminate(matrix, block)
    for block in blocks:  # the factor's diagonal blocks stand there turned round
        sides[block] -= matrix[block, : block.start] @ sides[: block.start]
        sides[block] = matrix[block, block] @ sides[block]
    for block in reversed(blocks):
        sides[block] -= matrix[block.stop :, block].T @ sides[block.stop :]
        sides[block] = matrix[block, block].T @ sides[block]
    return sides


def _eliminate(matrix: Floats, block: slice) -> None:
    factor = np.linalg.cholesky(matrix[block, block].astype(np.float64))
    matrix[block, block] = np.linalg.inv(factor)
    below = matrix[block.stop :, block]
    below[:] = below @ matrix[block, block].T
    for at in range(0, len(below), _BLOCK * 4):  # of what is left only the lower half
        there = slice(block.stop + at, block.stop + at + _BLOCK * 4)
        matrix[there.start :, there] -= below[at:] @ below[at : at + _BLOCK * 4].T
