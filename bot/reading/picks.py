"""Which of an offer's numbers a text names. Only asked where it chooses."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.reading import Pick
from bot.text.folding import bare

_BEYOND = 9  # more than is ever offered
_NUMBERS: Mapping[str, int] = {  # counted from 0; -1: the last
    **dict.fromkeys("1 un une premier premiere 1er 1ere one first 1st 1️⃣".split(), 0),
    **dict.fromkeys("2 deux deuxieme second seconde 2e 2eme two 2nd 2️⃣".split(), 1),
    **dict.fromkeys("3 trois troisieme 3e 3eme three third 3rd 3️⃣".split(), 2),
    **dict.fromkeys("dernier derniere last".split(), -1),
    **dict.fromkeys("4 5 6 7 8 9 quatre cinq four five".split(), _BEYOND),
}
_ALL, _EACH = {"tous", "toutes", "all", "both"}, {"les", "all"}
_MIDDLE = {"milieu", "middle"}
_WORD = re.compile(r"\d+\w*|[a-z]+")
_BARE_NUMBER = re.compile(r"\W*(?:n\W?)?[0-3](?:\W+(?:et|and)?\W*[1-3])*\W*")  # '2', 'n° 2', '1 et 3'


def is_number(text: str) -> bool:
    """Whether it says nothing but numbers of a list."""
    return "+" not in text and _BARE_NUMBER.fullmatch(bare(text.lower())) is not None


def picked(text: str) -> Pick | None:
    """The numbers that a text names; None: none, so it chooses by what it says."""
    words = _WORD.findall(bare(text.lower()).replace("\ufe0f\u20e3", " "))
    named = [_NUMBERS[word] for word in words if word in _NUMBERS and not _is_article(word, words)]
    if not _ALL.isdisjoint(words) or (words[:1] == ["les"] and named in ([1], [2])):  # 'les deux', 'toutes'
        count = next((number + 1 for number in named if number > 0), 2 if "both" in words else None)
        return Pick(tuple(range(count)) if count == 2 else (), of=count)
    if not _MIDDLE.isdisjoint(words):
        return Pick((1,), of=3)
    return Pick(tuple(dict.fromkeys(named))) if named else None


def _is_article(word: str, words: list[str]) -> bool:
    """'une', 'un' and 'one' are numbers only where little else is said."""
    return word in ("un", "une", "one") and len(words) > 2
