"""The knowledge's words and n-grams: which entries and phrasings share rare ones with a question."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bot.knowledge.models import Entry, Knowledge
from bot.matching.arrays import Numbers
from bot.matching.embedding_cache import CacheFolder
from bot.matching.entry_texts import EntryTexts, entry_texts, prepared, synonym_groups
from bot.matching.postings import Postings
from bot.matching.spelling import Vocabulary
from bot.matching.term_counts import TermCounts, rules
from bot.matching.terms import SynonymMap, grams
from bot.matching.text_changes import TextChanges

_FILE = "use-multilingual-v3-0.2.1.counts"  # its first name, which stays; no encoder takes part in it


class Lexicon:
    """Frozen once built. Texts that have not changed since `previous`, or else the last start, are not read again."""

    def __init__(
        self,
        knowledge: Knowledge,
        is_common: Callable[[str], bool],
        cache: CacheFolder,
        previous: Lexicon | None = None,
    ) -> None:
        self.entries = tuple(knowledge.entries.values())
        synonyms = synonym_groups(knowledge.synonyms)
        before = previous.counts if previous else _cached(cache)
        known = before if before and before.groups == synonyms else TermCounts.none(synonyms)
        self.counts: TermCounts
        self.changes: TextChanges
        self.counts, self.changes = known.updated(_entry_texts(self.entries, previous))
        if self.changes and not previous:
            cache.save_arrays(_FILE, rules(), *self.counts.serialised())
        self.phrasings = [text for one in self.counts.texts for text in one.texts[: one.phrasings]]
        self.firsts: Numbers = np.cumsum([0, *(one.phrasings for one in self.counts.texts)], dtype=np.int64)[:-1]
        self.synonyms, self.numbering = SynonymMap(synonyms), self.counts.numbering
        self.words = Postings(self.counts.words, len(self.entries))
        self.entry_grams = Postings(self.counts.entry_grams, len(self.entries))
        self.phrasing_grams = Postings(self.counts.phrasing_grams, len(self.phrasings))
        self.vocabulary = Vocabulary(self.counts.word_counts, is_common)

    def phrasings_of(self, place: int) -> slice:
        first = int(self.firsts[place])
        return slice(first, first + self.counts.texts[place].phrasings)

    def owner(self, number: int) -> int:
        """Place of the entry of a phrasing."""
        return int(np.searchsorted(self.firsts, number, side="right")) - 1

    def terms(self, place: int) -> list[tuple[Numbers, Numbers, int]]:
        """For each text of an entry its words, its n-grams, and how often it counts."""
        return [(*self._terms_of(text), times) for text, times in self.counts.texts[place].counted()]

    def _terms_of(self, text: str) -> tuple[Numbers, Numbers]:
        ready = prepared(text)
        return self.numbering.look_up(self.synonyms.fold(ready.words)), grams(ready.line)


def _cached(cache: CacheFolder) -> TermCounts | None:
    values = cache.load_arrays(_FILE, rules())
    return TermCounts.read(values) if values else None


def _entry_texts(entries: tuple[Entry, ...], previous: Lexicon | None) -> tuple[EntryTexts, ...]:
    """The very same object for the very same entry."""
    known = {id(one): row for one, row in zip(previous.entries, previous.counts.texts, strict=True)} if previous else {}
    return tuple(known.get(id(entry)) or entry_texts(entry) for entry in entries)
