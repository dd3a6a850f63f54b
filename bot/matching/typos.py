"""The usual word that a mistyped one stands for: the likeliest, by how usual it is and how people mistype it.

A noisy channel (Brill and Moore 2000, doi:10.3115/1075218.1075255): which letters are typed for others is learned from
questions that were typed again in haste, how usual words are from texts written for this project
(`training/learn_typos.py`). All is folded; costs are negative natural logarithms of likelihoods.
"""

import json
import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from heapq import heappop, heappush
from importlib.resources import files

from bot.text.accents import bare

TYPOS = "typos.json"
LEAST = 3  # occurrences from which on a word may be meant; rarer ones are only known
END = "$"  # behind each word: silent letters are mistyped at its end
_SWAPPED, _ELIDED, _JOINED = 5.0, 2.0, 5.0  # costs of any two letters exchanged, of an apostrophe or a blank left out
_HIGHEST = (
    5.0  # cost of the typing, above which nothing is meant; 4 finds less, 6 to 9 no more, and change more right words
)
_USUAL = 0.5  # what the cost of a word weighs beside that of its typing
_STEPS = 2_000  # of a search

State = tuple[float, int, str, str]
"""Cost; letters read; words found before the last one, each with a blank behind it; what is found of the last one."""


class Typos:
    def __init__(
        self, edits: Mapping[str, Sequence[tuple[str, float]]], words: Mapping[str, int], elided: Sequence[str]
    ) -> None:
        """`edits`: for some letters as typed, others that are meant, with their costs; `words`: with occurrences;
        `elided`: words before an apostrophe."""
        self._edits, self._elided = edits, frozenset(elided)
        self._longest = max(map(len, edits), default=0)
        self._spelled = {bare(word): word for word in words if not word.isascii()}
        total = sum(words.values())
        self._costs = {bare(word): _USUAL * math.log(total / times) for word, times in words.items()}
        self._usual = sorted(bare(word) for word, times in words.items() if times >= LEAST)

    def __contains__(self, word: str) -> bool:
        return word in self._costs

    def spelled(self, word: str) -> str:
        """Return a word with its accents."""
        return self._spelled.get(word, word)

    def meant(self, typed: str) -> str | None:
        """Return the likeliest word, or words with blanks between them; None if no usual one is near."""
        letters, heap, seen = typed + END, [(0.0, 0, "", "")], set[tuple[int, str, str]]()
        found: list[tuple[float, str]] = []
        for _ in range(_STEPS):
            if not heap or (found and heap[0][0] > found[0][0]):
                break
            cost, read, before, word = heappop(heap)
            if (read, before, word) in seen:
                continue
            seen.add((read, before, word))
            if read == len(letters):
                words = before + word.removesuffix(END)
                found = sorted([*found, (cost + sum(map(self._costs.__getitem__, words.split())), words)])
            else:
                for state in self._next(letters, cost, read, before, word):
                    if state[0] <= _HIGHEST:
                        heappush(heap, state)
        return found[0][1] if found else None

    def _next(self, letters: str, cost: float, read: int, before: str, word: str) -> Iterator[State]:
        """Yield the states after one more letter, one edit, or a missing apostrophe or blank."""
        here = letters[read]
        ways = [(here, read + 1, 0.0)]
        for end in range(read + 1, min(read + self._longest, len(letters)) + 1):
            ways += [(meant, end, more) for meant, more in self._edits.get(letters[read:end], ())]
        if here != END and letters[read + 1] != END:
            ways.append((letters[read + 1] + here, read + 2, _SWAPPED))
        for meant, end, more in ways:
            longer = word + meant
            is_word = longer.endswith(END) and self._is_usual(longer[:-1]) and (not before or len(longer) > LEAST)
            if is_word or (END not in meant and self._begins(longer)):
                yield cost + more, end, before, longer
        if not before and word in self._elided:
            yield cost + _ELIDED, read, f"{word} ", ""
        elif not before and len(word) >= LEAST and self._is_usual(word):
            yield cost + _JOINED, read, f"{word} ", ""

    def _is_usual(self, word: str) -> bool:
        at = bisect_left(self._usual, word)
        return at < len(self._usual) and self._usual[at] == word

    def _begins(self, prefix: str) -> bool:
        """Whether a usual word begins so."""
        at = bisect_left(self._usual, prefix)
        return at < len(self._usual) and self._usual[at].startswith(prefix)


@cache
def shipped_typos() -> Typos:
    """Return those of the package; read when first somebody mistypes."""
    return Typos(**json.loads(files(__package__).joinpath(TYPOS).read_bytes()))
