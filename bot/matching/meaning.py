"""What the knowledge's texts mean, in vectors: nearest phrasing, linear discriminants. Pure."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bot.matching.semantic import DIMENSIONS, Floats


class Meaning:
    """What the knowledge's texts mean. `owners` names the entry of each vector, in rising order, none left out."""

    def __init__(self, vectors: Floats, owners: NDArray[np.int64], size: int) -> None:
        self._vectors, self.size = vectors, size
        self._firsts = np.searchsorted(owners, np.arange(size))
        counts = np.bincount(owners, minlength=size)[:, None]
        means = (np.add.reduceat(vectors, self._firsts, axis=0) / counts).astype(np.float32)
        self._covariance = _covariance(vectors - means[owners])
        self._directions, self._offsets = _discriminant(self._covariance, means)

    def near(self, vector: Floats) -> tuple[Floats, Floats]:
        """For each text its cosine; for each entry that of its nearest text."""
        cosines = self._vectors @ vector
        return cosines, np.maximum.reduceat(cosines, self._firsts)

    def discriminant(self, vector: Floats) -> Floats:
        """For each entry how far the vector lies on its side of what tells the entries apart (a log-likelihood)."""
        found: Floats = self._directions @ vector + self._offsets
        return found

    def discriminant_without(self, number: int, place: int) -> Floats:
        """What `discriminant` would say of that text, had its entry never had it. The entry must have another one.

        One text less changes the covariance by a matrix of rank one, so nothing is solved anew (Sherman and Morrison).
        """
        mine = self._vectors[self._firsts[place] : self._firsts[place + 1] if place + 1 < self.size else None]
        vector, mean = self._vectors[number], mine.mean(axis=0)
        other_mean = (mine.sum(axis=0) - vector) / (len(mine) - 1)
        away = vector - mean
        turned = self._precision @ away
        lighter = len(mine) / (len(mine) - 1) / len(self._vectors)
        gain = lighter / (1 - lighter * float(away @ turned))
        seen = self._directions @ away
        found: Floats = self.discriminant(vector) + gain * seen * (turned @ vector - seen / 2)
        direction = self._precision @ other_mean + gain * (turned @ other_mean) * turned
        found[place] = direction @ vector - direction @ other_mean / 2
        return found

    @cached_property
    def _precision(self) -> Floats:
        """The covariance turned round; only for who leaves texts out."""
        return np.linalg.inv(self._covariance.astype(np.float64)).astype(np.float32)


def _covariance(within: Floats, shrunk: float = 1.0) -> Floats:
    """Shrunk towards a round one of trace `shrunk`."""
    round_one = np.eye(DIMENSIONS, dtype=np.float32) * (shrunk / DIMENSIONS)
    covariance: Floats = within.T @ within / max(len(within), 1) + round_one
    return covariance


def _discriminant(covariance: Floats, means: Floats) -> tuple[Floats, Floats]:
    """Linear discriminant analysis in closed form."""
    directions = np.linalg.solve(covariance.astype(np.float64), means.T.astype(np.float64)).T
    offsets = -0.5 * np.einsum("ij,ij->i", directions, means)
    return directions.astype(np.float32), offsets.astype(np.float32)


class Senses:
    """What the knowledge's single words mean, each seen from the middle of them all."""

    def __init__(self, vectors: Floats) -> None:
        self._middle: Floats = vectors.mean(axis=0)
        self._vectors = self.look(vectors).astype(np.float16)  # there may be tens of thousands

    def look(self, vectors: Floats) -> Floats:
        seen = vectors - self._middle
        found: Floats = seen / np.linalg.norm(seen, axis=1, keepdims=True).clip(1e-9)
        return found

    def kinship(self, seen: Floats, words: NDArray[np.int64]) -> Floats:
        """For each word looked at the cosine, 0 to 1, of the nearest of the given ones."""
        found: Floats = (seen @ self._vectors[words].astype(np.float32).T).max(axis=1, initial=0.0).clip(0, 1)
        return found


class Tone:
    """Tells messages that ask from those that chat, tell or announce, by two heaps of examples."""

    _SHRUNK = 3.0  # the examples are few beside 512 dimensions

    def __init__(self, vectors: Floats, asks: NDArray[np.bool_]) -> None:
        means = np.stack([vectors[asks].mean(axis=0), vectors[~asks].mean(axis=0)])
        within = np.where(asks[:, None], vectors - means[0], vectors - means[1])
        directions, offsets = _discriminant(_covariance(within, self._SHRUNK), means)
        self._direction, self._offset = directions[0] - directions[1], float(offsets[0] - offsets[1])

    def of(self, vector: Floats) -> float:
        """A log-likelihood ratio: above 0 the message sounds like a question for us."""
        return float(self._direction @ vector + self._offset)
