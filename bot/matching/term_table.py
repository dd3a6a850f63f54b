"""Counts of terms in the rows of the knowledge, as a sparse matrix by columns; rows can be moved, removed and added.

A count takes three bytes with its row (five from 65,536 rows on): there are millions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.matching.arrays import Flags, Numbers

Rows = NDArray[np.uint16 | np.uint32]

MAX_COUNT = 255  # of a term in a row
TERMS = 2**30  # possible numbers of a term
_COUNT, _ROW = 8, 25  # bits of count and row, below those of the term, in one integer
_BATCH = 1_000_000  # terms that are sorted, counts that are unpacked together


@dataclass(frozen=True, slots=True)
class TermTable:
    """Rows of `terms[n]`: `rows[starts[n] : starts[n + 1]]`; its count in each: the same slice of `counts`."""

    terms: Numbers  # rising
    starts: Numbers
    rows: Rows
    counts: NDArray[np.uint8]

    @property
    def frequency(self) -> Numbers:
        """Number of rows of each term, `(n_terms,)`."""
        return np.diff(self.starts)

    def moved(self, places: Numbers, size: int) -> TermTable:
        """Each row at its new place, below `size`; -1 removes it."""
        stays = (places >= 0)[self.rows]
        frequency = np.add.reduceat(stays, self.starts[:-1], dtype=np.int64) if len(self.terms) else self.frequency
        alive = frequency > 0
        rows = places.clip(0).astype(_dtype(size))[self.rows[stays]]
        return TermTable(self.terms[alive], _starts(frequency[alive]), rows, self.counts[stays])

    def joined(self, other: TermTable) -> TermTable:
        """With the rows of `other`, which are not in this one."""
        terms = np.concatenate([self.terms, other.terms[~_inside(other.terms, self.terms)]])
        terms.sort()
        frequency = np.zeros(len(terms), np.int64)
        frequency[np.searchsorted(terms, self.terms)] = self.frequency
        theirs = np.searchsorted(terms, other.terms)
        places = np.repeat(np.cumsum(frequency)[theirs], other.frequency)  # at the end of each term's rows
        frequency[theirs] += other.frequency
        wide = max(self.rows.dtype, other.rows.dtype)
        rows = np.insert(self.rows.astype(wide, copy=False), places, other.rows)
        return TermTable(terms, _starts(frequency), rows, np.insert(self.counts, places, other.counts))


class TermCounter:
    """Makes a `TermTable`. Each row comes once, with all its texts."""

    def __init__(self) -> None:
        self._pending: list[Numbers] = []
        self._size = 0
        self._blocks: list[Numbers] = []

    def add(self, row: int, texts: Iterable[tuple[Numbers, int]]) -> None:
        """Each text: its terms, with repetitions, and how often it counts."""
        for terms, times in texts:
            self._pending += [(terms << _ROW) | row] * times
            self._size += len(terms) * times
        if self._size > _BATCH:
            self._count()

    def _count(self) -> None:
        pairs, counts = np.unique(np.concatenate(self._pending), return_counts=True)
        self._blocks.append((pairs << _COUNT) | counts.clip(max=MAX_COUNT))
        self._pending, self._size = [], 0

    def table(self, rows: int) -> TermTable:
        """`rows`: the number of all rows."""
        if self._pending:
            self._count()
        packed = np.empty(sum(map(len, self._blocks)), np.int64)
        end = len(packed)
        while self._blocks:  # each is freed once it is copied
            block = self._blocks.pop()
            packed[end - len(block) : end] = block
            end -= len(block)
        packed.sort()
        return _unpacked(packed, _dtype(rows))


def _unpacked(packed: Numbers, dtype: type[np.unsignedinteger]) -> TermTable:
    rows, counts = np.empty(len(packed), dtype), np.empty(len(packed), np.uint8)
    terms, starts, last = [], [], -1
    for at in range(0, len(packed), _BATCH):
        part = packed[at : at + _BATCH]
        rows[at : at + _BATCH] = (part >> _COUNT) & (2**_ROW - 1)
        counts[at : at + _BATCH] = part & (2**_COUNT - 1)
        column = part >> (_COUNT + _ROW)
        new = np.flatnonzero(np.diff(column, prepend=last))
        terms.append(column[new])
        starts.append(new + at)
        last = int(column[-1])
    none = [np.empty(0, np.int64)]
    return TermTable(
        np.concatenate(terms or none), np.append(np.concatenate(starts or none), len(packed)), rows, counts
    )


def _inside(some: Numbers, rising: Numbers) -> Flags:
    if not len(rising):
        return np.zeros(len(some), bool)
    is_inside: Flags = rising[np.searchsorted(rising, some).clip(max=len(rising) - 1)] == some
    return is_inside


def _starts(frequency: Numbers) -> Numbers:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(frequency)])


def _dtype(rows: int) -> type[np.unsignedinteger]:
    return np.uint16 if rows <= 2**16 else np.uint32
