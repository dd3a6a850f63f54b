"""Which of an offer's numbers a text names. Only asked where it chooses."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bot.reading import Pick
from bot.text.folding import bare

_NUMBERS: Mapping[str, int] = {  # counted from 0; -1: the last
    **dict.fromkeys("un une premier premiere one first".split(), 0),
    **dict.fromkeys("deux deuxieme second seconde two".split(), 1),
    **dict.fromkeys("trois troisieme three third".split(), 2),
    **dict.fromkeys("quatre quatrieme four fourth".split(), 3),
    **dict.fromkeys("cinq cinquieme five fifth".split(), 4),
    **dict.fromkeys("dernier derniere last".split(), -1),
}
_ALL, _EACH = {"tous", "toutes", "all", "both"}, {"les", "all"}
_MIDDLE = {"milieu", "middle"}
_WORD = re.compile(r"\d{1,3}|[a-z]+")
_BARE_NUMBER = re.compile(r"\W*(?:n\W?)?\d{1,3}(?:\W+(?:et|and)?\W*\d{1,3})*\W*")  # '2', 'n° 2', '1 et 3'


def is_number(text: str) -> bool:
    """Whether it says nothing but numbers of a list."""
    return "+" not in text and _BARE_NUMBER.fullmatch(bare(text.lower())) is not None


def picked(text: str) -> Pick | None:
    """The numbers that a text names; None: none, so it chooses by what it says."""
    words = _WORD.findall(bare(text.lower()))
    named = [number for word in words if (number := _number(word, words)) is not None]
    if not _ALL.isdisjoint(words) or (words[:1] == ["les"] and named in ([1], [2])):  # 'les deux', 'toutes'
        count = next((number + 1 for number in named if number > 0), 2 if "both" in words else None)
        return Pick(tuple(range(count)) if count == 2 else (), of=count)
    if not _MIDDLE.isdisjoint(words):
        return Pick((1,), of=3)
    return Pick(tuple(dict.fromkeys(named))) if named else None


def _number(word: str, words: Sequence[str]) -> int | None:
    """Counted from 0. 'une', 'un' and 'one' are numbers only where little else is said."""
    if word.isdecimal():
        return max(int(word) - 1, 0)
    return None if word in ("un", "une", "one") and len(words) > 2 else _NUMBERS.get(word)
