"""The embedded knowledge: vectors of its phrasings and documents, and what a question is measured by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bot.arrays import Floats
from bot.matching.discriminant import EntryDiscriminant
from bot.matching.documents import Documents
from bot.matching.embedding_cache import EmbeddingCache
from bot.matching.quantized import QuantizedVectors
from bot.matching.tfidf import Lexicon
from bot.text.folding import clean
from bot.text.shorthands import expand

_SHARPNESS = 10.0  # of the mean over an entry's phrasings; 0 is their mean, infinity the nearest alone
_ALONE = 0.6  # cosine between phrasings that is supposed where an entry has but one


@dataclass(frozen=True, slots=True)
class SemanticScores:
    """Of one question by its vector."""

    cosines: Floats  # (n_phrasings,)
    nearest: Floats  # (n_entries,): cosine of the nearest phrasing
    density: Floats  # (n_entries,): soft maximum over the phrasings, a kernel density estimate
    discriminant: Floats  # (n_entries,)
    documents: Floats  # (n_entries,): cosine of the whole entry

    @classmethod
    def none(cls, n_phrasings: int, n_entries: int) -> SemanticScores:
        """Zeros, for a question without a vector."""
        zeros = np.zeros(n_entries, np.float32)
        return cls(np.zeros(n_phrasings, np.float32), zeros, zeros, zeros, zeros)


class SemanticIndex:
    """Frozen once built. `spread`: mean cosine between an entry's phrasings, `(n_entries,)`: how different they are."""

    def __init__(self, lexicon: Lexicon, embeddings: EmbeddingCache) -> None:
        dimensions = embeddings.encoder.dimensions
        denied = [expand(clean(text)) for entry in lexicon.entries for text in entry.not_questions]
        self._phrasings = QuantizedVectors(
            [expand(clean(text)) for text in lexicon.phrasings], embeddings.vectors, dimensions
        )
        self._denied = QuantizedVectors(denied, embeddings.vectors, dimensions)
        self._denied_ends = np.cumsum([len(entry.not_questions) for entry in lexicon.entries], dtype=np.int64)
        self._firsts = lexicon.firsts
        self._counts = np.diff(np.append(lexicon.firsts, len(lexicon.phrasings)))
        self.documents = Documents(lexicon.entries, embeddings)
        self.discriminant = EntryDiscriminant(self._phrasings, lexicon.firsts)
        counted = zip(self._firsts.tolist(), self._counts.tolist(), strict=True)
        self.spread: Floats = np.array([self._spread(*one) for one in counted], np.float32)

    def scores(self, vectors: Floats) -> list[SemanticScores]:
        """One for each row of `vectors`, `(n_questions, dimensions)`."""
        cosines = self._phrasings.dot(vectors)
        nearest = np.maximum.reduceat(cosines, self._firsts, axis=1)
        discriminant, documents = self.discriminant.scores(vectors), self.documents.similarity(vectors)
        columns = zip(cosines, nearest, self.density(cosines), discriminant, documents, strict=True)
        return [SemanticScores(*one) for one in columns]

    def density(self, cosines: Floats) -> Floats:
        """Logarithm of the mean of exp over each entry's phrasings, from `(n_questions, n_phrasings)`."""
        sums = np.add.reduceat(np.exp(np.float32(_SHARPNESS) * cosines), self._firsts, axis=1)
        density = np.log(sums / self._counts.astype(np.float32)) / np.float32(_SHARPNESS)
        return density.astype(np.float32)

    def density_of(self, cosines: Floats) -> float:
        """Of one entry, from the cosines of its phrasings."""
        return float(np.log(np.exp(_SHARPNESS * cosines).mean()) / _SHARPNESS)

    def vector(self, number: int) -> Floats:
        """Vector of a phrasing, `(dimensions,)`."""
        row: Floats = self._phrasings[np.array([number])][0]
        return row

    def _spread(self, first: int, count: int) -> float:
        if count < 2:
            return _ALONE
        own = self._phrasings[slice(first, first + count)]
        return float((np.square(own.sum(axis=0)).sum() - count) / (count * (count - 1)))

    def not_questions(self, place: int) -> Floats:
        """Vectors of the entry's `not_questions`, `(n_texts, dimensions)`."""
        return self._denied[slice(self._denied_ends[place - 1] if place else 0, self._denied_ends[place])]
