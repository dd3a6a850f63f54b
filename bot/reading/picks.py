"""The numbers of an offer that a text names. Called only for texts that choose."""

import re
from collections.abc import Mapping, Sequence

from bot.reading import Pick
from bot.text.accents import bare

_NUMBERS: Mapping[str, int] = {  # counted from 0; -1: the last
    **dict.fromkeys("un une premier premiere one first".split(), 0),
    **dict.fromkeys("deux deuxieme second seconde two".split(), 1),
    **dict.fromkeys("trois troisieme three third".split(), 2),
    **dict.fromkeys("dernier derniere last".split(), -1),
}
_ALL, _BOTH, _MIDDLE = {"tous", "toutes", "all"}, {"both"}, {"milieu", "middle"}
_AROUND = set("la le les et and numero".split())
"""Words beside the numbers that do not change the choice."""
_WORD = re.compile(r"(\d{1,2})(?:e|eme|er|ere|st|nd|rd|th)?\b|([a-z]+)|\d+")  # 404 is of no list


def is_number(text: str) -> bool:
    """Whether a text is only numbers of a list: '2', 'la 1 et la 3', 'toutes', 'les deux'."""
    words = _words(text)
    kinds = {_number(word, words) is not None or word in _ALL | _BOTH for word in words if word not in _AROUND}
    return kinds == {True} and "+" not in text and "?" not in text


def picked(text: str) -> Pick | None:
    """Return the numbers that a text names, or None if it chooses by other words."""
    words = _words(text)
    named = [number for word in words if (number := _number(word, words)) is not None]
    if not _ALL.isdisjoint(words) or not _BOTH.isdisjoint(words) or ("les" in words and named in ([1], [2])):
        count = 2 if not _BOTH.isdisjoint(words) else max(named, default=-1) + 1
        return Pick(tuple(range(count)) if count == 2 else (), of=count or None)
    if not _MIDDLE.isdisjoint(words):
        return Pick((1,), of=3)
    return Pick(tuple(dict.fromkeys(named))) if named else None


def _words(text: str) -> list[str]:
    """Return words and numbers, folded; a word of another alphabet becomes '#'."""
    return [number or word or "#" for number, word in _WORD.findall(bare(text.lower()))]


def _number(word: str, words: Sequence[str]) -> int | None:
    """Return the number that a word names, from 0. 'une', 'un' and 'one' count only in texts of one or two words."""
    if word.isdecimal():
        return max(int(word) - 1, 0)
    return None if word in ("un", "une", "one") and len(words) > 2 else _NUMBERS.get(word)
