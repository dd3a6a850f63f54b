"""Warnings about sound knowledge that need no matcher: duplicates, dead references, overdue reviews. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date

from bot.knowledge.models import Entry, Knowledge, Origin
from bot.knowledge.yaml.problems import Problem
from bot.knowledge.yaml.suggestions import closest
from bot.text.accents import plain_words

_Placed = Iterable[tuple[Entry, Origin]]
Regions = Mapping[str, str | None]
"""The rooms and categories of the settings, each with its region."""


def lint(
    knowledge: Knowledge,
    today: date,
    unusable: Collection[str] = (),
    regions: Regions | None = None,
    only: Collection[str] | None = None,
) -> list[Problem]:
    """Return the warnings. `unusable`: ids of entries in files with errors, which may still be referred to.

    `regions`: None if the settings are not known. `only`: ids of the entries to check, by default all.
    """
    ids = knowledge.entries if only is None else [id for id in knowledge.entries if id in only]
    placed = [(knowledge.entries[id], knowledge.origins[id]) for id in ids if id in knowledge.origins]
    titles = ((entry, entry.title, origin, "title", 0) for entry, origin in placed)
    phrasings = (
        (entry, text, origin, "questions", number)
        for entry, origin in placed
        for number, text in enumerate(entry.questions)
    )
    return [
        *(*_repeated("repeated", phrasings), *_contradicted(placed), *_repeated("same_title", titles)),
        *(*_dead_references(placed, knowledge, unusable), *_overdue(placed, today)),
        *(_unknown_names(placed, regions) if regions is not None else ()),
    ]


def neighbours(knowledge: Knowledge, *edited: Entry) -> set[str]:
    """Return the ids of the edited entries and of those whose warnings may change with them.

    Those share a title or phrasing with an edited entry, or refer to an entry that does not exist.
    """
    texts = {plain_words(text) for entry in edited for text in (entry.title, *entry.questions)}
    return {entry.id for entry in edited} | {
        entry.id
        for entry in knowledge.entries.values()
        if not knowledge.entries.keys() >= {*entry.see_also}
        or not texts.isdisjoint(map(plain_words, (entry.title, *entry.questions)))
    }


def _warning(key: str, origin: Origin, field: str, number: int, **values: object) -> Problem:
    return Problem(origin.file, origin.line_of(field, number), key, values, warning=True)


def _repeated(key: str, texts: Iterable[tuple[Entry, str, Origin, str, int]]) -> Iterator[Problem]:
    """Warn of repeated texts. Entries of other rooms or regions may say the same: the place of the question decides."""
    alike: dict[str, list[tuple[Entry, str, Origin, str, int]]] = {}
    for one in texts:
        alike.setdefault(plain_words(one[1]), []).append(one)
    for several in alike.values():
        first: dict[object, str] = {}
        for entry, text, origin, field, number in several if len(several) > 1 else ():
            place = origin.at(field, number)
            if (earlier := first.setdefault(entry.home, place)) != place:
                yield _warning(key, origin, field, number, text=text, first=earlier)


def _contradicted(placed: _Placed) -> Iterator[Problem]:
    """Warn of phrasings that are also `not_questions` of the same entry."""
    for entry, origin in placed:
        if denied := {plain_words(text): number for number, text in enumerate(entry.not_questions)}:
            for number, text in enumerate(entry.questions):
                if (wrong := denied.get(plain_words(text))) is not None:
                    first = origin.at("questions", number)
                    yield _warning("contradicted", origin, "not_questions", wrong, text=text, first=first)


def _dead_references(placed: _Placed, knowledge: Knowledge, unusable: Collection[str]) -> Iterator[Problem]:
    for entry, origin in placed:
        for number, id in enumerate(entry.see_also):
            if id not in knowledge.entries and id not in unusable:
                near = closest(id, knowledge.entries, similar=80)
                yield _warning("see_also_near" if near else "see_also", origin, "see_also", number, id=id, near=near)


def _unknown_names(placed: _Placed, regions: Regions) -> Iterator[Problem]:
    """Warn of rooms and regions that the settings do not have: they give an entry precedence nowhere."""
    known_regions = sorted({region for region in regions.values() if region})
    for entry, origin in placed:
        names = [("rooms", number, name, [*regions]) for number, name in enumerate(entry.rooms)]
        names += [("region", 0, entry.region, known_regions)] if entry.region else []
        for field, number, name, known in names:
            if name not in known:
                near = closest(name, known, similar=60)
                key = f"unknown_{field}_near" if near else f"unknown_{field}"
                yield _warning(key, origin, field, number, name=name, near=near, known=", ".join(known) or "–")


def _overdue(placed: _Placed, today: date) -> Iterator[Problem]:
    for entry, origin in placed:
        if entry.review_by and entry.is_overdue(today):
            yield _warning("overdue", origin, "review_by", 0, id=entry.id, day=entry.review_by.isoformat())
