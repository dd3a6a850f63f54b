"""The embedded knowledge: vectors of phrasings and documents, and the cosines of a question to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bot.arrays import Floats
from bot.matching.documents import Documents, as_read
from bot.matching.embedding_cache import EmbeddingCache
from bot.matching.quantized import QuantizedVectors
from bot.matching.tfidf import Lexicon


@dataclass(frozen=True, slots=True)
class SemanticScores:
    """The cosines of one question."""

    cosines: Floats  # (n_phrasings,)
    nearest: Floats  # (n_entries,): cosine of the nearest phrasing
    documents: Floats  # (n_entries,): cosine of the whole entry


class SemanticIndex:
    """The vectors of all entries; immutable once built."""

    def __init__(self, lexicon: Lexicon, embeddings: EmbeddingCache) -> None:
        dimensions = embeddings.encoder.dimensions
        denied = [as_read(text) for entry in lexicon.entries for text in entry.not_questions]
        self._phrasings = QuantizedVectors([*map(as_read, lexicon.phrasings)], embeddings.vectors, dimensions)
        self._denied = QuantizedVectors(denied, embeddings.vectors, dimensions)
        self._denied_ends = np.cumsum([len(entry.not_questions) for entry in lexicon.entries], dtype=np.int64)
        self._firsts = lexicon.firsts
        self.documents = Documents(lexicon.entries, embeddings)

    def scores(self, vectors: Floats) -> list[SemanticScores]:
        """Return the scores of each row of `vectors`, `(n_questions, dimensions)`."""
        cosines = self._phrasings.dot(vectors)
        nearest = np.maximum.reduceat(cosines, self._firsts, axis=1)
        columns = zip(cosines, nearest, vectors @ self.documents.vectors.T, strict=True)
        return [SemanticScores(*one) for one in columns]

    def vector(self, number: int) -> Floats:
        """Return the vector of a phrasing, `(dimensions,)`."""
        row: Floats = self._phrasings[np.array([number])][0]
        return row

    def not_questions(self, place: int) -> Floats:
        """Return the vectors of the entry's `not_questions`, `(n_texts, dimensions)`."""
        first = self._denied_ends[place - 1] if place else 0
        return self._denied[first : self._denied_ends[place]]
