"""An entry as the lines of YAML that a careful person would write. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.knowledge.models import Entry
from bot.knowledge.yaml.lines import quote

MARGIN = 2  # columns before the dash, as in the shipped files

_BARE = {"id", "see_also", "updated", "review_by"}  # written without quotes
_ON_ONE_LINE = {"keywords", "contacts", "see_also"}
ORDER = tuple(Entry.model_fields)


@dataclass(frozen=True, slots=True)
class Style:
    """How far things stand from each other, in columns; as in the shipped files, unless a file does otherwise."""

    keys: int = 2  # from an entry's dash to its keys
    items: int = 2  # from a key to the dashes below it
    block: int = 2  # from a key to the lines of text below it


SHIPPED = Style()


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


def item_lines(fields: Mapping[str, Any], margin: int, style: Style = SHIPPED) -> list[str]:
    """A dash, then the fields below each other."""
    inner = margin + style.keys
    lines = [line for name, value in fields.items() for line in field_lines(name, value, inner, style)]
    return [f"{' ' * margin}-".ljust(inner) + lines[0].lstrip(" "), *lines[1:]] if lines else []


def field_lines(name: str, value: Any, margin: int, style: Style = SHIPPED) -> list[str]:
    """`name: value`, on one line or on several; `margin` columns from the left."""
    before = f"{' ' * margin}{_key(name)}:"
    if isinstance(value, str):
        return _text(before, name, value, margin + style.block)
    if on_one_line(name) or not isinstance(value, (list, tuple)):
        return [f"{before} {flow(name, value if isinstance(value, (list, tuple)) else [value])}"]
    return [before, *(line for one in value for line in list_item(name, one, margin + style.items))]


def on_one_line(name: str) -> bool:
    """Whether a list of that name is written `[…]`."""
    return name in _ON_ONE_LINE


def list_item(name: str, value: Any, margin: int) -> list[str]:
    """One item of a list that has its own lines: a text, or a link."""
    if isinstance(value, Mapping):
        return item_lines({str(key): str(one) for key, one in value.items()}, margin)
    return [f"{' ' * margin}- {scalar(name, str(value))}"]


def flow(name: str, values: Sequence[Any]) -> str:
    return f"[{', '.join(flow_item(name, value) for value in values)}]"


def flow_item(name: str, value: Any) -> str:
    """One item of a list in brackets."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_key(str(key))}: {quoted(str(one))}' for key, one in value.items())}}}"
    return scalar(name, str(value))


def scalar(name: str, text: str) -> str:
    """On one line. `null` alone would count as nothing."""
    return text if name in _BARE and text.replace("-", "").isalnum() and text != "null" else quoted(text)


def quoted(text: str) -> str:
    """On one line, whatever is in it."""
    if "\n" in text:
        inner = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'"{inner}"'
    return quote(text)


def block(text: str, margin: int) -> list[str]:
    """The lines below `answer: |`."""
    return [" " * margin + line if line.strip() else "" for line in text.split("\n")]


def _text(before: str, name: str, text: str, margin: int) -> list[str]:
    return [f"{before} |", *block(text, margin)] if name == "answer" else [f"{before} {scalar(name, text)}"]


def _key(name: str) -> str:
    """A key that nobody knows is told by the check, not by a file that cannot be read."""
    return name if name.replace("_", "").isalpha() and name.isascii() else quoted(name)
