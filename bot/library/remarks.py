"""Warnings about knowledge that is sound: the same phrasing twice, a reference to nowhere, a day gone by. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from datetime import date
from itertools import chain, repeat

from bot.knowledge import Entry, Knowledge, Origin
from bot.yamltext import Problem
from bot.yamltext.names import bare, near

_WORDS = re.compile(r"\w+")

Nearest = Callable[[str], str | None]
"""The id of the entry that a text is nearest to, without looking at that very phrasing; None: of none."""


def remarks(knowledge: Knowledge, today: date, elsewhere: Collection[str] = ()) -> list[Problem]:
    """What can be said without a matcher. `elsewhere`: ids of entries that cannot be used yet."""
    return [*_repeated(knowledge), *_nowhere(knowledge, elsewhere), *_overdue(knowledge, today)]


def lint(knowledge: Knowledge, nearest: Nearest) -> list[Problem]:
    """Phrasings that would lead to another entry than their own."""
    return [
        _remark(origin, line, "nearer", text=text, other=other)
        for entry, origin in _placed(knowledge)
        for text, line in zip(entry.questions, _lines(origin, "questions"), strict=False)
        if (other := nearest(text)) and other != entry.id
    ]


def _placed(knowledge: Knowledge) -> Iterator[tuple[Entry, Origin]]:
    for one, entry in knowledge.entries.items():
        if one in knowledge.origins:
            yield entry, knowledge.origins[one]


def _lines(origin: Origin, name: str) -> Iterator[int]:
    """Of knowledge that was made by hand, only the entry's own line may be known."""
    return chain(origin.lines.get(name, ()), repeat(origin.line))


def _remark(origin: Origin, line: int, key: str, **values: object) -> Problem:
    return Problem(origin.file, line, key, values, warning=True)


def _repeated(knowledge: Knowledge) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for entry, origin in _placed(knowledge):
        for text, line in zip(entry.questions, _lines(origin, "questions"), strict=False):
            place = f"{origin.file}:{line}"
            if (earlier := first.setdefault(folded(text), place)) != place:
                yield _remark(origin, line, "repeated", text=text, first=earlier)


def folded(text: str) -> str:
    """Without case, accents and punctuation."""
    return " ".join(_WORDS.findall(bare(text).casefold().replace("œ", "oe")))


def _nowhere(knowledge: Knowledge, elsewhere: Collection[str]) -> Iterator[Problem]:
    for entry, origin in _placed(knowledge):
        for one, line in zip(entry.see_also, _lines(origin, "see_also"), strict=False):
            if one not in knowledge.entries and one not in elsewhere:
                likely = near(one, knowledge.entries, like=80)
                key = "see_also_near" if likely else "see_also"
                yield _remark(origin, line, key, id=one, near=likely)


def _overdue(knowledge: Knowledge, today: date) -> Iterator[Problem]:
    for entry, origin in _placed(knowledge):
        if entry.review_by and entry.review_by < today:
            yield _remark(
                origin, next(_lines(origin, "review_by")), "overdue", id=entry.id, day=entry.review_by.isoformat()
            )
