"""Words and character n-grams, weighted by rarity: which entries share with the question what few others have.

An inverted index in flat numpy arrays: a query touches only the rows that share a term with it, so time grows with
what is shared and not with the knowledge. n-grams are numbered exactly (37 signs, five at most, fit an integer).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Floats = NDArray[np.float32]

SHORTEST, LONGEST = 2, 5
_SIGNS = 37  # blank, 0-9, a-z
_BUSIEST = 200_000  # entries of the lists one query may add up; the most common terms are left out beyond


def _codes() -> NDArray[np.int64]:
    table = np.zeros(256, dtype=np.int64)
    for place, char in enumerate(b"0123456789abcdefghijklmnopqrstuvwxyz", start=1):
        table[char] = place
    return table


_CODES = _codes()


def grams(text: str) -> Numbers:
    """The numbers of all n-grams of a folded text of [a-z0-9 ], its two ends counted as blanks."""
    codes = _CODES[np.frombuffer(f" {text} ".encode("ascii", "replace"), dtype=np.uint8)]
    found, running = [], codes
    for length in range(2, LONGEST + 1):
        running = running[:-1] * _SIGNS + codes[length - 1 :]
        if length >= SHORTEST:
            found.append(running * 8 + length)
    return np.concatenate(found)


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of many rows as three arrays of one length: which row, which term, how often (or how heavily)."""

    rows: Numbers
    terms: Numbers
    counts: Floats


def weighted(rows: Sequence[Iterable[tuple[Numbers, float]]]) -> Terms:
    """Each row: the terms of its texts, with the weight of each text."""
    parts = [(row, terms, weight) for row, texts in enumerate(rows) for terms, weight in texts if len(terms)]
    if not parts:
        return Terms(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32))
    lengths = [len(terms) for _, terms, _ in parts]
    return Terms(
        np.repeat(np.array([row for row, _, _ in parts], dtype=np.int64), lengths),
        np.concatenate([terms for _, terms, _ in parts]),
        np.repeat(np.array([weight for *_, weight in parts], dtype=np.float32), lengths),
    )


class Postings:
    """TF-IDF with cosine over rows: `likeness(terms)` gives every row a number from 0 to 1."""

    def __init__(self, terms: Terms, size: int) -> None:
        self.size = size
        self.vocabulary, term = np.unique(terms.terms, return_inverse=True)
        pair, place = np.unique(term.astype(np.int64) * max(size, 1) + terms.rows, return_inverse=True)
        counts = np.bincount(place, weights=terms.counts, minlength=len(pair))
        term, self._rows = pair // max(size, 1), (pair % max(size, 1)).astype(np.int32)
        frequency = np.bincount(term, minlength=len(self.vocabulary))
        self._starts = np.concatenate([[0], np.cumsum(frequency)])
        self.rarity: Floats = (np.log((size + 1) / (frequency + 1)) + 1).astype(np.float32)
        values = (1 + np.log(np.maximum(counts, 1e-6) + 1e-9).clip(-0.7)) * self.rarity[term]
        norms = np.sqrt(np.bincount(self._rows, weights=values**2, minlength=size)).clip(1e-9)
        self._values = (values / norms[self._rows]).astype(np.float32)
        self.unknown = float(np.log(size + 1) + 1)
        by_row = np.argsort(self._rows, kind="stable")
        self._terms = term[by_row].astype(np.int32)
        self._row_starts = np.concatenate([[0], np.cumsum(np.bincount(self._rows, minlength=size))])

    def find(self, terms: Numbers) -> tuple[Numbers, NDArray[np.bool_]]:
        """The place of each term in the vocabulary, and whether it is there at all."""
        if not len(self.vocabulary):
            return np.zeros(len(terms), np.int64), np.zeros(len(terms), bool)
        places = np.searchsorted(self.vocabulary, terms).clip(max=len(self.vocabulary) - 1)
        return places, self.vocabulary[places] == terms

    def likeness(self, terms: Numbers, weights: Floats | None = None) -> Floats:
        """How alike each row is to the given terms (with repetitions, each with its weight)."""
        distinct, place = np.unique(terms, return_inverse=True)
        counts = np.bincount(place, weights=weights) if len(terms) else np.empty(0)
        places, known = self.find(distinct)
        rarity = self.rarity_of(distinct)
        values = (1 + np.log(counts.clip(1e-6)).clip(-2)).clip(0.05) * rarity
        norm = float(np.sqrt((values**2).sum())) or 1.0
        return self._add_up(places[known], (values[known] / norm).astype(np.float32))

    def _add_up(self, places: Numbers, values: Floats) -> Floats:
        starts, lengths = self._starts[places], self._starts[places + 1] - self._starts[places]
        if lengths.sum() > _BUSIEST:
            rare = np.argsort(lengths, kind="stable")
            rare = rare[np.cumsum(lengths[rare]) <= _BUSIEST]
            starts, lengths, values = starts[rare], lengths[rare], values[rare]
        where = np.repeat(starts - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths) + np.arange(lengths.sum())
        added = self._values[where] * np.repeat(values, lengths)
        return np.bincount(self._rows[where], weights=added, minlength=self.size).astype(np.float32)

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
