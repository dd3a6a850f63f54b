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


class Lexicon:
    """Nothing changes after building. What has not changed is taken over from `previous`, else from the cache."""

    def __init__(
        self,
        knowledge: Knowledge,
        familiar: Callable[[str], bool],
        cache: CacheFolder,
        previous: Lexicon | None = None,
    ) -> None:
        self.entries = tuple(knowledge.entries.values())
        synonyms = synonym_groups(knowledge.synonyms)
        before = previous.counts if previous else _kept(cache)
        known = before if before and before.groups == synonyms else TermCounts.none(synonyms)
        self.counts: TermCounts
        self.changes: TextChanges
        self.counts, self.changes = known.of(_told(self.entries, previous))
        if self.changes and not previous:
            cache.save_arrays(_NAME, rules(), *self.counts.kept())
        self.phrasings = [text for one in self.counts.told for text in one.texts[: one.phrasings]]
        self.firsts: Numbers = np.cumsum([0, *(one.phrasings for one in self.counts.told)], dtype=np.int64)[:-1]
        self.synonyms, self.numbering = SynonymMap(synonyms), self.counts.numbering
        self.words = Postings(self.counts.words, len(self.entries))
        self.entry_grams = Postings(self.counts.entry_grams, len(self.entries))
        self.phrasing_grams = Postings(self.counts.phrasing_grams, len(self.phrasings))
        self.vocabulary = Vocabulary(self.counts.written, familiar)

    def phrasings_of(self, place: int) -> slice:
        first = int(self.firsts[place])
        return slice(first, first + self.counts.told[place].phrasings)

    def owner(self, number: int) -> int:
        """The place of the entry that has that phrasing."""
        return int(np.searchsorted(self.firsts, number, side="right")) - 1

    def terms(self, place: int) -> list[tuple[Numbers, Numbers, int]]:
        """For each text of an entry the numbers of its words and of its n-grams, and how often it counts."""
        return [(*self._read(text), times) for text, times in self.counts.told[place].counted()]

    def _read(self, text: str) -> tuple[Numbers, Numbers]:
        ready = prepared(text)
        return self.numbering.look_up(self.synonyms.fold(ready.words)), grams(ready.line)


_NAME = "use-multilingual-v3-0.2.1.counts"  # by its first name, though no encoder takes part in it


def _kept(cache: CacheFolder) -> TermCounts | None:
    kept = cache.load_arrays(_NAME, rules())
    return TermCounts.read(kept) if kept else None


def _told(entries: tuple[Entry, ...], previous: Lexicon | None) -> tuple[EntryTexts, ...]:
    """Those of the very same entries are the very same."""
    known = {id(one): row for one, row in zip(previous.entries, previous.counts.told, strict=True)} if previous else {}
    return tuple(known.get(id(entry)) or entry_texts(entry) for entry in entries)
