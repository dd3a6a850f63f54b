"""Typos and run-together words: a question's unknown words are mended towards the words of the knowledge.

Whole sentences are never compared: any shared word would make them alike.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from itertools import pairwise

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

from bot.matching.languages import STOP_WORDS
from bot.matching.reading import Prepared
from bot.matching.text import bare, fold, stem, tokens

_SHORTEST = 4  # letters; shorter words differ by chance
_CLOSE = 0.84  # Jaro-Winkler below which two words are never the same
_LONG, _LONGER = 8, 10  # letters from which on one may be wrong, or two
_MOST = 8  # words of a question that are mended
_WRITTEN = re.compile(r"[^\W\d_]{4,}")


class Vocabulary:
    """The words of the knowledge, folded, with the way they are written there."""

    def __init__(self, texts: Iterable[Prepared], familiar: Callable[[str], bool] = lambda word: False) -> None:
        """`familiar`: whether a word, as written, is a common one of some language."""
        self._familiar = familiar
        self._written: dict[str, str] = {}
        folded = self._read(texts)
        self._words = frozenset(word for words in folded for word in words)
        self._stems = frozenset(map(stem, self._words))
        joined = ((a, b) for words in folded for a, b in pairwise(words) if min(len(a), len(b)) > 2)
        self._joined = {a + b: f"{a} {b}" for a, b in joined if a + b not in self._words}
        self._choices = [w for w in self._words if len(w) >= _SHORTEST and w.isalpha() and w not in STOP_WORDS]

    def _read(self, texts: Iterable[Prepared]) -> list[list[str]]:
        """Each text as folded words; on the way, how each word is written most often."""
        ways: defaultdict[str, Counter[str]] = defaultdict(Counter)
        folded = []
        for text in texts:
            folded.append(text.line.split())
            for word in _WRITTEN.findall(text.plain.lower()):
                ways[bare(word)][word] += 1
        self._written = {plain: way.most_common(1)[0][0] for plain, way in ways.items()}
        return folded

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
        if word in self._joined:
            return self._joined[word]
        near = process.extract(word, self._choices, scorer=JaroWinkler.similarity, score_cutoff=_CLOSE, limit=8)
        steps = sorted((DamerauLevenshtein.distance(word, known), -score, known) for known, score, _ in near)
        return next((known for distance, _, known in steps if distance <= _allowed(word, known)), None)

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
