"""Warnings about sound knowledge that need no matcher: what stands twice, leads nowhere, or is out of date. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date

from bot.knowledge.models import Entry, Knowledge, Origin
from bot.knowledge.yaml.key_names import bare, near
from bot.knowledge.yaml.problems import Problem

_WORDS = re.compile(r"\w+")


def remarks(knowledge: Knowledge, today: date, elsewhere: Collection[str] = ()) -> list[Problem]:
    """What can be said without a matcher. `elsewhere`: ids of entries that cannot be used yet."""
    return [
        *(*_repeated(knowledge), *_contradicted(knowledge), *_same_title(knowledge)),
        *(*_nowhere(knowledge, elsewhere), *_overdue(knowledge, today)),
    ]


def _placed(knowledge: Knowledge) -> Iterator[tuple[Entry, Origin]]:
    for one, entry in knowledge.entries.items():
        if one in knowledge.origins:
            yield entry, knowledge.origins[one]


def _remark(origin: Origin, place: tuple[str, int], key: str, **values: object) -> Problem:
    return Problem(origin.file, origin.line_of(*place), key, values, warning=True)


def _repeated(knowledge: Knowledge) -> Iterator[Problem]:
    asked = (
        (text, origin, ("questions", number))
        for entry, origin in _placed(knowledge)
        for number, text in enumerate(entry.questions)
    )
    yield from _twice("repeated", asked)


def _same_title(knowledge: Knowledge) -> Iterator[Problem]:
    yield from _twice("same_title", ((entry.title, origin, ("title", 0)) for entry, origin in _placed(knowledge)))


def _twice(key: str, texts: Iterable[tuple[str, Origin, tuple[str, int]]]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for text, origin, place in texts:
        if (earlier := first.setdefault(folded(text), origin.at(*place))) != origin.at(*place):
            yield _remark(origin, place, key, text=text, first=earlier)


def _contradicted(knowledge: Knowledge) -> Iterator[Problem]:
    """What is a phrasing of an entry and, in the same entry, none."""
    for entry, origin in _placed(knowledge):
        if denied := {folded(text): number for number, text in enumerate(entry.not_questions)}:
            for number, text in enumerate(entry.questions):
                if (wrong := denied.get(folded(text))) is not None:
                    first = origin.at("questions", number)
                    yield _remark(origin, ("not_questions", wrong), "contradicted", text=text, first=first)


def folded(text: str) -> str:
    """Without case, accents and punctuation."""
    return " ".join(_WORDS.findall(bare(text).casefold().replace("œ", "oe")))


def _nowhere(knowledge: Knowledge, elsewhere: Collection[str]) -> Iterator[Problem]:
    for entry, origin in _placed(knowledge):
        for number, one in enumerate(entry.see_also):
            if one not in knowledge.entries and one not in elsewhere:
                likely = near(one, knowledge.entries, like=80)
                key = "see_also_near" if likely else "see_also"
                yield _remark(origin, ("see_also", number), key, id=one, near=likely)


def _overdue(knowledge: Knowledge, today: date) -> Iterator[Problem]:
    for entry, origin in _placed(knowledge):
        if entry.review_by and entry.review_by < today:
            day = entry.review_by.isoformat()
            yield _remark(origin, ("review_by", 0), "overdue", id=entry.id, day=day)
