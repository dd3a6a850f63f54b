"""Rendering of an entry as lines of YAML, in the style of the shipped files. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from bot.knowledge.models import Entry
from bot.knowledge.yaml.lines import quote

MARGIN = 2  # columns before the dash, as in the shipped files

_UNQUOTED = {"id", "see_also", "public", "updated", "review_by"}
ON_ONE_LINE = {"keywords", "contacts", "see_also", "rooms"}  # lists written `[…]`
ORDER = tuple(Entry.model_fields)


class Style(NamedTuple):
    """Indentation in columns; the defaults are those of the shipped files."""

    keys: int = 2  # from an entry's dash to its keys
    items: int = 2  # from a key to the dashes below it
    block: int = 2  # from a key to the lines of text below it


SHIPPED = Style()


def yaml_of(draft: Entry | Mapping[str, object]) -> str:
    """Return the entry as one item of `entries`, indented as in the shipped files, with a final line break.

    Moderators are shown this; the file's own indentation and line ends may differ.
    """
    return "".join(f"{line}\n" for line in item_lines(fields_of(draft), MARGIN))


def fields_of(draft: Entry | Mapping[str, object]) -> dict[str, Any]:
    """Return the fields that are set, in the model's order; dates and booleans as text."""
    fields = draft.model_dump(mode="json", exclude_defaults=True) if isinstance(draft, Entry) else dict(draft)
    names = [name for name in ORDER if name in fields] + [name for name in fields if name not in ORDER]
    return {name: fields[name] for name in names if fields[name]}


def item_lines(fields: Mapping[str, Any], margin: int, style: Style = SHIPPED) -> list[str]:
    """Return the lines of a list item with these fields. `margin`: columns before its dash."""
    key_margin = margin + style.keys
    lines = [line for name, value in fields.items() for line in field_lines(name, value, key_margin, style)]
    return [f"{' ' * margin}-".ljust(key_margin) + lines[0].lstrip(" "), *lines[1:]] if lines else []


def field_lines(name: str, value: Any, margin: int, style: Style = SHIPPED) -> list[str]:
    """Return `name: value`, on one line or on several. `margin`: columns before the key."""
    key = f"{' ' * margin}{_key(name)}:"
    if name == "answer" and isinstance(value, str):
        return [f"{key} |", *block(value, margin + style.block)]
    if isinstance(value, str):
        return [f"{key} {scalar(name, value)}"]
    if name in ON_ONE_LINE or not isinstance(value, (list, tuple)):
        return [f"{key} {flow(name, value if isinstance(value, (list, tuple)) else [value])}"]
    return [key, *(line for item in value for line in list_item(name, item, margin + style.items))]


def list_item(name: str, value: Any, margin: int) -> list[str]:
    """Return the lines of a text or a link after a dash."""
    if isinstance(value, Mapping):
        return item_lines({str(key): str(text) for key, text in value.items()}, margin)
    return [f"{' ' * margin}- {scalar(name, str(value))}"]


def flow(name: str, values: Sequence[Any]) -> str:
    return f"[{', '.join(flow_item(name, value) for value in values)}]"


def flow_item(name: str, value: Any) -> str:
    """Return an item of a list in brackets."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_key(str(key))}: {quote(str(text))}' for key, text in value.items())}}}"
    return scalar(name, str(value))


def scalar(name: str, text: str) -> str:
    """Return a text on one line, quoted if needed; an unquoted `null` would be no value."""
    return text if name in _UNQUOTED and text.replace("-", "").isalnum() and text != "null" else quote(text)


def block(text: str, margin: int) -> list[str]:
    """Return the lines below `answer: |`."""
    return [" " * margin + line if line.strip() else "" for line in text.split("\n")]


def _key(name: str) -> str:
    """Return the key, quoted if it is no name: the check then reports an unknown key rather than invalid YAML."""
    return name if name.replace("_", "").isalpha() and name.isascii() else quote(name)
