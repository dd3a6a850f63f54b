"""Words and character n-grams, weighted by rarity: which entries share with the question what few others have.

An inverted index in flat numpy arrays: a query touches only the rows that share a term with it, so time grows with
what is shared and not with the knowledge. n-grams are numbered exactly (37 signs, five at most, fit an integer).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

LENGTH = 4  # of an n-gram; 3 to 5 together find no more, in three times the room
_SIGNS = 37  # blank, 0-9, a-z
_BUSIEST = 200_000  # entries of the lists one query may add up; the most common terms are left out beyond

_COMMON = 60  # rows from which on terms are multiplied all at once


def _codes() -> NDArray[np.int64]:
    table = np.zeros(256, dtype=np.int64)
    for place, char in enumerate(b"0123456789abcdefghijklmnopqrstuvwxyz", start=1):
        table[char] = place
    return table


_CODES = _codes()


def grams(text: str) -> Numbers:
    """The numbers of all n-grams of a folded text of [a-z0-9 ], its two ends counted as blanks."""
    codes = _CODES[np.frombuffer(f" {text} ".encode("ascii", "replace"), dtype=np.uint8)]
    found = codes
    for length in range(2, LENGTH + 1):
        found = found[:-1] * _SIGNS + codes[length - 1 :]
    return found


class Postings:
    """TF-IDF with cosine over rows: `likeness(terms)` gives every row a number from 0 to 1."""

    def __init__(self, rows: Sequence[Iterable[tuple[Numbers, int]]], *, by_row: bool = False) -> None:
        """Each row: the terms of its texts (with repetitions) and how often each text counts.

        `by_row`: keep what `terms_of` needs.
        """
        self.size = len(rows)
        pairs, counts = _counted(rows)
        term, self._rows = np.divmod(pairs, max(self.size, 1))
        self._rows = self._rows.astype(np.int32)
        starts = np.flatnonzero(np.diff(term, prepend=-1))
        self.vocabulary: Numbers = term[starts]
        self._starts = np.append(starts, len(term))
        frequency = np.diff(self._starts)
        self.unknown = float(np.log(self.size + 1) + 1)
        self.rarity: Floats = (np.log((self.size + 1) / (frequency + 1)) + 1).astype(np.float32)
        values = (1 + np.log(counts)) * np.repeat(self.rarity, frequency)
        norms = np.sqrt(np.bincount(self._rows, weights=values**2, minlength=self.size)).clip(1e-9).astype(np.float32)
        self._values = (values / norms[self._rows]).astype(np.float32)
        if by_row:
            self._terms = np.repeat(np.arange(len(frequency)), frequency)[np.argsort(self._rows, kind="stable")]
            self._row_starts = np.append(0, np.cumsum(np.bincount(self._rows, minlength=self.size)))

    def find(self, terms: Numbers) -> tuple[Numbers, NDArray[np.bool_]]:
        """The place of each term in the vocabulary, and whether it is there at all."""
        if not len(self.vocabulary):
            return np.zeros(len(terms), np.int64), np.zeros(len(terms), bool)
        places = np.searchsorted(self.vocabulary, terms).clip(max=len(self.vocabulary) - 1)
        return places, self.vocabulary[places] == terms

    def likeness(self, terms: Numbers, weights: Floats | None = None) -> Floats:
        """How alike each row is to the given terms (with repetitions, each with its weight)."""
        distinct, values = self.weighed(terms, weights)
        places, known = self.find(distinct)
        return self._add_up(places[known], values[known].astype(np.float32))

    def weighed(self, terms: Numbers, weights: Floats | None = None) -> tuple[Numbers, Doubles]:
        """The terms of a question, each once, and their values: a vector of length 1."""
        distinct, place = np.unique(terms, return_inverse=True)
        counts = np.bincount(place, weights=weights) if len(terms) else np.empty(0)
        values = (1 + np.log(counts.clip(1e-6)).clip(-2)).clip(0.05) * self.rarity_of(distinct)
        return distinct, values / (float(np.sqrt((values**2).sum())) or 1.0)

    def _add_up(self, places: Numbers, values: Floats) -> Floats:
        starts, lengths = self._starts[places], self._starts[places + 1] - self._starts[places]
        if lengths.sum() > _BUSIEST:
            rare = np.argsort(lengths, kind="stable")
            rare = rare[np.cumsum(lengths[rare]) <= _BUSIEST]
            starts, lengths, values = starts[rare], lengths[rare], values[rare]
        where = np.repeat(starts - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths) + np.arange(lengths.sum())
        added = self._values[where] * np.repeat(values, lengths)
        return np.bincount(self._rows[where], weights=added, minlength=self.size).astype(np.float32)

    def products(self) -> Floats:
        """How alike each row is to each other one."""
        found = np.zeros((self.size, self.size), np.float32)
        lengths = np.diff(self._starts)
        for term in np.flatnonzero((lengths > 1) & (lengths <= _COMMON)):
            rows, values = self._row(term)
            found[rows[:, None], rows] += values[:, None] * values
        common = np.zeros((self.size, int((lengths > _COMMON).sum())), np.float32)
        for column, term in enumerate(np.flatnonzero(lengths > _COMMON)):
            rows, values = self._row(term)
            common[rows, column] = values
        found += common @ common.T
        found[np.diag_indices(self.size)] = 1
        return found

    def _row(self, term: np.integer[Any]) -> tuple[Numbers, Floats]:
        """The rows that hold a term of the vocabulary, and what it counts there."""
        here = slice(self._starts[term], self._starts[term + 1])
        return self._rows[here], self._values[here]

    def content(self) -> bytes:
        """The same bytes for the same rows."""
        return b"".join(part.tobytes() for part in (self.vocabulary, self._starts, self._rows, self._values))

    def terms_of(self, row: int) -> Numbers:
        """The terms of one row."""
        found: Numbers = self.vocabulary[self._terms[self._row_starts[row] : self._row_starts[row + 1]]]
        return found

    def rarity_of(self, terms: Numbers) -> Floats:
        """The rarity of each term, that of a term met nowhere for unknown ones."""
        places, known = self.find(terms)
        if not len(self.rarity):
            return np.full(len(terms), self.unknown, np.float32)
        return np.where(known, self.rarity[places], np.float32(self.unknown))


def _counted(rows: Sequence[Iterable[tuple[Numbers, int]]]) -> tuple[Numbers, Floats]:
    """Every (term, row) once, as term * rows + row in rising order, with its count."""
    size = max(len(rows), 1)
    pairs = [terms * size + row for row, texts in enumerate(rows) for terms, times in texts for _ in range(times)]
    flat = np.concatenate([*pairs, np.empty(0, np.int64)])
    flat.sort()  # in place: there are millions
    firsts = np.flatnonzero(np.diff(flat, prepend=-1))
    return flat[firsts], np.diff(np.append(firsts, len(flat))).astype(np.float32)


class Numbering:
    """Words as numbers, in the order in which they first came; frozen once built."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self.names: list[str] = []

    def learn(self, words: Iterable[str]) -> Numbers:
        for word in (words := list(words)):
            if word not in self._numbers:
                self._numbers[word] = len(self.names)
                self.names.append(word)
        return self.look_up(words)

    def look_up(self, words: Iterable[str]) -> Numbers:
        """-1 where a word is unknown."""
        return np.array([self._numbers.get(word, -1) for word in words], dtype=np.int64)

    def __contains__(self, word: str) -> bool:
        return word in self._numbers


class Synonyms:
    """Groups of words that mean the same, each counted under the name of its first word."""

    def __init__(self, groups: Mapping[tuple[str, ...], str]) -> None:
        self._groups = groups
        self._longest = max(map(len, groups), default=0)

    def fold(self, words: Sequence[str]) -> list[str]:
        found, at = [], 0
        while at < len(words):
            length = next((n for n in range(self._longest, 0, -1) if tuple(words[at : at + n]) in self._groups), 0)
            found.append(self._groups[tuple(words[at : at + length])] if length else words[at])
            at += length or 1
        return found
