"""What is counted of the knowledge's texts, in a form that can be kept; only what has changed is counted again."""

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
from bot.matching.term_table import Counting, TermTable
from bot.matching.terms import Numbering, SynonymMap, grams
from bot.matching.text_changes import TextChanges

Groups = Mapping[tuple[str, ...], str]
Kept = tuple[Any, list[NDArray[Any]]]
"""Plain values, and arrays."""

# what the counts depend on
_RULES = ("text", "languages", "terms", "spelling", "query", "entry_texts", "term_table", "term_counts")


@dataclass(frozen=True, slots=True)
class TermCounts:
    groups: Groups  # of synonyms
    told: tuple[EntryTexts, ...]
    uses: Counter[str]  # in how many entries' texts a text stands; those of how words are written count once
    written: WordCounts
    numbering: Numbering
    words: TermTable
    entry_grams: TermTable
    phrasing_grams: TermTable

    @classmethod
    def none(cls, groups: Groups) -> TermCounts:
        pairs = Counting().pairs(0)
        return cls(groups, (), Counter(), WordCounts(), Numbering(), pairs, pairs, pairs)

    def kept(self) -> Kept:
        """For `read`, in another process."""
        written = (self.written.words, self.written.ways, self.written.pairs)
        plain = (dict(self.groups), [tuple(one) for one in self.told], written, self.numbering.names)
        pairs = (self.words, self.entry_grams, self.phrasing_grams)
        return plain, [array for one in pairs for array in (one.terms, one.starts, one.rows, one.counts)]

    @classmethod
    def read(cls, kept: Kept) -> TermCounts:
        (groups, rows, written, names), arrays = kept
        told, pairs = tuple(EntryTexts(*row) for row in rows), [TermTable(*arrays[at : at + 4]) for at in (0, 4, 8)]
        uses = Counter(text for one in told for text in one.texts)
        return cls(groups, told, uses, WordCounts(*written), Numbering(names, pairs[0].terms.tolist()), *pairs)

    def of(self, told: tuple[EntryTexts, ...]) -> tuple[TermCounts, TextChanges]:
        """The counts of other texts; what they have in common with these is not read again."""
        changes = TextChanges.between(self.told, told)
        again = _Again(self, told)
        for place in changes.gone:
            again.forget(self.told[place])
        new = again.learned(changes)
        sizes = (len(told), len(told), sum(one.phrasings for one in told))
        moves = (changes.entries, changes.entries, changes.phrasings)
        old = (self.words, self.entry_grams, self.phrasing_grams)
        pairs = [
            one.moved(to, n).joined(more.pairs(n)) for one, to, n, more in zip(old, moves, sizes, new, strict=True)
        ]
        again.numbering.forget(np.setdiff1d(self.words.terms, pairs[0].terms).tolist())
        return TermCounts(self.groups, told, again.uses, again.written, again.numbering, *pairs), changes


class _Again:
    """Some entries forgotten, others learned."""

    def __init__(self, before: TermCounts, told: Sequence[EntryTexts]) -> None:
        self.uses, self.written, self.numbering = before.uses.copy(), before.written.copy(), before.numbering.copy()
        self._synonyms, self._told = SynonymMap(before.groups), told
        self._firsts = np.cumsum([0, *(one.phrasings for one in told)])

    def forget(self, one: EntryTexts) -> None:
        for text in one.texts:
            self.uses[text] -= 1
            if not self.uses[text]:
                del self.uses[text]
                self.written.count(prepared(text), -1)

    def learned(self, changes: TextChanges) -> tuple[Counting, Counting, Counting]:
        """Words and n-grams by entry, n-grams by phrasing."""
        words, of_entries, of_phrasings = Counting(), Counting(), Counting()
        for place in changes.new:
            texts = [(*self._read(text), times) for text, times in self._told[place].counted()]
            words.add(place, ((numbers, times) for numbers, _, times in texts))
            of_entries.add(place, ((found, times) for _, found, times in texts))
            for number, (_, found, _) in enumerate(
                texts[: self._told[place].phrasings], start=int(self._firsts[place])
            ):
                of_phrasings.add(number, [(found, 1)])
        return words, of_entries, of_phrasings

    def _read(self, text: str) -> tuple[Numbers, Numbers]:
        """The numbers of its words and of its n-grams."""
        ready = prepared(text)
        if not self.uses[text]:
            self.written.count(ready)
        self.uses[text] += 1
        return self.numbering.learn(self._synonyms.fold(ready.words)), grams(ready.line)


@cache
def rules() -> str:
    """Another one when the program counts differently."""
    found = hashlib.sha256(np.__version__.encode())
    for name in _RULES:
        found.update(files("bot.matching").joinpath(f"{name}.py").read_bytes())
    return found.hexdigest()
