"""An entry as the lines of YAML that a careful person would write. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.knowledge import Entry
from bot.yamltext.lines import quote

MARGIN = 2  # columns before the dash, as in the shipped files

_BARE = {"id", "see_also", "updated", "review_by"}  # written without quotes
_ON_ONE_LINE = {"keywords", "contacts", "see_also"}
ORDER = tuple(Entry.model_fields)


def yaml_of(draft: Entry | Mapping[str, object]) -> str:
    """The entry as one item of `entries`, indented as in the shipped files, with its final line break.

    What is shown to moderators is what goes into the file (with that file's own indentation and line ends).
    """
    return "".join(f"{line}\n" for line in item_lines(fields_of(draft), MARGIN))


def fields_of(draft: Entry | Mapping[str, object]) -> dict[str, Any]:
    """What is given of it, in the model's order; days as text."""
    given = draft.model_dump(mode="json") if isinstance(draft, Entry) else dict(draft)
    known = [key for key in ORDER if key in given] + [key for key in given if key not in ORDER]
    return {key: given[key] for key in known if given[key]}


def item_lines(fields: Mapping[str, Any], margin: int) -> list[str]:
    """A dash, then the fields below each other."""
    lines = [line for name, value in fields.items() for line in field_lines(name, value, margin + 2)]
    return [f"{' ' * margin}- {lines[0].lstrip(' ')}", *lines[1:]] if lines else []


def field_lines(name: str, value: Any, margin: int) -> list[str]:
    """`name: value`, on one line or on several; `margin` columns from the left."""
    before = f"{' ' * margin}{name}:"
    if isinstance(value, str):
        return _text(before, name, value, margin)
    if name in _ON_ONE_LINE:
        return [f"{before} {flow(name, value)}"]
    return [before, *(line for one in value for line in list_item(name, one, margin + 2))]


def list_item(name: str, value: Any, margin: int) -> list[str]:
    """One item of a list that has its own lines: a text, or a link."""
    if isinstance(value, Mapping):
        return item_lines({key: str(value[key]) for key in ("title", "url") if key in value}, margin)
    return [f"{' ' * margin}- {scalar(name, str(value))}"]


def flow(name: str, values: Sequence[str]) -> str:
    return f"[{', '.join(scalar(name, str(value)) for value in values)}]"


def scalar(name: str, text: str) -> str:
    """On one line. `null` alone would count as nothing."""
    return text if name in _BARE and text != "null" else quote(text)


def _text(before: str, name: str, text: str, margin: int) -> list[str]:
    if name != "answer":
        return [f"{before} {scalar(name, text)}"]
    return [f"{before} |", *(" " * (margin + 2) + line if line else "" for line in text.split("\n"))]
