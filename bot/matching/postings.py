"""An inverted index in flat arrays: how much each row of the knowledge shares with a question, rare terms first.

A query touches only the rows that share a term with it, so time grows with what is shared and not with the knowledge.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.matching.arrays import Doubles, Flags, Floats, Numbers
from bot.matching.term_table import MOST, Counting, Rows, TermTable

_BUSIEST = 200_000  # entries of the lists one query may add up; the most common terms are left out beyond
_COMMON = 60  # rows from which on terms are multiplied all at once
_ROWS = 256  # rows, and terms, that are multiplied with all others together
_AT_ONCE = 262_144  # pairs that are weighed together
_TIMES = np.log(np.arange(MOST + 1).clip(1)).astype(np.float32) + 1  # what a count weighs


class Postings:
    """TF-IDF with cosine over rows: `likeness(terms)` gives every row a number from 0 to 1."""

    def __init__(self, pairs: TermTable, size: int) -> None:
        self.size, self.pairs, self.vocabulary = size, pairs, pairs.terms
        self.unknown = float(np.log(size + 1) + 1)
        self.rarity: Floats = (np.log((size + 1) / (pairs.frequency + 1)) + 1).astype(np.float32)
        self._norms = self._measured()

    @classmethod
    def of(cls, rows: Sequence[Iterable[tuple[Numbers, int]]]) -> Postings:
        """Each row with its texts: their terms, with repetitions, and how often the text counts."""
        counting = Counting()
        for number, texts in enumerate(rows):
            counting.add(number, texts)
        return cls(counting.pairs(len(rows)), len(rows))

    def _measured(self) -> Floats:
        """The length of each row."""
        pairs, squares, first = self.pairs, np.zeros(self.size), 0
        while first < len(pairs.terms):
            last = max(first + 1, int(np.searchsorted(pairs.starts, pairs.starts[first] + _AT_ONCE, side="right")) - 1)
            part = slice(pairs.starts[first], pairs.starts[last])
            values = _TIMES[pairs.counts[part]] * np.repeat(self.rarity[first:last], pairs.frequency[first:last])
            squares += np.bincount(pairs.rows[part], weights=values**2, minlength=self.size)
            first = last
        return np.sqrt(squares).clip(1e-9).astype(np.float32)

    def find(self, terms: Numbers) -> tuple[Numbers, Flags]:
        """The place of each term in the vocabulary, and whether it is there at all."""
        if not len(self.vocabulary):
            return np.zeros(len(terms), np.int64), np.zeros(len(terms), bool)
        places = np.searchsorted(self.vocabulary, terms).clip(max=len(self.vocabulary) - 1)
        return places, self.vocabulary[places] == terms

    def likeness(self, terms: Numbers, weights: Floats | None = None) -> Floats:
        """How alike each row is to the given terms (with repetitions, each with its weight)."""
        distinct, values = self.weighed(terms, weights)
        places, known = self.find(distinct)
        return self._add_up(places[known], values[known])

    def weighed(self, terms: Numbers, weights: Floats | None = None) -> tuple[Numbers, Doubles]:
        """The terms of a question, each once, and their values: a vector of length 1."""
        distinct, place = np.unique(terms, return_inverse=True)
        counts = np.bincount(place, weights=weights) if len(terms) else np.empty(0)
        values = (1 + np.log(counts.clip(1e-6)).clip(-2)).clip(0.05) * self.rarity_of(distinct)
        return distinct, values / (float(np.sqrt((values**2).sum())) or 1.0)

    def _add_up(self, places: Numbers, values: Doubles) -> Floats:
        lengths = self.pairs.starts[places + 1] - self.pairs.starts[places]
        if lengths.sum() > _BUSIEST:
            rare = np.argsort(lengths, kind="stable")
            rare = rare[np.cumsum(lengths[rare]) <= _BUSIEST]
            places, values, lengths = places[rare], values[rare], lengths[rare]
        ends = np.cumsum(lengths)
        total = int(ends[-1]) if len(ends) else 0
        where = np.repeat(self.pairs.starts[places] - ends + lengths, lengths) + np.arange(total)
        weights = (values * self.rarity[places]).astype(np.float32)
        added = np.repeat(weights, lengths) * _TIMES[self.pairs.counts[where]]
        found = np.bincount(self.pairs.rows[where], weights=added, minlength=self.size)
        return (found / self._norms).astype(np.float32)

    def holds(self, row: int, terms: Numbers) -> Flags:
        """Which of the terms the row has."""
        mine = self.terms_of(row)
        if not len(mine):
            return np.zeros(len(terms), bool)
        found: Flags = mine[np.searchsorted(mine, terms).clip(max=len(mine) - 1)] == terms
        return found

    def add_products(self, found: Floats, weight: float) -> None:
        """Add, so much times, how alike each row is to each other one; in place, for it is a matrix of all rows."""
        frequency = self.pairs.frequency
        for term in np.flatnonzero((frequency > 1) & (frequency <= _COMMON)).tolist():
            rows, values = self._row(term)
            found[rows[:, None], rows] += weight * values[:, None] * values
        common = np.flatnonzero(frequency > _COMMON)
        for first in range(0, len(common), _ROWS):
            some = np.zeros((self.size, _ROWS), np.float32)
            for column, term in enumerate(common[first : first + _ROWS].tolist()):
                rows, values = self._row(term)
                some[rows, column] = values
            for at in range(0, self.size, _ROWS):
                found[at : at + _ROWS] += weight * some[at : at + _ROWS] @ some.T

    def _row(self, term: int) -> tuple[Rows, Floats]:
        """The rows that hold a term of the vocabulary, and what it counts there."""
        here = slice(self.pairs.starts[term], self.pairs.starts[term + 1])
        rows = self.pairs.rows[here]
        return rows, _TIMES[self.pairs.counts[here]] * self.rarity[term] / self._norms[rows]

    def content(self) -> tuple[NDArray[Any], ...]:
        """The same for the same rows."""
        return self.pairs.terms, self.pairs.starts, self.pairs.rows, self.pairs.counts

    def terms_of(self, row: int) -> Numbers:
        """The terms of one row, rising."""
        terms, starts = self._by_row
        return terms[starts[row] : starts[row + 1]]

    @cached_property
    def _by_row(self) -> tuple[Numbers, Numbers]:
        order = np.argsort(self.pairs.rows, kind="stable")
        terms = np.repeat(self.pairs.terms, self.pairs.frequency)[order]
        return terms, np.append(0, np.cumsum(np.bincount(self.pairs.rows, minlength=self.size)))

    def rarity_of(self, terms: Numbers) -> Floats:
        """The rarity of each term, that of a term met nowhere for unknown ones."""
        places, known = self.find(terms)
        if not len(self.rarity):
            return np.full(len(terms), self.unknown, np.float32)
        return np.where(known, self.rarity[places], np.float32(self.unknown))
