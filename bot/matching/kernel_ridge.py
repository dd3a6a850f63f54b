"""Kernel ridge regression (dual form): score of each entry from the similarity of a question to every phrasing. Pure.

After Saunders, Gammerman and Vovk (1998), 'Ridge regression learning algorithm in dual variables'; in geology, kriging.
Regresses the membership of an entry (0 or 1) on the phrasings, with a kernel of cosine and shared n-grams. So phrasings
that lie close together share their weight, one that stands alone speaks for its surroundings, and far from all of them
every score is near 0.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cached_property

import numpy as np

from bot.matching.arrays import Floats, Numbers
from bot.matching.postings import Postings
from bot.matching.quantized import QuantizedVectors

MAX_SOLVED = 2_500  # phrasings that are solved when the index is built, within a second
_NEIGHBOURS = 160  # phrasings that are solved for each question if there are more
_GAMMA = 2.0  # of the kernel exp(gamma * (cosine - 1))
_GRAM_WEIGHT = 0.3  # of n-grams in the kernel
_RIDGE = 0.1
_LOCAL_RIDGE = 0.3  # among neighbours, where the kernel between phrasings leaves n-grams out

Solution = Callable[[bytes, Callable[[], Floats]], Floats]
"""(problem, solve) -> what `solve` returns, perhaps from a cache."""


class KernelRidge:
    def __init__(
        self,
        vectors: Floats | QuantizedVectors,
        grams: Postings,
        owners: Numbers,
        size: int,
        solution: Solution = lambda _, solve: solve(),
    ) -> None:
        """`vectors`: of the phrasings, `(n_phrasings, dimensions)`, rows of length 1; `grams`: a row for each phrasing;
        `owners`: place of each phrasing's entry, `(n_phrasings,)`, rising, none left out; `size`: number of entries."""
        self._vectors, self._grams, self._owners, self._size = vectors, grams, owners, size
        self._weights = solution(self._problem(), self._solve) if len(owners) <= MAX_SOLVED else None

    def scores(self, cosines: Floats, grams: Floats) -> Floats:
        """`(n_entries,)`, about 0 to 1, from the similarities to each phrasing, `(n_phrasings,)`."""
        kernel = _kernel(cosines, grams)
        if self._weights is None:
            return self._local(kernel, np.argpartition(-kernel, _NEIGHBOURS)[:_NEIGHBOURS])
        scores: Floats = kernel @ self._weights
        return scores

    def scores_without(self, number: int, cosines: Floats, grams: Floats) -> Floats:
        """Leave-one-out scores of a phrasing, in closed form (Rasmussen and Williams 2006, section 5.4.2)."""
        if self._weights is None:
            near = np.argpartition(-_kernel(cosines, grams), _NEIGHBOURS + 1)[: _NEIGHBOURS + 1]
            return self._local(_kernel(cosines, grams), near[near != number])
        scores: Floats = -self._weights[number] / self._inverse[number, number]
        scores[self._owners[number]] += 1
        return scores

    def _problem(self) -> bytes:
        """Hash of all that the solution depends on."""
        digest = hashlib.sha256(np.array([_GAMMA, _GRAM_WEIGHT, _RIDGE, self._size]).data)
        for part in (self._owners, self._vectors[:], *self._grams.content()):
            digest.update(np.ascontiguousarray(part).data)
        return digest.digest()

    def _solve(self) -> Floats:
        """Dual coefficients, `(n_phrasings, n_entries)`."""
        labels = np.zeros((len(self._owners), self._size), np.float32)
        labels[np.arange(len(self._owners)), self._owners] = 1
        return solve(self._matrix(), labels)

    def _matrix(self) -> Floats:
        """Kernel matrix plus ridge, `(n_phrasings, n_phrasings)`."""
        vectors = self._vectors[:]
        matrix: Floats = vectors @ vectors.T
        del vectors
        matrix -= 1
        matrix *= _GAMMA
        self._grams.add_products(np.exp(matrix, out=matrix), _GRAM_WEIGHT)
        matrix[np.diag_indices(len(matrix))] = 1 + _GRAM_WEIGHT + _RIDGE
        return matrix

    @cached_property
    def _inverse(self) -> Floats:
        """For leave-one-out alone."""
        return np.linalg.inv(self._matrix())

    def _local(self, kernel: Floats, near: Numbers) -> Floats:
        """Scores from the nearest phrasings alone."""
        vectors = self._vectors[near]
        matrix = np.exp(_GAMMA * (vectors @ vectors.T - 1))
        matrix[np.diag_indices(len(near))] += _LOCAL_RIDGE
        weights = np.linalg.solve(matrix, kernel[near])
        return np.bincount(self._owners[near], weights=weights, minlength=self._size).astype(np.float32)


def _kernel(cosines: Floats, grams: Floats) -> Floats:
    kernel: Floats = np.exp(_GAMMA * (cosines - 1)) + np.float32(_GRAM_WEIGHT) * grams
    return kernel


_BLOCK = 128


def solve(matrix: Floats, sides: Floats) -> Floats:
    """Solve `matrix @ x = sides` by blocked Cholesky factorisation, `matrix` being symmetric and positive definite.

    In place, to save memory: `matrix` becomes its factor, `sides` the solution. Raises `LinAlgError`.
    """
    blocks = [slice(at, min(at + _BLOCK, len(matrix))) for at in range(0, len(matrix), _BLOCK)]
    for block in blocks:
        _eliminate(matrix, block)
    for block in blocks:  # the diagonal blocks of the factor are stored inverted
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
    for at in range(0, len(below), _BLOCK * 4):  # the lower half of what is left
        part = slice(block.stop + at, block.stop + at + _BLOCK * 4)
        matrix[part.start :, part] -= below[at:] @ below[at : at + _BLOCK * 4].T
