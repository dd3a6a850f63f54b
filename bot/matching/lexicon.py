"""The knowledge's texts counted: its words, how they are written, and which entries and phrasings hold what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np

from bot.knowledge import Knowledge
from bot.matching.arrays import Numbers
from bot.matching.changes import Changes
from bot.matching.fuzzy import Vocabulary, Written
from bot.matching.lexical import Numbering, Synonyms, grams
from bot.matching.pairs import Counting, Pairs
from bot.matching.postings import Postings
from bot.matching.texts import groups, phrasings, prepared, texts_of


class Lexicon:
    """Nothing changes after building. `previous`: of it all is taken over that has not changed."""

    words: Postings
    entry_grams: Postings
    phrasing_grams: Postings

    def __init__(self, knowledge: Knowledge, familiar: Callable[[str], bool], previous: Lexicon | None = None) -> None:
        self.entries = tuple(knowledge.entries.values())
        texts = [phrasings(entry) for entry in self.entries]
        self.phrasings = [text for some in texts for text in some]
        self.firsts: Numbers = np.cumsum([0, *map(len, texts)], dtype=np.int64)[:-1]
        self._groups = groups(knowledge.synonyms)
        self.synonyms = Synonyms(self._groups)
        known = previous if previous and previous._groups == self._groups else None
        self.changes = Changes.between(known.entries if known else (), self.entries)
        self._uses: Counter[str] = Counter(known._uses if known else {})
        self.written: Written = Written(known.written if known else None)
        self.numbering: Numbering = Numbering(known.numbering if known else None)
        if known:
            self._forget(known)
        self._learn(known)
        self.vocabulary = Vocabulary(self.written, familiar)

    def _forget(self, known: Lexicon) -> None:
        for place in self.changes.gone:
            for text, _ in texts_of(known.entries[place]):
                self._uses[text] -= 1
                if not self._uses[text]:
                    del self._uses[text]
                    self.written.count(prepared(text), -1)

    def _learn(self, known: Lexicon | None) -> None:
        before = (known.words, known.entry_grams, known.phrasing_grams) if known else (None, None, None)
        places = (self.changes.entries, self.changes.entries, self.changes.phrasings)
        sizes = (len(self.entries), len(self.entries), len(self.phrasings))
        self.words, self.entry_grams, self.phrasing_grams = (
            Postings(old.pairs.moved(to, size).joined(new) if old else new, size)
            for old, to, size, new in zip(before, places, sizes, self._new_pairs(*sizes[1:]), strict=True)
        )
        if known:
            self.numbering.forget(np.setdiff1d(known.words.vocabulary, self.words.vocabulary).tolist())

    def _new_pairs(self, entries: int, phrasings: int) -> tuple[Pairs, Pairs, Pairs]:
        """What is new: its words and n-grams by entry, the n-grams by phrasing."""
        words, of_entries, of_phrasings = Counting(), Counting(), Counting()
        for place in self.changes.new:
            texts = [(*self._read(text), times) for text, times in texts_of(self.entries[place])]
            words.add(place, ((numbers, times) for numbers, _, times in texts))
            of_entries.add(place, ((found, times) for _, found, times in texts))
            mine = range(len(self.phrasings))[self.phrasings_of(place)]
            for number, (_, found, _) in zip(mine, texts, strict=False):  # an entry's phrasings are its first texts
                of_phrasings.add(number, [(found, 1)])
        return words.pairs(entries), of_entries.pairs(entries), of_phrasings.pairs(phrasings)

    def _read(self, text: str) -> tuple[Numbers, Numbers]:
        """The numbers of its words and of its n-grams."""
        ready = prepared(text)
        if not self._uses[text]:
            self.written.count(ready)
        self._uses[text] += 1
        return self.numbering.learn(self.synonyms.fold(ready.words)), grams(ready.line)

    def phrasings_of(self, place: int) -> slice:
        last = int(self.firsts[place + 1]) if place + 1 < len(self.firsts) else len(self.phrasings)
        return slice(int(self.firsts[place]), last)

    def owner(self, number: int) -> int:
        """The place of the entry that has that phrasing."""
        return int(np.searchsorted(self.firsts, number, side="right")) - 1

    def terms(self, text: str) -> tuple[Numbers, Numbers]:
        """Of a text of the knowledge: the numbers of its words and of its n-grams."""
        ready = prepared(text)
        return self.numbering.look_up(self.synonyms.fold(ready.words)), grams(ready.line)
