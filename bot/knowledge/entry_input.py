"""From what people write to an entry that may stand in a file: cleaned, checked, named. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Mapping
from textwrap import dedent, indent
from typing import Any

from bot.knowledge.edit_result import EditRejected
from bot.knowledge.files import KINDS
from bot.knowledge.models import Entry, Theme
from bot.knowledge.rendering import fields_of, yaml_of
from bot.knowledge.yaml.problems import Faulty, Problem
from bot.knowledge.yaml.reader import load, read

INPUT = "message"
"""What stands in the place of a file's name where a fault is told."""
_HEAD = "theme: x\nentries:\n"
_LONGEST = 60  # characters of an id or a file's name, about
_KEPT = "\n\u200d\u200e\u200f"  # a joiner is a part of emojis, marks of direction of other scripts
_HARMFUL = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def draft(fields: Mapping[str, object]) -> Entry:
    """The entry with these fields, by the names of the model; texts as they come from chat.

    Signs that do harm in a file or mislead on a screen are taken out of every text: control characters, byte order
    marks, signs that turn the direction of writing. Raises Refused with a sentence for each fault.
    """
    clean = {name: _clean(value, lines=name == "answer") for name, value in fields.items()}
    return _loaded(_HEAD + yaml_of(fields_of(clean)), lines=2)


def parse_entry(text: str) -> Entry:
    """The entry that somebody typed or pasted as YAML: its keys, with or without the dash of a list before the first.

    Raises Refused with line, fault and the line to paste, as for a file.
    """
    return draft(fields_of(_loaded(_HEAD + _item(_harmless(text)), lines=2)))


def parse_changes(text: str) -> dict[str, object]:
    """The same for some fields of an entry, for `Editor.change`. A key without a value takes the field away.

    Raises Refused.
    """
    clean = _harmless(dedent(text))
    try:
        document = read(clean, INPUT)
    except Faulty as fault:
        raise EditRejected(*fault.problems) from None
    given = dict(document.data) if isinstance(document.data, dict) else {}
    if not document.positions.inner or not isinstance(document.data, dict):
        raise EditRejected(Problem(INPUT, 1, "fields_wanted"))
    if "id" in given:
        raise EditRejected(Problem(INPUT, document.line("id"), "edit_id"))
    stand_ins = {"id": "x", "title": "x", "questions": ["x"], "answer": "x"}
    missing = {key: value for key, value in stand_ins.items() if key not in given}
    _loaded(f"{_HEAD}{_item(clean)}{indent(_below(missing), '    ')}", lines=2)
    return {str(key): given.get(str(key)) for key in document.positions.inner}


def id_for(title: str, taken: Container[str]) -> str:
    """A new id from a title: `Devenir fabmanager : où ?` gives `devenir-fabmanager-ou`, or `…-2` when that is taken."""
    stem = _name(title) or "reponse"
    numbered = (stem if number == 1 else f"{stem}-{number}" for number in range(1, 10_000))
    return next(id for id in numbered if id not in taken)


def file_for(theme: str) -> str:
    """The name of a new theme's file: `Prêt & matériel` gives `pret-materiel.yaml`. Never a path. Raises Refused."""
    name = _name(theme)
    if not name or name in KINDS:
        raise EditRejected(Problem(INPUT, 0, "edit_theme", {"theme": short_line(theme)}))
    return f"{name}.yaml"


def _loaded(text: str, lines: int) -> Entry:
    try:
        found, _ = load(text, INPUT, Theme)
    except Faulty as fault:
        raise EditRejected(*(_moved(problem, lines) for problem in fault.problems)) from None
    if len(found.entries) != 1:
        raise EditRejected(Problem(INPUT, 1, "edit_one"))
    return found.entries[0]


def _moved(problem: Problem, lines: int) -> Problem:
    """The line as it was typed."""
    return Problem(problem.file, max(problem.line - lines, 1), problem.key, problem.values, problem.warning)


def _item(text: str) -> str:
    """As an item of a list."""
    plain = dedent(text).strip("\n") + "\n"
    if plain.lstrip().startswith("- "):
        return indent(plain, "  ")
    lines = indent(plain, "    ")
    return lines[:2] + "-" + lines[3:]


def _below(fields: Mapping[str, object]) -> str:
    return dedent(yaml_of(fields).replace("- ", "  ", 1)) if fields else ""


def _clean(value: Any, lines: bool) -> Any:
    """Every text in it without harmful signs; `lines`: it may have several."""
    if isinstance(value, Mapping):
        return {key: _clean(one, lines) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(one, lines) for one in value]
    if value is None:
        return None
    text = _harmless(str(value)).strip()
    return text if lines else " ".join(line.strip() for line in text.split("\n") if line.strip())


def _harmless(text: str) -> str:
    return "".join(filter(_is_harmless, _BREAKS.sub("\n", text.expandtabs(4))))


def _is_harmless(sign: str) -> bool:
    """Signs that are younger than our tables have no category yet: the next emojis."""
    if unicodedata.category(sign) == "Cn":
        return ord(sign) & 0xFFFE != 0xFFFE and not 0xFDD0 <= ord(sign) <= 0xFDEF
    return sign in _KEPT or unicodedata.category(sign) not in _HARMFUL


def short_line(text: str) -> str:
    """One short line without harmful signs."""
    return " ".join(_harmless(text).split())[:_LONGEST]


def _name(text: str) -> str:
    """In small letters, digits and hyphens; whole words, as far as there is room."""
    letters = text.replace("œ", "oe").replace("Œ", "oe").replace("æ", "ae")
    plain = unicodedata.normalize("NFKD", letters).encode("ascii", "ignore").decode().casefold()
    words = re.findall(r"[a-z0-9]+", plain)
    while len(words) > 1 and len("-".join(words)) > _LONGEST:
        words.pop()
    return "-".join(words)[:_LONGEST].strip("-")
