"""People's input as an entry: cleaned, checked, with an id and a file name. Pure."""

import re
import unicodedata
from collections.abc import Container, Mapping
from dataclasses import replace
from textwrap import dedent, indent
from typing import Any

from bot.knowledge.edit_result import EditRejected
from bot.knowledge.file_parser import kind_of
from bot.knowledge.models import Entry, Theme
from bot.knowledge.rendering import MARGIN, ON_ONE_LINE, field_lines, fields_of, list_item, yaml_of
from bot.knowledge.yaml.problems import Faulty, Problem
from bot.knowledge.yaml.reader import load, read
from bot.text.accents import slug

INPUT = "message"  # in problems, instead of a file name
_HEAD = "theme: x\nentries:\n"
_LONGEST = 60  # characters of an id or a file name
_HARMLESS = "\n\u200d\u200e\u200f"  # emojis need the joiner, other scripts the direction marks
_HARMFUL = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def draft(fields: Mapping[str, object]) -> Entry:
    """Return the entry with these fields of the model; texts may come straight from chat.

    Characters that break a file or mislead on a screen are removed: controls, byte order marks, bidirectional
    overrides. Raises EditRejected with every problem.
    """
    return _load(_HEAD + yaml_of(_cleaned(fields)))


def line_places(fields: Mapping[str, object]) -> list[tuple[str, int]]:
    """Return the field and the item's number for each line that the problems of `draft(fields)` count."""
    places = []
    for name, value in _cleaned(fields).items():
        lines = [(name, 0)] * len(field_lines(name, value, MARGIN))
        if isinstance(value, list) and name not in ON_ONE_LINE:
            lines[1:] = [(name, number) for number, item in enumerate(value) for _ in list_item(name, item, MARGIN)]
        places += lines
    return places


def parse_entry(text: str) -> Entry:
    """Return the entry typed or pasted as YAML: its keys, with or without a dash before the first.

    Raises EditRejected with line, problem and correction, as for a file.
    """
    return draft(fields_of(_load(_HEAD + _item(_harmless(text)))))


def parse_changes(text: str) -> dict[str, object]:
    """Return the fields of an entry typed as YAML, for `Editor.change`; a key without a value removes the field.

    Raises EditRejected.
    """
    clean = _harmless(dedent(text))
    try:
        document = read(clean, INPUT)
    except Faulty as fault:
        raise EditRejected(*fault.problems) from None
    fields = document.data
    if not document.positions.inner or not isinstance(fields, dict):
        raise EditRejected(Problem(INPUT, 1, "fields_wanted"))
    if "id" in fields:
        raise EditRejected(Problem(INPUT, document.line("id"), "edit_id"))
    required = {"id": "x", "title": "x", "questions": ["x"], "answer": "x"}
    missing = {key: value for key, value in required.items() if key not in fields}
    _load(_HEAD + _item(clean) + yaml_of(missing).replace("- ", "  ", 1))
    return {str(key): fields.get(str(key)) for key in document.positions.inner}


def id_for(title: str, used: Container[str]) -> str:
    """Return a new id for a title: `Devenir fabmanager : où ?` gives `devenir-fabmanager-ou`, or `…-2` if in use."""
    stem = slug(title, _LONGEST) or "reponse"
    numbered = (stem if number == 1 else f"{stem}-{number}" for number in range(1, 10_000))
    return next(id for id in numbered if id not in used)


def file_for(theme: str) -> str:
    """Return the file name of a new theme, never a path: `Prêt & matériel` gives `pret-materiel.yaml`.

    Raises EditRejected.
    """
    name = slug(theme, _LONGEST)
    if not name or kind_of(name) != "theme":
        raise EditRejected(Problem(INPUT, 0, "edit_theme", {"theme": short_line(theme)}))
    return f"{name}.yaml"


def _load(text: str) -> Entry:
    """Return the only entry after `_HEAD`, whose lines are not counted in problems."""
    try:
        theme, _ = load(text, INPUT, Theme)
    except Faulty as fault:
        lines = _HEAD.count("\n")
        raise EditRejected(*(replace(one, line=max(one.line - lines, 1)) for one in fault.problems)) from None
    if len(theme.entries) != 1:
        raise EditRejected(Problem(INPUT, 1, "edit_one"))
    return theme.entries[0]


def _item(text: str) -> str:
    """Format the fields as an item of a list."""
    plain = dedent(text).strip("\n") + "\n"
    if plain.lstrip().startswith("- "):
        return indent(plain, "  ")
    lines = indent(plain, "    ")
    return lines[:2] + "-" + lines[3:]


def _cleaned(fields: Mapping[str, object]) -> dict[str, Any]:
    return fields_of({name: _clean(value, multiline=name == "answer") for name, value in fields.items()})


def _clean(value: Any, multiline: bool) -> Any:
    """Remove harmful characters from every text in a value."""
    if isinstance(value, Mapping):
        return {key: _clean(inner, multiline) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(inner, multiline) for inner in value]
    if value is None:
        return None
    text = _harmless(str(value)).strip()
    return text if multiline else " ".join(line.strip() for line in text.split("\n") if line.strip())


def _harmless(text: str) -> str:
    return "".join(filter(_is_harmless, _BREAKS.sub("\n", text.expandtabs(4))))


def _is_harmless(char: str) -> bool:
    if unicodedata.category(char) == "Cn":  # also new emojis, unknown to this Python; but never a noncharacter
        return ord(char) & 0xFFFE != 0xFFFE and not 0xFDD0 <= ord(char) <= 0xFDEF
    return char in _HARMLESS or unicodedata.category(char) not in _HARMFUL


def short_line(text: str) -> str:
    return " ".join(_harmless(text).split())[:_LONGEST]
