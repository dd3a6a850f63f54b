"""What the texts and words of the knowledge mean. Only what the one before did not know is embedded."""

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


class Embedded:
    """Nothing changes after building."""

    def __init__(self, lexicon: Lexicon, embeddings: EmbeddingCache, previous: Embedded | None = None) -> None:
        self._denied = [entry.not_questions for entry in lexicon.entries]
        before = previous._texts if previous else TextVectors.none(embeddings.encoder.dimensions)
        texts = [*lexicon.phrasings, *(text for some in self._denied for text in some)]
        self._texts: TextVectors = before.of(texts, embeddings.encode)
        self.tone: QuestionClassifier = previous.tone if previous else _tone(embeddings)
        self.meaning: EntryDiscriminant | None = self._meaning(lexicon, previous.meaning if previous else None)
        self.kriging: KernelRidge | None = self._kriging(lexicon, embeddings)
        self._words: TextVectors
        self.senses: WordVectors | None
        self._words, self.senses = self._looked(lexicon, embeddings, previous)

    def _meaning(self, lexicon: Lexicon, before: EntryDiscriminant | None) -> EntryDiscriminant | None:
        if not lexicon.entries:
            return None
        changes = lexicon.changes
        follows = before and before.size == len(changes.entries)
        previous = (before, changes.gone, changes.new) if before and follows else None
        return EntryDiscriminant(self._texts.chosen(lexicon.phrasings), lexicon.firsts, previous)

    def _kriging(self, lexicon: Lexicon, embeddings: EmbeddingCache) -> KernelRidge | None:
        if not lexicon.entries:
            return None
        owners = np.searchsorted(lexicon.firsts, np.arange(len(lexicon.phrasings)), side="right") - 1
        texts, solved = self._texts.chosen(lexicon.phrasings), partial(embeddings.solution, "kriging")
        return KernelRidge(texts, lexicon.phrasing_grams, owners, len(lexicon.entries), solved)

    def _looked(
        self, lexicon: Lexicon, embeddings: EmbeddingCache, previous: Embedded | None
    ) -> tuple[TextVectors, WordVectors | None]:
        """The single words, each as it is written most often."""
        written, every, live = lexicon.vocabulary.written(), lexicon.numbering.names, lexicon.words.vocabulary
        names = [written.get(every[number], every[number].replace("_", " ")) for number in live.tolist()]
        words = (previous._words if previous else TextVectors.none(embeddings.encoder.dimensions)).of(
            names, embeddings.encode_words
        )
        places = np.zeros(len(every), np.int64)
        places[live] = words.chosen(names).places
        return words, WordVectors(VectorView(words.packed, places), live) if names else None

    def vector(self, text: str) -> Floats:
        """Of a phrasing."""
        found: Floats = self._texts.chosen([text])[:][0]
        return found

    def denied(self, place: int) -> Floats:
        """The vectors of the entry's `not_questions`."""
        return self._texts.chosen(self._denied[place])[:]


def _tone(embeddings: EmbeddingCache) -> QuestionClassifier:
    heard = examples()
    vectors = embeddings.encode([example.text for example in heard]).astype(np.float32)
    return QuestionClassifier(vectors, np.array([example.asks for example in heard]))
