"""Typos and run-together words: a question's unknown words are mended towards the words of the knowledge.

Whole sentences are never compared: any shared word would make them alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

from bot.matching.languages import STOP_WORDS

_SHORTEST = 4  # letters; shorter words differ by chance
_CLOSE = 0.86  # Jaro-Winkler below which two words are never the same
_MOST = 6  # words of a question that are mended


class Vocabulary:
    """The words of the knowledge, folded, with the way they are usually written."""

    def __init__(self, texts: Iterable[Sequence[str]], written: Iterable[str] = ()) -> None:
        counted: Counter[str] = Counter()
        joined: dict[str, str] = {}
        for words in texts:
            counted.update(words)
            joined.update((a + b, f"{a} {b}") for a, b in zip(words, words[1:], strict=False) if len(a + b) > 6)
        self._words = frozenset(counted)
        self._joined = {run: apart for run, apart in joined.items() if run not in counted}
        self._choices = [word for word in counted if len(word) >= _SHORTEST and word not in STOP_WORDS]
        self._choices += list(self._joined)

    def __contains__(self, word: str) -> bool:
        return word in self._words or word in STOP_WORDS

    def mend(self, tokens: Sequence[str]) -> dict[str, str]:
        """For the unknown words of a question: the known word (or words) meant, where one is near enough."""
        unknown = [t for t in dict.fromkeys(tokens) if t not in self and len(t) >= _SHORTEST and t.isalpha()]
        mended = {word: self._nearest(word) for word in unknown[:_MOST]}
        return {word: self._joined.get(known, known) for word, known in mended.items() if known}

    def _nearest(self, word: str) -> str | None:
        if word in self._joined:
            return word
        near = process.extract(word, self._choices, scorer=JaroWinkler.similarity, score_cutoff=_CLOSE, limit=5)
        for known, _, _ in sorted(near, key=lambda n: DamerauLevenshtein.distance(word, n[0])):
            if DamerauLevenshtein.distance(word, known) <= _allowed(word):
                return str(known)
        return None


def _allowed(word: str) -> int:
    """Slips that a word of this length may hold."""
    return 1 if len(word) < 7 else 2 if len(word) < 12 else 3
