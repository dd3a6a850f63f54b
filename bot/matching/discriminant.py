"""Linear discriminant over embeddings: which entry a question belongs to. Pure."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from bot.arrays import Doubles, Floats, Numbers
from bot.matching.quantized import BLOCK, QuantizedVectors

_ENTRIES = 100  # in one block
_SHRINKAGE = 30.0  # added to each variance, divided by the degrees of freedom that remain
_FEWEST = 20  # degrees of freedom


class EntryDiscriminant:
    """Linear discriminant analysis with entries as classes and their phrasings as samples (Fisher 1936; Hastie,
    Tibshirani and Friedman 2009, section 4.3), on a regularised covariance.

    The phrasings of an entry are consecutive, at least one; `firsts` are the numbers of the first ones, `(n_entries,)`.
    """

    def __init__(self, phrasings: QuantizedVectors, firsts: Numbers) -> None:
        self.size, self._texts, self._firsts = len(firsts), phrasings, firsts
        scatter = np.zeros((phrasings.dimensions, phrasings.dimensions))
        means = np.empty((self.size, phrasings.dimensions), np.float32)
        bounds = np.append(firsts, len(phrasings))
        for at in range(0, self.size, _ENTRIES):
            places, starts = slice(at, at + _ENTRIES), bounds[at : at + _ENTRIES + 1]
            vectors, counts = phrasings[starts[0] : starts[-1]], np.diff(starts)
            means[places] = np.add.reduceat(vectors, starts[:-1] - starts[0], axis=0) / counts[:, None]
            within = vectors - np.repeat(means[places], counts, axis=0)
            scatter += within.T @ within
        self._covariance = _regularised(scatter / max(len(phrasings), 1), len(phrasings), self.size)
        self._directions, self._offsets = _discriminant(self._covariance, means)

    def scores(self, vectors: Floats) -> Floats:
        """`(n_questions, n_entries)`, from `(n_questions, dimensions)`."""
        scores: Floats = vectors @ self._directions.T + self._offsets
        return scores

    def scores_without(self, number: int, place: int) -> Floats:
        """Leave-one-out scores of a phrasing, `(n_entries,)`; its entry must have another phrasing.

        Without one sample the covariance changes by a matrix of rank one, so its inverse follows in closed form
        (Sherman and Morrison 1950).
        """
        own = self._texts[self._of(place)]
        vector, mean = own[number - int(self._firsts[place])], own.mean(axis=0)
        other_mean = (own.sum(axis=0) - vector) / (len(own) - 1)
        deviation = vector - mean
        whitened = self._precision @ deviation
        factor = len(own) / (len(own) - 1) / len(self._texts)
        gain = factor / (1 - factor * float(deviation @ whitened))
        along = self._directions @ deviation
        scores: Floats = self._directions @ vector + self._offsets + gain * along * (whitened @ vector - along / 2)
        direction = self._precision @ other_mean + gain * (whitened @ other_mean) * whitened
        scores[place] = direction @ vector - direction @ other_mean / 2
        return scores

    def _of(self, place: int) -> slice:
        return slice(int(self._firsts[place]), int(self._firsts[place + 1]) if place + 1 < self.size else None)

    @cached_property
    def _precision(self) -> Floats:
        """Inverse covariance, for leave-one-out alone."""
        return np.linalg.inv(self._covariance).astype(np.float32)


def _regularised(covariance: Doubles, n_samples: int, n_classes: int) -> Doubles:
    """Plus a multiple of the identity, larger where few samples estimate the covariance: shrinkage as in regularised
    discriminant analysis (Friedman 1989)."""
    return covariance + np.eye(len(covariance)) * (_SHRINKAGE / max(n_samples - n_classes, _FEWEST))


def _discriminant(covariance: Doubles, means: Floats) -> tuple[Floats, Floats]:
    """Directions `(n_classes, dimensions)` and offsets `(n_classes,)`, all classes being equally likely."""
    precision, directions = np.linalg.inv(covariance), np.empty(means.shape, np.float32)
    for at in range(0, len(means), BLOCK):
        directions[at : at + BLOCK] = means[at : at + BLOCK].astype(np.float64) @ precision
    offsets = -0.5 * np.einsum("ij,ij->i", directions, means)
    return directions, offsets.astype(np.float32)
