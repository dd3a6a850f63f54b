"""Words and character n-grams as integers, to be counted in arrays.

n-grams have exact numbers, in base 37: no hashing, no collisions.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate

import numpy as np

from bot.arrays import Numbers
from bot.text.folding import fold, tokens, words

LENGTH = 4  # of an n-gram; 3 to 5 together find no more, in three times the memory
_ALPHABET = 37  # blank, 0-9, a-z


_CODES: Numbers = np.zeros(256, np.int64)  # of characters
_CODES[list(b"0123456789abcdefghijklmnopqrstuvwxyz")] = np.arange(1, _ALPHABET)


def grams_of(texts: Sequence[str]) -> list[Numbers]:
    """Return the n-grams of each folded text of [a-z0-9 ], padded with a blank at each end, `(n_grams,)`.

    All are numbered at once, and those across two texts are left out.
    """
    padded = [f" {text} " for text in texts]
    codes = _CODES[np.frombuffer("".join(padded).encode("ascii", "replace"), dtype=np.uint8)]
    numbers = codes
    for length in range(2, LENGTH + 1):
        numbers = numbers[:-1] * _ALPHABET + codes[length - 1 :]
    ends = accumulate(map(len, padded))
    return [
        numbers[end - len(text) : max(end - LENGTH + 1, end - len(text))]
        for text, end in zip(padded, ends, strict=True)
    ]


class Numbering:
    """Numbers of words, by first appearance; frozen once built."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def learn(self, words: Sequence[str]) -> Numbers:
        """Return the number of each word, `(n_words,)`; new words get the next ones."""
        return np.array([self._numbers.setdefault(word, len(self._numbers)) for word in words], np.int64)

    def look_up(self, words: Iterable[str]) -> Numbers:
        """Return the number of each word, `(n_words,)`; -1 for an unknown word."""
        return np.array([self._numbers.get(word, -1) for word in words], np.int64)


class SynonymMap:
    """Synonyms of one or more words, all counted under the name of their group."""

    def __init__(self, synonyms: Sequence[Sequence[str]]) -> None:
        """`synonyms`: groups; the name of each is made of its first synonym's stems."""
        self._groups: dict[tuple[str, ...], str] = {}
        self.spelled: dict[str, str] = {}
        """The first synonym of each group as written, by the group's name."""
        for group in synonyms:
            variants = [(stems, variant) for variant in group if (stems := tuple(words(fold(variant))))]
            if not variants:  # stop words
                continue
            name = "_".join(variants[0][0])
            self._groups.update((stems, name) for stems, _ in variants)
            self.spelled[name] = variants[0][1]
        self._longest: dict[str, int] = {}  # words of the longest synonym, by its first one
        for stems in self._groups:
            self._longest[stems[0]] = max(len(stems), self._longest.get(stems[0], 0))

    def fold(self, words: Sequence[str]) -> list[str]:
        """Replace the longest synonym at each place by the name of its group."""
        if self._longest.keys().isdisjoint(words):  # most texts
            return list(words)
        folded, at = [], 0
        while at < len(words):
            length = self._longest.get(words[at], 0)
            while length and tuple(words[at : at + length]) not in self._groups:
                length -= 1
            folded.append(self._groups[tuple(words[at : at + length])] if length else words[at])
            at += length or 1
        return folded


def known_synonyms(groups: Iterable[Sequence[str]], is_known: Callable[[str], bool]) -> dict[str, str]:
    """Return single unknown words, each with a synonym of known words, since the encoder knows nothing of groups."""
    known: dict[str, str] = {}
    for group in groups:
        variants = [tokens(fold(variant)) for variant in group]
        has = [variant for variant in variants if all(map(is_known, variant))]
        lacking = [variant[0] for variant in variants if len(variant) == 1 and variant not in has]
        known |= {word: " ".join(has[0]) for word in lacking if has}
    return known
