"""Which term stands how often in which row of the knowledge: counted once, and changed where some rows change.

Three bytes a pair (five from 65,536 rows on), for there are millions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.matching.arrays import Flags, Numbers

Rows = NDArray[np.uint16 | np.uint32]

MOST = 255  # times that a term counts in a row
TERMS = 2**30  # numbers that a term may have
_COUNT, _ROW = 8, 25  # bits of a count and of a row, below those of the term, in one integer
_AT_ONCE = 1_000_000  # terms that are sorted together, pairs that are unpacked together


@dataclass(frozen=True, slots=True)
class TermTable:
    """Each (term, row) once: `rows[starts[n] : starts[n + 1]]` hold `terms[n]`, so many times as `counts` say."""

    terms: Numbers  # rising
    starts: Numbers
    rows: Rows
    counts: NDArray[np.uint8]

    @property
    def frequency(self) -> Numbers:
        """In how many rows each term stands."""
        return np.diff(self.starts)

    def moved(self, places: Numbers, size: int) -> TermTable:
        """With each row at its new place of `size` ones; -1: the row is gone."""
        kept = (places >= 0)[self.rows]
        frequency = np.add.reduceat(kept, self.starts[:-1], dtype=np.int64) if len(self.terms) else self.frequency
        alive = frequency > 0
        rows = places.clip(0).astype(_dtype(size))[self.rows[kept]]
        return TermTable(self.terms[alive], _starts(frequency[alive]), rows, self.counts[kept])

    def joined(self, other: TermTable) -> TermTable:
        """With rows that are not yet there."""
        terms = np.concatenate([self.terms, other.terms[~_inside(other.terms, self.terms)]])
        terms.sort()
        frequency = np.zeros(len(terms), np.int64)
        frequency[np.searchsorted(terms, self.terms)] = self.frequency
        theirs = np.searchsorted(terms, other.terms)
        places = np.repeat(np.cumsum(frequency)[theirs], other.frequency)  # each at the end of its term's list
        frequency[theirs] += other.frequency
        wide = max(self.rows.dtype, other.rows.dtype)
        rows = np.insert(self.rows.astype(wide, copy=False), places, other.rows)
        return TermTable(terms, _starts(frequency), rows, np.insert(self.counts, places, other.counts))


class Counting:
    """Counts the terms of rows. Each row comes once, with all its texts."""

    def __init__(self) -> None:
        self._waiting: list[Numbers] = []
        self._size = 0
        self._blocks: list[Numbers] = []

    def add(self, row: int, texts: Iterable[tuple[Numbers, int]]) -> None:
        """Each text: its terms, with repetitions, and how often it counts."""
        for terms, times in texts:
            self._waiting += [(terms << _ROW) | row] * times
            self._size += len(terms) * times
        if self._size > _AT_ONCE:
            self._count()

    def _count(self) -> None:
        pairs, counts = np.unique(np.concatenate(self._waiting), return_counts=True)
        self._blocks.append((pairs << _COUNT) | counts.clip(max=MOST))
        self._waiting, self._size = [], 0

    def pairs(self, rows: int) -> TermTable:
        """What was counted; `rows`: how many there are in all."""
        if self._waiting:
            self._count()
        packed = np.empty(sum(map(len, self._blocks)), np.int64)
        end = len(packed)
        while self._blocks:  # each is forgotten as soon as it is copied
            block = self._blocks.pop()
            packed[end - len(block) : end] = block
            end -= len(block)
        packed.sort()
        return _unpacked(packed, _dtype(rows))


def _unpacked(packed: Numbers, dtype: type[np.unsignedinteger]) -> TermTable:
    rows, counts = np.empty(len(packed), dtype), np.empty(len(packed), np.uint8)
    terms, starts, last = [], [], -1
    for at in range(0, len(packed), _AT_ONCE):
        part = packed[at : at + _AT_ONCE]
        rows[at : at + _AT_ONCE] = (part >> _COUNT) & (2**_ROW - 1)
        counts[at : at + _AT_ONCE] = part & (2**_COUNT - 1)
        found = part >> (_COUNT + _ROW)
        new = np.flatnonzero(np.diff(found, prepend=last))
        terms.append(found[new])
        starts.append(new + at)
        last = int(found[-1])
    none = [np.empty(0, np.int64)]
    return TermTable(
        np.concatenate(terms or none), np.append(np.concatenate(starts or none), len(packed)), rows, counts
    )


def _inside(some: Numbers, rising: Numbers) -> Flags:
    if not len(rising):
        return np.zeros(len(some), bool)
    found: Flags = rising[np.searchsorted(rising, some).clip(max=len(rising) - 1)] == some
    return found


def _starts(frequency: Numbers) -> Numbers:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(frequency)])


def _dtype(rows: int) -> type[np.unsignedinteger]:
    return np.uint16 if rows <= 2**16 else np.uint32
