"""Warnings about sound knowledge that need no matcher: duplicates, dead references, overdue reviews. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from functools import lru_cache

from bot.knowledge.models import Entry, Knowledge, Origin
from bot.knowledge.yaml.problems import Problem
from bot.knowledge.yaml.suggestions import closest, strip_accents

_Placed = Iterable[tuple[Entry, Origin]]
_WORDS = re.compile(r"\w+")


def lint(knowledge: Knowledge, today: date, unusable: Collection[str] = ()) -> list[Problem]:
    """`unusable`: ids of entries in files with errors, which may be referred to all the same."""
    placed = [(entry, knowledge.origins[id]) for id, entry in knowledge.entries.items() if id in knowledge.origins]
    titles = ((entry.title, origin, "title", 0) for entry, origin in placed)
    phrasings = (
        (text, origin, "questions", number) for entry, origin in placed for number, text in enumerate(entry.questions)
    )
    return [
        *(*_repeated("repeated", phrasings), *_contradicted(placed), *_repeated("same_title", titles)),
        *(*_dead_references(placed, knowledge, unusable), *_overdue(placed, today)),
    ]


@lru_cache(maxsize=20_000)  # an edit is linted before and after it
def fold(text: str) -> str:
    """Without case, accents and punctuation."""
    return " ".join(_WORDS.findall(strip_accents(text).casefold().replace("œ", "oe")))


def _warning(key: str, origin: Origin, field: str, number: int, **values: object) -> Problem:
    return Problem(origin.file, origin.line_of(field, number), key, values, warning=True)


def _repeated(key: str, texts: Iterable[tuple[str, Origin, str, int]]) -> Iterator[Problem]:
    first: dict[str, tuple[Origin, str, int]] = {}
    for text, origin, field, number in texts:
        place = (origin, field, number)
        earlier = first.setdefault(fold(text), place)
        if earlier is not place and Origin.at(*earlier) != Origin.at(*place):
            yield _warning(key, *place, text=text, first=Origin.at(*earlier))


def _contradicted(placed: _Placed) -> Iterator[Problem]:
    """A phrasing that is also a `not_questions` of the same entry."""
    for entry, origin in placed:
        if denied := {fold(text): number for number, text in enumerate(entry.not_questions)}:
            for number, text in enumerate(entry.questions):
                if (wrong := denied.get(fold(text))) is not None:
                    first = origin.at("questions", number)
                    yield _warning("contradicted", origin, "not_questions", wrong, text=text, first=first)


def _dead_references(placed: _Placed, knowledge: Knowledge, unusable: Collection[str]) -> Iterator[Problem]:
    for entry, origin in placed:
        for number, id in enumerate(entry.see_also):
            if id not in knowledge.entries and id not in unusable:
                near = closest(id, knowledge.entries, similar=80)
                yield _warning("see_also_near" if near else "see_also", origin, "see_also", number, id=id, near=near)


def _overdue(placed: _Placed, today: date) -> Iterator[Problem]:
    for entry, origin in placed:
        if entry.review_by and entry.review_by < today:
            yield _warning("overdue", origin, "review_by", 0, id=entry.id, day=entry.review_by.isoformat())
