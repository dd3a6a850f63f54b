"""Each phrasing of the knowledge asked as if it had never been written: does it still find its own entry?

Nothing is built anew. Computed again are the entry's own numbers and what tells the entries apart by meaning; how rare
each word is stays as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from bot.matching.arrays import Doubles, Floats, Numbers
from bot.matching.corpus import Signals
from bot.matching.index import Index
from bot.matching.postings import Postings
from bot.matching.query import Query


@dataclass(frozen=True, slots=True)
class LeftOutRank:
    """Where a phrasing finds its own entry, 1 being the first place: as things are, and when it is left out.

    `rival` is the best other entry; `twin` the phrasing of another entry that is most alike, `likeness` from 0 to 1.
    """

    text: str
    known: int
    left_out: int
    rival: str
    twin: str
    twin_of: str
    likeness: float


class LeaveOneOut:
    """One entry, to be looked at without one of its phrasings. `numbers` are those of its phrasings but the title."""

    def __init__(self, index: Index, place: int) -> None:
        self._index, self._place = index, place
        self._corpus = corpus = index.corpus
        mine = corpus.phrasings_of(place)
        self._mine = range(len(corpus.phrasings))[mine]
        self.numbers = self._mine[1:]

    def standing(self, number: int) -> LeftOutRank:
        reading = self._corpus.recall(number)
        signals = self._corpus.signals(reading)
        known, _ = self._ranked(signals)
        left_out, rival = self._ranked(self._without(number, reading, signals))
        likeness = np.maximum(signals.cosines, signals.grams)
        likeness[self._mine.start : self._mine.stop] = 0
        twin = int(likeness.argmax())
        return LeftOutRank(
            self._corpus.phrasings[number],
            known,
            left_out,
            rival,
            self._corpus.phrasings[twin],
            self._index.entries[self._corpus.owner(twin)].id,
            float(likeness[twin]),
        )

    def _ranked(self, signals: Signals) -> tuple[int, str]:
        """The place that the entry takes, and the id of the best other one."""
        scores = self._index.score(signals)
        own, scores[self._place] = float(scores[self._place]), -np.inf
        return 1 + int((scores > own).sum()), self._index.entries[int(scores.argmax())].id

    def _without(self, number: int, reading: Query, signals: Signals) -> Signals:
        """The signals, had the entry never had that phrasing."""
        mine = np.array(self._mine)
        others, nth = mine[mine != number], number - self._mine.start
        grams = self._grams.likeness(nth, *self._corpus.entry_grams.weighed(reading.grams, reading.gram_weights))
        words = self._words.likeness(nth, *self._corpus.words.weighed(reading.words, reading.word_weights))
        meaning, kriging = self._corpus.meaning, self._corpus.kriging
        return replace(
            signals,
            nearest=self._with(signals.nearest, signals.cosines[others].max()),
            discriminant=meaning.discriminant_without(number, self._place) if meaning else signals.discriminant,
            kriged=kriging.said_without(number, signals.cosines, signals.grams) if kriging else signals.kriged,
            phrasing_grams=self._with(signals.phrasing_grams, signals.grams[others].max()),
            entry_grams=self._with(signals.entry_grams, grams),
            entry_words=self._with(signals.entry_words, words),
        )

    def _with(self, values: Floats, own: float) -> Floats:
        changed = values.copy()
        changed[self._place] = own
        return changed

    @cached_property
    def _words(self) -> _Row:
        return _Row(self._corpus.words, [(words, times) for words, _, times in self._terms])

    @cached_property
    def _grams(self) -> _Row:
        return _Row(self._corpus.entry_grams, [(grams, times) for _, grams, times in self._terms])

    @cached_property
    def _terms(self) -> list[tuple[Numbers, Numbers, int]]:
        return self._corpus.terms(self._place)


class _Row:
    """What `Postings` holds of one row, with its texts told apart."""

    def __init__(self, postings: Postings, texts: Sequence[tuple[Numbers, int]]) -> None:
        """Each text: its terms, with repetitions, and how often it counts."""
        self._texts = texts
        every = np.concatenate([terms for terms, times in texts for _ in range(times)])
        self._terms, self._counts = np.unique(every, return_counts=True)
        self._rarity = postings.rarity_of(self._terms)

    def likeness(self, left_out: int, asked: Numbers, values: Doubles) -> float:
        """To distinct terms with their values, without one of the texts."""
        if not len(self._terms):
            return 0.0
        terms, times = self._texts[left_out]
        missing = np.bincount(np.searchsorted(self._terms, terms), minlength=len(self._terms))
        counts = self._counts - times * missing
        mine = (1 + np.log(counts.clip(1))) * self._rarity * (counts > 0)
        places = np.searchsorted(self._terms, asked).clip(max=len(self._terms) - 1)
        shared = self._terms[places] == asked
        return float(mine[places[shared]] @ values[shared]) / (float(np.sqrt(mine @ mine)) or 1.0)
