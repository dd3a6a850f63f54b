"""Warnings about sound knowledge that need no matcher: duplicates, dead references, overdue reviews. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date

from bot.knowledge.models import Entry, Knowledge, Origin
from bot.knowledge.yaml.problems import Problem
from bot.knowledge.yaml.suggestions import closest
from bot.text.accents import plain_words

Regions = Mapping[str, str | None]
"""The rooms and categories of the settings, each with its region."""


def lint(
    knowledge: Knowledge, today: date, unusable: Collection[str] = (), regions: Regions | None = None
) -> list[Problem]:
    """Return the warnings. `unusable`: ids of entries in files with errors, which may still be referred to.

    `regions`: None if the settings are not known.
    """
    placed = [(entry, origin) for id, entry in knowledge.entries.items() if (origin := knowledge.origins.get(id))]
    warnings = [*_repeated("repeated", "questions", placed), *_repeated("same_title", "title", placed)]
    for entry, origin in placed:
        denied = {plain_words(text): number for number, text in enumerate(entry.not_questions)}
        for number, text in enumerate(entry.questions if denied else ()):
            if (wrong := denied.get(plain_words(text))) is not None:
                first = origin.at("questions", number)
                warnings.append(_warning("contradicted", origin, "not_questions", wrong, text=text, first=first))
        for number, id in enumerate(entry.see_also):
            if id not in knowledge.entries and id not in unusable:
                near = closest(id, knowledge.entries, similar=80)
                key = "see_also_near" if near else "see_also"
                warnings.append(_warning(key, origin, "see_also", number, id=id, near=near))
        if entry.review_by and entry.is_overdue(today):
            warnings.append(_warning("overdue", origin, "review_by", id=entry.id, day=entry.review_by.isoformat()))
        if regions is not None:
            warnings += _unknown_names(entry, origin, regions)
    return warnings


def _warning(key: str, origin: Origin, field: str, number: int = 0, **values: object) -> Problem:
    return Problem(origin.file, origin.line_of(field, number), key, values, warning=True)


def _repeated(key: str, field: str, placed: Iterable[tuple[Entry, Origin]]) -> Iterator[Problem]:
    """Warn of repeated texts. Entries of other rooms or regions may say the same: the place of the question decides."""
    first: dict[tuple[str, object], str] = {}
    for entry, origin in placed:
        for number, text in enumerate(entry.questions if field == "questions" else (entry.title,)):
            place = origin.at(field, number)
            if (earlier := first.setdefault((plain_words(text), entry.home), place)) != place:
                yield _warning(key, origin, field, number, text=text, first=earlier)


def _unknown_names(entry: Entry, origin: Origin, regions: Regions) -> Iterator[Problem]:
    """Warn of rooms and regions that the settings do not have: they give an entry precedence nowhere."""
    names = [("rooms", number, name, [*regions]) for number, name in enumerate(entry.rooms)]
    if entry.region:
        names.append(("region", 0, entry.region, sorted({region for region in regions.values() if region})))
    for field, number, name, known in names:
        if name not in known:
            near = closest(name, known, similar=60)
            key = f"unknown_{field}_near" if near else f"unknown_{field}"
            yield _warning(key, origin, field, number, name=name, near=near, known=", ".join(known) or "–")
