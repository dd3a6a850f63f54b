"""Words and character n-grams as integers, to be counted in arrays.

n-grams have exact numbers, in base 37: no hashing, no collisions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bot.matching.arrays import Numbers

LENGTH = 4  # of an n-gram; 3 to 5 together find no more, in three times the memory
_ALPHABET = 37  # blank, 0-9, a-z


def _codes() -> NDArray[np.int64]:
    table = np.zeros(256, dtype=np.int64)
    for place, char in enumerate(b"0123456789abcdefghijklmnopqrstuvwxyz", start=1):
        table[char] = place
    return table


_CODES = _codes()


def grams(text: str) -> Numbers:
    """`(n_grams,)` of a folded text of [a-z0-9 ], padded with a blank at each end."""
    codes = _CODES[np.frombuffer(f" {text} ".encode("ascii", "replace"), dtype=np.uint8)]
    numbers = codes
    for length in range(2, LENGTH + 1):
        numbers = numbers[:-1] * _ALPHABET + codes[length - 1 :]
    return numbers


class Numbering:
    """Numbers of words, by first appearance; frozen once built. A number is never reused."""

    def __init__(self, names: Sequence[str] = (), known: Iterable[int] = ()) -> None:
        """`names` by number; only the numbers in `known` are in use."""
        self.names = list(names)
        self._numbers = {self.names[number]: number for number in known}

    def copy(self) -> Numbering:
        return Numbering(self.names, self._numbers.values())

    def learn(self, words: Iterable[str]) -> Numbers:
        for word in (words := list(words)):
            if word not in self._numbers:
                self._numbers[word] = len(self.names)
                self.names.append(word)
        return self.look_up(words)

    def forget(self, numbers: Iterable[int]) -> None:
        """Words out of use; `names` keeps them."""
        for number in numbers:
            self._numbers.pop(self.names[number], None)

    def look_up(self, words: Iterable[str]) -> Numbers:
        """`(n_words,)`, -1 for an unknown word."""
        return np.array([self._numbers.get(word, -1) for word in words], dtype=np.int64)

    def __contains__(self, word: str) -> bool:
        return word in self._numbers


class SynonymMap:
    """Synonyms of one or more words, all counted under the name of their group."""

    def __init__(self, groups: Mapping[tuple[str, ...], str]) -> None:
        self._groups = groups
        self._longest = max(map(len, groups), default=0)

    def fold(self, words: Sequence[str]) -> list[str]:
        """The longest synonym at each place replaced."""
        folded, at = [], 0
        while at < len(words):
            length = next((n for n in range(self._longest, 0, -1) if tuple(words[at : at + n]) in self._groups), 0)
            folded.append(self._groups[tuple(words[at : at + length])] if length else words[at])
            at += length or 1
        return folded
