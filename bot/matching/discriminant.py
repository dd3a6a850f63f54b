"""What the knowledge's texts mean, in vectors: nearest phrasing, linear discriminants. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bot.matching.arrays import Doubles, Floats, Numbers
from bot.matching.quantized import AT_ONCE, VectorView

_ENTRIES = 100  # that are looked at together


@dataclass(frozen=True, slots=True)
class SemanticScores:
    """What a question's vector says: for each phrasing its cosine, for each entry that of its nearest and how far the
    question lies on its side of what tells the entries apart."""

    cosines: Floats
    nearest: Floats
    discriminant: Floats


class EntryDiscriminant:
    """What the knowledge's texts mean. The texts of each entry stand together, at least one; `firsts` has their first.

    `previous`: what this one takes over from, with the entries of it that are gone and those of this one that are new.
    """

    def __init__(
        self,
        texts: VectorView,
        firsts: Numbers,
        previous: tuple[EntryDiscriminant, Sequence[int], Sequence[int]] | None = None,
    ) -> None:
        self.size, self._texts, self._firsts = len(firsts), texts, firsts
        if previous:
            other, gone, new = previous
            self._scatter: Doubles = other._scatter - other._scattered(gone) + self._scattered(new)
        else:
            self._scatter = self._scattered(range(self.size))
        self._covariance = _shrunk(self._scatter / max(len(texts), 1))
        self._directions, self._offsets = _discriminant(self._covariance, self._means())

    def near(self, vectors: Floats) -> list[SemanticScores]:
        """For each of the vectors."""
        cosines = self._texts.dot(vectors)
        nearest = np.maximum.reduceat(cosines, self._firsts, axis=1)
        discriminant = [self._directions @ vector + self._offsets for vector in vectors]
        return [SemanticScores(*one) for one in zip(cosines, nearest, discriminant, strict=True)]

    def discriminant_without(self, number: int, place: int) -> Floats:
        """What the discriminant would say of that text, had its entry never had it. The entry must have another one.

        One text less changes the covariance by a matrix of rank one, so nothing is solved anew (Sherman and Morrison).
        """
        mine = self._texts[self._of(place)]
        vector, mean = mine[number - int(self._firsts[place])], mine.mean(axis=0)
        other_mean = (mine.sum(axis=0) - vector) / (len(mine) - 1)
        away = vector - mean
        turned = self._precision @ away
        lighter = len(mine) / (len(mine) - 1) / len(self._texts)
        gain = lighter / (1 - lighter * float(away @ turned))
        seen = self._directions @ away
        found: Floats = self._directions @ vector + self._offsets + gain * seen * (turned @ vector - seen / 2)
        direction = self._precision @ other_mean + gain * (turned @ other_mean) * turned
        found[place] = direction @ vector - direction @ other_mean / 2
        return found

    def _of(self, place: int) -> slice:
        return slice(int(self._firsts[place]), int(self._firsts[place + 1]) if place + 1 < self.size else None)

    @cached_property
    def _precision(self) -> Floats:
        """The covariance turned round; only for who leaves texts out."""
        return np.linalg.inv(self._covariance).astype(np.float32)

    def _scattered(self, places: Sequence[int] | Numbers) -> Doubles:
        """How the texts of some entries lie around the middle of their entry."""
        total = np.zeros((self._texts.dimensions, self._texts.dimensions))
        for _, texts, starts, counts in self._blocks(places):
            means = np.add.reduceat(texts, starts, axis=0) / counts[:, None].astype(np.float32)
            within = texts - np.repeat(means, counts, axis=0)
            total += within.T @ within
        return total

    def _means(self) -> Floats:
        found = np.empty((self.size, self._texts.dimensions), np.float32)
        for places, texts, starts, counts in self._blocks(np.arange(self.size)):
            found[places] = np.add.reduceat(texts, starts, axis=0) / counts[:, None]
        return found

    def _blocks(self, places: Sequence[int] | Numbers) -> Iterator[tuple[Numbers, Floats, Numbers, Numbers]]:
        """Some entries at a time: their places, their texts, where each one's begin among these, and how many."""
        every = np.diff(np.append(self._firsts, len(self._texts)))
        for at in range(0, len(places), _ENTRIES):
            some = np.asarray(places[at : at + _ENTRIES], np.int64)
            counts = every[some]
            starts = np.cumsum(counts) - counts
            numbers = np.repeat(self._firsts[some] - starts, counts) + np.arange(counts.sum())
            yield some, self._texts[numbers], starts, counts


def _shrunk(covariance: Doubles, trace: float = 1.0) -> Doubles:
    """Towards a round one of that trace."""
    return covariance + np.eye(len(covariance)) * (trace / len(covariance))


def _discriminant(covariance: Doubles, means: Floats) -> tuple[Floats, Floats]:
    """Linear discriminant analysis in closed form."""
    precision, directions = np.linalg.inv(covariance), np.empty(means.shape, np.float32)
    for at in range(0, len(means), AT_ONCE):
        directions[at : at + AT_ONCE] = means[at : at + AT_ONCE].astype(np.float64) @ precision
    offsets = -0.5 * np.einsum("ij,ij->i", directions, means)
    return directions, offsets.astype(np.float32)


class WordVectors:
    """What the knowledge's single words mean, each seen from the middle of them all.

    `words` are known by their numbers; `live` those that count.
    """

    def __init__(self, words: VectorView, live: Numbers) -> None:
        self._words = words
        total, self._lengths = np.zeros(words.dimensions), np.ones(len(words), np.float32)
        for at in range(0, len(live), AT_ONCE):
            total += words[live[at : at + AT_ONCE]].sum(axis=0)
        self._middle: Floats = (total / max(1, len(live))).astype(np.float32)
        for at in range(0, len(live), AT_ONCE):
            some = live[at : at + AT_ONCE]
            self._lengths[some] = np.linalg.norm(words[some] - self._middle, axis=1).clip(1e-9)

    def look(self, vectors: Floats) -> Floats:
        seen = vectors - self._middle
        found: Floats = seen / np.linalg.norm(seen, axis=1, keepdims=True).clip(1e-9)
        return found

    def kinship(self, seen: Floats, words: Numbers) -> Floats:
        """For each word looked at the cosine, 0 to 1, of the nearest of the given ones."""
        alike = (seen @ (self._words[words] - self._middle).T) / self._lengths[words]
        found: Floats = alike.max(axis=1, initial=0.0).clip(0, 1)
        return found


class QuestionClassifier:
    """Tells messages that ask from those that chat, tell or announce, by two heaps of examples."""

    _SHRUNK = 3.0  # the examples are few beside 512 dimensions

    def __init__(self, vectors: Floats, asks: NDArray[np.bool_]) -> None:
        means = np.stack([vectors[asks].mean(axis=0), vectors[~asks].mean(axis=0)])
        within = np.where(asks[:, None], vectors - means[0], vectors - means[1])
        covariance = _shrunk((within.T @ within).astype(np.float64) / max(len(within), 1), self._SHRUNK)
        directions, offsets = _discriminant(covariance, means)
        self._direction, self._offset = directions[0] - directions[1], float(offsets[0] - offsets[1])

    def of(self, vector: Floats) -> float:
        """A log-likelihood ratio: above 0 the message sounds like a question for us."""
        return float(self._direction @ vector + self._offset)
