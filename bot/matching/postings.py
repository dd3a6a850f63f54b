"""Inverted index in flat arrays: tf-idf cosine of a question to every row of the knowledge.

A query reads the posting lists of its own terms alone, so its time grows with them and not with the knowledge.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bot.arrays import Doubles, Flags, Floats, Numbers

Rows = NDArray[np.uint16 | np.uint32]

MAX_COUNT = 255  # of a term in a row
_COUNT, _ROW = 8, 32  # bits of count and row, below the 23 of the term, in one integer
_UNCOUNTED = 200_000  # terms that are counted together
_MAX_POSTINGS = 200_000  # that one query adds up; beyond, its most common terms are left out
_BATCH = 262_144  # postings that are weighted together
_TF = np.log(np.arange(MAX_COUNT + 1).clip(1)).astype(np.float32) + 1  # 1 + ln(count)


class TermCounter:
    """Builds `Postings`. Each row is added once, with all its texts."""

    def __init__(self) -> None:
        self._texts: list[Numbers] = []  # not counted yet
        self._rows: list[int] = []  # of each of them
        self._size = 0
        self._packed = [np.empty(0, np.int64)]

    def add(self, row: int, texts: Iterable[tuple[Numbers, int]]) -> None:
        """Add a row. `texts`: terms of each, with repetitions, and how often it counts."""
        for terms, times in texts:
            self._texts += [terms] * times
            self._rows += [row] * times
            self._size += len(terms) * times
        if self._size > _UNCOUNTED:
            self._count()

    def _count(self) -> None:
        rows = np.repeat(np.array(self._rows, np.int64), [len(terms) for terms in self._texts])
        pairs, counts = np.unique((np.concatenate(self._texts) << _ROW) | rows, return_counts=True)
        self._packed.append((pairs << _COUNT) | counts.clip(max=MAX_COUNT))
        self._texts, self._rows, self._size = [], [], 0

    def postings(self, size: int) -> Postings:
        """Return the postings and empty the counter. `size`: number of rows, those without terms included."""
        if self._texts:
            self._count()
        packed = np.concatenate(self._packed)
        self._packed.clear()
        packed.sort()
        counts = packed.astype(np.uint8)  # the lowest bits
        packed >>= _COUNT
        places: Rows = packed.astype(np.uint16 if size <= 2**16 else np.uint32)
        packed >>= _ROW
        is_first = np.ones(len(packed), bool)
        is_first[1:] = packed[1:] != packed[:-1]
        starts = np.flatnonzero(is_first)
        return Postings(packed[starts], np.append(starts, len(packed)), places, counts, size)


class Postings:
    """tf-idf vectors of rows, of length 1. Weights are (1 + ln tf) · idf, idf = ln((N + 1) / (df + 1)) + 1 (Salton and
    Buckley 1988).

    The counts are a sparse matrix by columns. There are millions of them: each takes three bytes with its row, five
    beyond 65,536 rows.
    """

    def __init__(self, terms: Numbers, starts: Numbers, rows: Rows, counts: NDArray[np.uint8], size: int) -> None:
        """`terms`: rising. Rows of `terms[n]`: `rows[starts[n] : starts[n + 1]]`; its count in each: the same slice of
        `counts`. `size`: number of rows, N."""
        self.terms, self.size = terms, size
        self._starts, self._rows, self._counts = starts, rows, counts
        self.unknown_idf = float(np.log(size + 1) + 1)
        frequency = np.diff(starts)  # the number of rows of each term
        self.idf: Floats = (np.log((size + 1) / (frequency + 1)) + 1).astype(np.float32)
        squares, first = np.zeros(size), 0
        while first < len(terms):
            last = max(first + 1, int(np.searchsorted(starts, starts[first] + _BATCH, side="right")) - 1)
            part = slice(starts[first], starts[last])
            values = _TF[counts[part]] * np.repeat(self.idf[first:last], frequency[first:last])
            squares += np.bincount(rows[part], weights=values**2, minlength=size)
            first = last
        self._norms: Floats = np.sqrt(squares).clip(1e-9).astype(np.float32)

    def find(self, terms: Numbers) -> tuple[Numbers, Flags]:
        """Return the place of each term in `self.terms`, and whether it is there."""
        if not len(self.terms):
            return np.zeros(len(terms), np.int64), np.zeros(len(terms), bool)
        places = np.searchsorted(self.terms, terms).clip(max=len(self.terms) - 1)
        return places, self.terms[places] == terms

    def similarity(self, terms: Numbers, weights: Floats) -> Floats:
        """Return the cosine of each row to the terms (repeated, each with its weight), 0 to 1, `(size,) float32`."""
        distinct, values = self.weigh(terms, weights)
        places, known = self.find(distinct)
        places, values = places[known], values[known]
        lengths = self._starts[places + 1] - self._starts[places]
        if lengths.sum() > _MAX_POSTINGS:
            rare = np.argsort(lengths, kind="stable")
            rare = rare[np.cumsum(lengths[rare]) <= _MAX_POSTINGS]
            places, values, lengths = places[rare], values[rare], lengths[rare]
        firsts = self._starts[places] - np.cumsum(lengths) + lengths
        where = np.repeat(firsts, lengths) + np.arange(lengths.sum())
        products = np.repeat((values * self.idf[places]).astype(np.float32), lengths) * _TF[self._counts[where]]
        sums = np.bincount(self._rows[where], weights=products, minlength=self.size)
        return (sums / self._norms).astype(np.float32)

    def weigh(self, terms: Numbers, weights: Floats) -> tuple[Numbers, Doubles]:
        """Return the distinct terms of a question and their tf-idf, scaled to length 1."""
        distinct, place = np.unique(terms, return_inverse=True)
        counts = np.bincount(place, weights)
        values = (1 + np.log(counts.clip(1e-6)).clip(-2)).clip(0.05) * self.idf_of(distinct)
        return distinct, values / (float(np.sqrt((values**2).sum())) or 1.0)

    def contains(self, row: int, terms: Numbers) -> Flags:
        """Return whether the row has each of the terms."""
        all_terms, starts = self._by_row
        own = all_terms[starts[row] : starts[row + 1]]  # rising
        if not len(own):
            return np.zeros(len(terms), bool)
        is_there: Flags = own[np.searchsorted(own, terms).clip(max=len(own) - 1)] == terms
        return is_there

    @cached_property
    def _by_row(self) -> tuple[Numbers, Numbers]:
        """The terms of all rows, one row after the other, and where each row begins, `(size + 1,)`."""
        order = np.argsort(self._rows, kind="stable")
        terms = np.repeat(self.terms, np.diff(self._starts))[order]
        return terms, np.append(0, np.cumsum(np.bincount(self._rows, minlength=self.size)))

    def idf_of(self, terms: Numbers) -> Floats:
        """Return the idf of each term, `(n_terms,) float32`; `unknown_idf` for a term that no row has."""
        places, known = self.find(terms)
        if not len(self.idf):
            return np.full(len(terms), self.unknown_idf, np.float32)
        return np.where(known, self.idf[places], np.float32(self.unknown_idf))
