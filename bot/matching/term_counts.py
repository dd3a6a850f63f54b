"""Counts over the knowledge's texts, updated where these change, and written to the cache."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.matching.arrays import Numbers
from bot.matching.entry_texts import EntryTexts, prepared
from bot.matching.spelling import WordCounts
from bot.matching.term_table import TermCounter, TermTable
from bot.matching.terms import Numbering, SynonymMap, grams
from bot.matching.text_changes import TextChanges

Groups = Mapping[tuple[str, ...], str]
Serialised = tuple[Any, list[NDArray[Any]]]
"""Plain values, and arrays."""

# modules that the counts depend on
_RULES = ("text", "languages", "terms", "spelling", "entry_texts", "term_table", "term_counts")


@dataclass(frozen=True, slots=True)
class TermCounts:
    groups: Groups  # of synonyms
    texts: tuple[EntryTexts, ...]
    uses: Counter[str]  # number of entries with a text, which `word_counts` counts once
    word_counts: WordCounts
    numbering: Numbering
    words: TermTable
    entry_grams: TermTable
    phrasing_grams: TermTable

    @classmethod
    def none(cls, groups: Groups) -> TermCounts:
        table = TermCounter().table(0)
        return cls(groups, (), Counter(), WordCounts(), Numbering(), table, table, table)

    def serialised(self) -> Serialised:
        """For `read`, in another process."""
        word_counts = (self.word_counts.words, self.word_counts.spellings, self.word_counts.pairs)
        plain = (dict(self.groups), [tuple(one) for one in self.texts], word_counts, self.numbering.names)
        tables = (self.words, self.entry_grams, self.phrasing_grams)
        return plain, [array for one in tables for array in (one.terms, one.starts, one.rows, one.counts)]

    @classmethod
    def read(cls, values: Serialised) -> TermCounts:
        (groups, rows, word_counts, names), arrays = values
        texts, tables = tuple(EntryTexts(*row) for row in rows), [TermTable(*arrays[at : at + 4]) for at in (0, 4, 8)]
        uses = Counter(text for one in texts for text in one.texts)
        return cls(groups, texts, uses, WordCounts(*word_counts), Numbering(names, tables[0].terms.tolist()), *tables)

    def updated(self, texts: tuple[EntryTexts, ...]) -> tuple[TermCounts, TextChanges]:
        """The counts of other texts; those in common are not read again."""
        changes = TextChanges.between(self.texts, texts)
        recount = _Recount(self, texts)
        for place in changes.gone:
            recount.forget(self.texts[place])
        new = recount.learn(changes)
        sizes = (len(texts), len(texts), sum(one.phrasings for one in texts))
        moves = (changes.entries, changes.entries, changes.phrasings)
        old = (self.words, self.entry_grams, self.phrasing_grams)
        tables = [
            one.moved(to, n).joined(more.table(n)) for one, to, n, more in zip(old, moves, sizes, new, strict=True)
        ]
        recount.numbering.forget(np.setdiff1d(self.words.terms, tables[0].terms).tolist())
        return TermCounts(self.groups, texts, recount.uses, recount.word_counts, recount.numbering, *tables), changes


class _Recount:
    """Some entries forgotten, others learned."""

    def __init__(self, before: TermCounts, texts: Sequence[EntryTexts]) -> None:
        self.uses, self.word_counts = before.uses.copy(), before.word_counts.copy()
        self.numbering = before.numbering.copy()
        self._synonyms, self._texts = SynonymMap(before.groups), texts
        self._firsts = np.cumsum([0, *(one.phrasings for one in texts)])

    def forget(self, one: EntryTexts) -> None:
        for text in one.texts:
            self.uses[text] -= 1
            if not self.uses[text]:
                del self.uses[text]
                self.word_counts.count(prepared(text), -1)

    def learn(self, changes: TextChanges) -> tuple[TermCounter, TermCounter, TermCounter]:
        """Words and n-grams by entry, n-grams by phrasing."""
        words, of_entries, of_phrasings = TermCounter(), TermCounter(), TermCounter()
        for place in changes.new:
            texts = [(*self._read(text), times) for text, times in self._texts[place].counted()]
            words.add(place, ((numbers, times) for numbers, _, times in texts))
            of_entries.add(place, ((ngrams, times) for _, ngrams, times in texts))
            phrasings = texts[: self._texts[place].phrasings]
            for number, (_, ngrams, _) in enumerate(phrasings, start=int(self._firsts[place])):
                of_phrasings.add(number, [(ngrams, 1)])
        return words, of_entries, of_phrasings

    def _read(self, text: str) -> tuple[Numbers, Numbers]:
        """Its words and its n-grams."""
        ready = prepared(text)
        if not self.uses[text]:
            self.word_counts.count(ready)
        self.uses[text] += 1
        return self.numbering.learn(self._synonyms.fold(ready.words)), grams(ready.line)


@cache
def rules() -> str:
    """Version of the counts: hash of the modules that make them."""
    digest = hashlib.sha256(np.__version__.encode())
    for name in _RULES:
        digest.update(files("bot.matching").joinpath(f"{name}.py").read_bytes())
    return digest.hexdigest()
