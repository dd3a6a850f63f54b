"""What the texts and words of the knowledge mean. Only what the one before did not know is embedded."""

from __future__ import annotations

from functools import partial

import numpy as np

from bot.matching.arrays import Floats
from bot.matching.kriging import Kriging
from bot.matching.lexicon import Lexicon
from bot.matching.meaning import Meaning, Senses, Tone
from bot.matching.packed import Chosen, Remembered
from bot.matching.question import examples
from bot.matching.semantic import Encoder
from bot.matching.shelf import DIMENSIONS


class Embedded:
    """Nothing changes after building."""

    def __init__(self, lexicon: Lexicon, encoder: Encoder, previous: Embedded | None = None) -> None:
        self._denied = [entry.not_questions for entry in lexicon.entries]
        before = previous._texts if previous else Remembered.none(DIMENSIONS)
        texts = [*lexicon.phrasings, *(text for some in self._denied for text in some)]
        self._texts: Remembered = before.of(texts, encoder.remember)
        self.tone: Tone = previous.tone if previous else _tone(encoder)
        self.meaning: Meaning | None = self._meaning(lexicon, previous.meaning if previous else None)
        self.kriging: Kriging | None = self._kriging(lexicon, encoder)
        self._words: Remembered
        self.senses: Senses | None
        self._words, self.senses = self._looked(lexicon, encoder, previous)

    def _meaning(self, lexicon: Lexicon, before: Meaning | None) -> Meaning | None:
        if not lexicon.entries:
            return None
        changes = lexicon.changes
        follows = before and before.size == len(changes.entries)
        previous = (before, changes.gone, changes.new) if before and follows else None
        return Meaning(self._texts.chosen(lexicon.phrasings), lexicon.firsts, previous)

    def _kriging(self, lexicon: Lexicon, encoder: Encoder) -> Kriging | None:
        if not lexicon.entries:
            return None
        owners = np.searchsorted(lexicon.firsts, np.arange(len(lexicon.phrasings)), side="right") - 1
        texts, solved = self._texts.chosen(lexicon.phrasings), partial(encoder.solved, "kriging")
        return Kriging(texts, lexicon.phrasing_grams, owners, len(lexicon.entries), solved)

    def _looked(
        self, lexicon: Lexicon, encoder: Encoder, previous: Embedded | None
    ) -> tuple[Remembered, Senses | None]:
        """The single words, each as it is written most often."""
        written, every, live = lexicon.vocabulary.written(), lexicon.numbering.names, lexicon.words.vocabulary
        names = [written.get(every[number], every[number].replace("_", " ")) for number in live.tolist()]
        words = (previous._words if previous else Remembered.none(DIMENSIONS)).of(names, encoder.remember_words)
        places = np.zeros(len(every), np.int64)
        places[live] = words.chosen(names).places
        return words, Senses(Chosen(words.packed, places), live) if names else None

    def vector(self, text: str) -> Floats:
        """Of a phrasing."""
        found: Floats = self._texts.chosen([text])[:][0]
        return found

    def denied(self, place: int) -> Floats:
        """The vectors of the entry's `not_questions`."""
        return self._texts.chosen(self._denied[place])[:]


def _tone(encoder: Encoder) -> Tone:
    heard = examples()
    vectors = encoder.remember([example.text for example in heard]).astype(np.float32)
    return Tone(vectors, np.array([example.asks for example in heard]))
