"""What a change makes of an entry, field by field, in what people read. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.conversation.moderation.changes import json_fields
from bot.desk.entry_form import EDITED
from bot.knowledge.models import Entry


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """Lines of a field that are gone, and those that came; a list has an item in each."""

    name: str
    removed: Sequence[str]
    added: Sequence[str]


def differences(before: Entry | None, after: Entry | None) -> list[FieldDifference]:
    """Of the fields that the form has; None: there is no entry."""
    old, new = (json_fields(entry) if entry else {} for entry in (before, after))
    pairs = [(name, lines_of(old.get(name)), lines_of(new.get(name))) for name in EDITED]
    return [
        FieldDifference(name, [line for line in one if line not in other], [line for line in other if line not in one])
        for name, one, other in pairs
        if one != other
    ]


def lines_of(value: object) -> list[str]:
    """The value of a field as lines of text."""
    if isinstance(value, list):
        return [f"{item['title']} – {item['url']}" if isinstance(item, dict) else str(item) for item in value]
    return [line for line in str(value or "").split("\n") if line.strip()]


def clashes(seen: Entry, mine: Entry, now: Entry) -> list[str]:
    """Fields that were changed both here and meanwhile, each in another way."""
    names = {change.name for change in differences(seen, mine)} & {change.name for change in differences(seen, now)}
    return [name for name in EDITED if name in names and getattr(mine, name) != getattr(now, name)]
