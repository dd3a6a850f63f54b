"""Typos and run-together words: a question's unknown words are mended towards the words of the knowledge.

Whole sentences are never compared: any shared word would make them alike.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

from bot.matching.languages import STOP_WORDS
from bot.matching.query import Prepared
from bot.matching.text import bare, fold, stem, tokens

_SHORTEST = 4  # letters; shorter words differ by chance
_CLOSE = 0.84  # Jaro-Winkler below which two words are never the same
_LONG, _LONGER = 8, 10  # letters from which on one may be wrong, or two
_PIECE = 2  # letters at most of a word that is never run together with another
_MOST = 8  # words of a question that are mended
_WRITTEN = re.compile(r"[^\W\d_]{4,}")


_NONE: Mapping[str, int] = {}


class WordCounts:
    """How often the words of the knowledge stand in its texts: folded, as they are written, and one after another."""

    def __init__(
        self, words: Mapping[str, int] = _NONE, ways: Mapping[str, int] = _NONE, pairs: Mapping[str, int] = _NONE
    ) -> None:
        self.words, self.ways, self.pairs = dict(words), dict(ways), dict(pairs)

    def copy(self) -> WordCounts:
        return WordCounts(self.words, self.ways, self.pairs)

    def count(self, text: Prepared, by: int = 1) -> None:
        """`by` is -1 for a text that is gone."""
        folded = text.line.split()
        _count(self.words, folded, by)
        _count(self.ways, _WRITTEN.findall(text.plain.lower()), by)
        _count(self.pairs, (f"{a} {b}" for a, b in pairwise(folded) if min(len(a), len(b)) > _PIECE), by)


def _count(counts: dict[str, int], words: Iterable[str], by: int) -> None:
    for word in words:
        if left := counts.get(word, 0) + by:
            counts[word] = left
        else:
            del counts[word]


class Vocabulary:
    """The words of the knowledge, folded, with the way each is written most often."""

    def __init__(self, written: WordCounts, familiar: Callable[[str], bool] = lambda word: False) -> None:
        """`familiar`: whether a word, as written, is a common one of some language."""
        self._familiar = familiar
        self._words, self._pairs = written.words, written.pairs
        best: dict[str, tuple[int, str]] = {}
        for word, times in written.ways.items():
            plain = bare(word)
            best[plain] = max(best.get(plain, (0, "")), (times, word))  # of two the one with an accent
        self._written = {plain: word for plain, (_, word) in best.items()}
        self._stems = frozenset(map(stem, self._words))
        self._choices: defaultdict[tuple[str, int], list[str]] = defaultdict(list)  # by first letter and length
        for word in self._words:
            if len(word) >= _SHORTEST and word.isalpha() and word not in STOP_WORDS:
                self._choices[word[0], len(word)].append(word)

    @classmethod
    def of(cls, texts: Iterable[Prepared], familiar: Callable[[str], bool] = lambda word: False) -> Vocabulary:
        written = WordCounts()
        for text in texts:
            written.count(text)
        return cls(written, familiar)

    def __contains__(self, word: str) -> bool:
        return word in self._words or word in STOP_WORDS or stem(word) in self._stems

    def written(self) -> dict[str, str]:
        """For each stem a word of the knowledge that has it, as it is written there most often."""
        return {stem(word): self._written.get(word, word) for word in sorted(self._words, reverse=True)}

    def mend(self, text: str) -> dict[str, str]:
        """For the unknown words of a clean text, folded: the known word (or words) meant, where one is near enough."""
        written = {bare(word): word for word in _WRITTEN.findall(text.lower())}
        unknown = [t for t in dict.fromkeys(tokens(fold(text))) if self._doubtful(t, written.get(t, t))]
        mended = {word: self._nearest(word) for word in unknown[:_MOST]}
        return {word: known for word, known in mended.items() if known}

    def _doubtful(self, word: str, written: str) -> bool:
        return len(word) >= _SHORTEST and word.isalpha() and word not in self and not self._familiar(written)

    def _nearest(self, word: str) -> str | None:
        if taken_apart := self._apart(word):
            return taken_apart
        slips = 1 if len(word) < _LONGER else 2  # the same as differences in length, and the first letter stays
        lengths = range(len(word) - slips, len(word) + slips + 1)
        choices = [known for length in lengths for known in self._choices.get((word[0], length), ())]
        near = process.extract(word, choices, scorer=JaroWinkler.similarity, score_cutoff=_CLOSE, limit=8)
        steps = sorted((DamerauLevenshtein.distance(word, known), -score, known) for known, score, _ in near)
        return next((known for distance, _, known in steps if distance <= _allowed(word, known)), None)

    def _apart(self, word: str) -> str:
        """Two words of the knowledge that stand there one after the other, where this is both run together."""
        cuts = range(_PIECE + 1, len(word) - _PIECE)
        pairs = (f"{word[:cut]} {word[cut:]}" for cut in cuts)
        return max(filter(self._pairs.get, pairs), key=self._pairs.__getitem__, default="")

    def rewrite(self, text: str, mended: dict[str, str]) -> str:
        """A clean text with its typos mended, as the encoder should read it."""

        def better(match: re.Match[str]) -> str:
            known = mended.get(bare(match[0].lower()))
            return " ".join(self._written.get(part, part) for part in known.split()) if known else match[0]

        return _WRITTEN.sub(better, text) if mended else text


def _allowed(word: str, known: str) -> int:
    """Slips that a word may hold; a short one no wrong letter, for that makes another word of the language."""
    if word[0] != known[0] or (len(word) == _SHORTEST and sorted(word) != sorted(known)):
        return 0
    if len(word) < _LONG and len(word) == len(known) and sorted(word) != sorted(known):
        return 0
    return 1 if len(word) < _LONGER else 2
