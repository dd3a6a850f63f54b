"""The embedded knowledge: vectors of its texts and words, and the models over them."""

from __future__ import annotations

from functools import partial

import numpy as np

from bot.matching.arrays import Floats
from bot.matching.discriminant import EntryDiscriminant, QuestionClassifier, WordVectors
from bot.matching.embedding_cache import EmbeddingCache
from bot.matching.kernel_ridge import KernelRidge
from bot.matching.quantized import TextVectors, VectorView
from bot.matching.question import examples
from bot.matching.tfidf import Lexicon


class SemanticIndex:
    """Frozen once built. Only texts and words that `previous` lacks are embedded."""

    def __init__(self, lexicon: Lexicon, embeddings: EmbeddingCache, previous: SemanticIndex | None = None) -> None:
        self._not_questions = [entry.not_questions for entry in lexicon.entries]
        none = TextVectors.none(embeddings.encoder.dimensions)
        texts = [*lexicon.phrasings, *(text for some in self._not_questions for text in some)]
        self._texts: TextVectors = (previous._texts if previous else none).of(texts, embeddings.encode)
        self.classifier: QuestionClassifier = previous.classifier if previous else _classifier(embeddings)
        self.discriminant: EntryDiscriminant | None = None
        self.kernel_ridge: KernelRidge | None = None
        if lexicon.entries:
            phrasings = self._texts.view(lexicon.phrasings)
            self.discriminant = _discriminant(phrasings, lexicon, previous.discriminant if previous else None)
            self.kernel_ridge = _kernel_ridge(phrasings, lexicon, embeddings)
        names = _spelled_words(lexicon)
        self._words: TextVectors = (previous._words if previous else none).of(names, embeddings.encode_words)
        self.words: WordVectors | None = _word_vectors(self._words, names, lexicon) if names else None

    def vector(self, text: str) -> Floats:
        """Vector of a phrasing, `(dimensions,)`."""
        row: Floats = self._texts.view([text])[:][0]
        return row

    def not_questions(self, place: int) -> Floats:
        """Vectors of the entry's `not_questions`, `(n_texts, dimensions)`."""
        return self._texts.view(self._not_questions[place])[:]


def _discriminant(phrasings: VectorView, lexicon: Lexicon, before: EntryDiscriminant | None) -> EntryDiscriminant:
    changes = lexicon.changes
    is_update = before and before.size == len(changes.entries)
    previous = (before, changes.gone, changes.new) if before and is_update else None
    return EntryDiscriminant(phrasings, lexicon.firsts, previous)


def _kernel_ridge(phrasings: VectorView, lexicon: Lexicon, embeddings: EmbeddingCache) -> KernelRidge:
    owners = np.searchsorted(lexicon.firsts, np.arange(len(lexicon.phrasings)), side="right") - 1
    solution = partial(embeddings.solution, "kriging")
    return KernelRidge(phrasings, lexicon.phrasing_grams, owners, len(lexicon.entries), solution)


def _spelled_words(lexicon: Lexicon) -> list[str]:
    """The words of the knowledge, each in its most frequent spelling."""
    spellings, names = lexicon.vocabulary.spellings(), lexicon.numbering.names
    return [spellings.get(names[number], names[number].replace("_", " ")) for number in lexicon.words.terms.tolist()]


def _word_vectors(vectors: TextVectors, names: list[str], lexicon: Lexicon) -> WordVectors:
    live = lexicon.words.terms
    places = np.zeros(len(lexicon.numbering.names), np.int64)
    places[live] = vectors.view(names).places
    return WordVectors(VectorView(vectors.vectors, places), live)


def _classifier(embeddings: EmbeddingCache) -> QuestionClassifier:
    labelled = examples()
    vectors = embeddings.encode([example.text for example in labelled]).astype(np.float32)
    return QuestionClassifier(vectors, np.array([example.asks for example in labelled]))
