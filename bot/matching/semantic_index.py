"""The embedded knowledge: vectors of its texts and words, and the models over them."""

from __future__ import annotations

from functools import partial

import numpy as np

from bot.matching.arrays import Floats
from bot.matching.discriminant import EntryDiscriminant, QuestionClassifier, WordVectors
from bot.matching.embedding_cache import EmbeddingCache
from bot.matching.kernel_ridge import KernelRidge
from bot.matching.quantized import QuantizedVectors
from bot.matching.question import examples
from bot.matching.tfidf import Lexicon


class SemanticIndex:
    """Frozen once built."""

    def __init__(self, lexicon: Lexicon, embeddings: EmbeddingCache) -> None:
        dimensions = embeddings.encoder.dimensions
        phrasings = QuantizedVectors(lexicon.phrasings, embeddings.encode, dimensions)
        denied = [text for entry in lexicon.entries for text in entry.not_questions]
        self._phrasings, self._denied = phrasings, QuantizedVectors(denied, embeddings.encode, dimensions)
        self._denied_ends = np.cumsum([len(entry.not_questions) for entry in lexicon.entries], dtype=np.int64)
        self.classifier = _classifier(embeddings)
        self.discriminant: EntryDiscriminant | None = None
        self.kernel_ridge: KernelRidge | None = None
        self.words: WordVectors | None = None
        if lexicon.entries:
            self.discriminant = EntryDiscriminant(phrasings, lexicon.firsts)
            self.kernel_ridge = _kernel_ridge(phrasings, lexicon, embeddings)
        if names := _spelled_words(lexicon):
            self.words = WordVectors(QuantizedVectors(names, embeddings.encode_words, dimensions))

    def vector(self, number: int) -> Floats:
        """Vector of a phrasing, `(dimensions,)`."""
        row: Floats = self._phrasings[np.array([number])][0]
        return row

    def not_questions(self, place: int) -> Floats:
        """Vectors of the entry's `not_questions`, `(n_texts, dimensions)`."""
        return self._denied[slice(self._denied_ends[place - 1] if place else 0, self._denied_ends[place])]


def _kernel_ridge(phrasings: QuantizedVectors, lexicon: Lexicon, embeddings: EmbeddingCache) -> KernelRidge:
    owners = np.searchsorted(lexicon.firsts, np.arange(len(lexicon.phrasings)), side="right") - 1
    solution = partial(embeddings.solution, "kriging")
    return KernelRidge(phrasings, lexicon.phrasing_grams, owners, len(lexicon.entries), solution)


def _spelled_words(lexicon: Lexicon) -> list[str]:
    """The words of the knowledge by their numbers, each in its most frequent spelling."""
    spellings = lexicon.vocabulary.spellings()
    return [spellings.get(name, name.replace("_", " ")) for name in lexicon.numbering.names]


def _classifier(embeddings: EmbeddingCache) -> QuestionClassifier:
    labelled = examples()
    vectors = embeddings.encode([example.text for example in labelled]).astype(np.float32)
    return QuestionClassifier(vectors, np.array([example.asks for example in labelled]))
