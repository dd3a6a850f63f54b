"""Linear discriminants over embeddings: which entry a question belongs to, and whether it is a question. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bot.matching.arrays import Doubles, Flags, Floats, Numbers
from bot.matching.quantized import BLOCK, QuantizedVectors

_ENTRIES = 100  # in one block


@dataclass(frozen=True, slots=True)
class SemanticScores:
    """Scores of one question by its vector."""

    cosines: Floats  # (n_phrasings,)
    nearest: Floats  # (n_entries,): cosine of the nearest phrasing
    discriminant: Floats  # (n_entries,)


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
        self._covariance = _regularised(scatter / max(len(phrasings), 1))
        self._directions, self._offsets = _discriminant(self._covariance, means)

    def scores(self, vectors: Floats) -> list[SemanticScores]:
        """One for each row of `vectors`, `(n_questions, dimensions)`."""
        cosines = self._texts.dot(vectors)
        nearest = np.maximum.reduceat(cosines, self._firsts, axis=1)
        discriminant = [self._directions @ vector + self._offsets for vector in vectors]
        return [SemanticScores(*one) for one in zip(cosines, nearest, discriminant, strict=True)]

    def discriminant_without(self, number: int, place: int) -> Floats:
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


def _regularised(covariance: Doubles, trace: float = 1.0) -> Doubles:
    """Plus a multiple of the identity of that trace: shrinkage as in regularised discriminant analysis (Friedman 1989),
    of fixed strength rather than estimated (as by Ledoit and Wolf 2004)."""
    return covariance + np.eye(len(covariance)) * (trace / len(covariance))


def _discriminant(covariance: Doubles, means: Floats) -> tuple[Floats, Floats]:
    """Directions `(n_classes, dimensions)` and offsets `(n_classes,)`, all classes being equally likely."""
    precision, directions = np.linalg.inv(covariance), np.empty(means.shape, np.float32)
    for at in range(0, len(means), BLOCK):
        directions[at : at + BLOCK] = means[at : at + BLOCK].astype(np.float64) @ precision
    offsets = -0.5 * np.einsum("ij,ij->i", directions, means)
    return directions, offsets.astype(np.float32)


class WordVectors:
    """Static vectors of the knowledge's words, by their numbers, centred on their mean."""

    def __init__(self, words: QuantizedVectors) -> None:
        self._words = words
        total, self._norms = np.zeros(words.dimensions), np.ones(len(words), np.float32)
        blocks = [slice(at, at + BLOCK) for at in range(0, len(words), BLOCK)]
        for block in blocks:
            total += words[block].sum(axis=0)
        self._mean: Floats = (total / max(1, len(words))).astype(np.float32)
        for block in blocks:
            self._norms[block] = np.linalg.norm(words[block] - self._mean, axis=1).clip(1e-9)

    def centred(self, vectors: Floats) -> Floats:
        """The vectors minus the mean, rows of length 1."""
        differences = vectors - self._mean
        rows: Floats = differences / np.linalg.norm(differences, axis=1, keepdims=True).clip(1e-9)
        return rows

    def similarity(self, centred: Floats, words: Numbers) -> Floats:
        """Cosine of each row to the nearest of the words, 0 to 1, `(n_rows,)`."""
        cosines = (centred @ (self._words[words] - self._mean).T) / self._norms[words]
        nearest: Floats = cosines.max(axis=1, initial=0.0).clip(0, 1)
        return nearest


class QuestionClassifier:
    """Linear discriminant between messages that ask and those that chat, state or announce."""

    _TRACE = 3.0  # the examples are few beside the dimensions

    def __init__(self, vectors: Floats, is_question: Flags) -> None:
        """`vectors`: `(n_examples, dimensions)`; `is_question`: `(n_examples,)`."""
        means = np.stack([vectors[is_question].mean(axis=0), vectors[~is_question].mean(axis=0)])
        within = np.where(is_question[:, None], vectors - means[0], vectors - means[1])
        covariance = _regularised((within.T @ within).astype(np.float64) / max(len(within), 1), self._TRACE)
        directions, offsets = _discriminant(covariance, means)
        self._direction, self._offset = directions[0] - directions[1], float(offsets[0] - offsets[1])

    def log_likelihood_ratio(self, vector: Floats) -> float:
        """Above 0 the message is more like the questions."""
        return float(self._direction @ vector + self._offset)
