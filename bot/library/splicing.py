"""A knowledge file changed as text: only the lines that must change do; comments and everybody else's lines stay. Pure.

All functions take the whole file and return the whole file; both with their own line ends, byte order mark and final
line break or none. They expect a file that loads, and raise Refused where it is written in a way that they cannot
change.
"""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent

import yaml

from bot.knowledge import Entry
from bot.library.fields import Fields
from bot.library.refusal import Refused
from bot.library.rendering import fields_of, item_lines
from bot.library.sheet import Sheet, pairs
from bot.yamltext import Problem
from bot.yamltext.lines import quote, width


def added(text: str, entry: Entry, theme: str = "") -> str:
    """With the entry after the last one. `theme`: the title of a file that is still empty."""
    sheet = Sheet(text)
    if sheet.root is None:
        head = [f"theme: {quote(theme)}", "entries:"]
        return sheet.replaced(len(sheet.lines), len(sheet.lines), [*head, *item_lines(fields_of(entry), 2)])
    entries = _entries(sheet)
    if not entries.value:
        return _first(sheet, entries, entry)
    margin, after = int(entries.start_mark.column), _behind(sheet, entries, entries)
    apart = len(entries.value) > 1 and sheet.blank(int(entries.value[-1].start_mark.line) - 1)
    new = item_lines(fields_of(entry), margin)
    return sheet.replaced(after, after, ["", *new] if apart else new)


def changed(text: str, id: str, changes: Mapping[str, object]) -> str:
    """With other values in these fields of the entry; None or nothing takes a field away."""
    for name, value in changes.items():
        sheet = Sheet(text)
        text = Fields(sheet, _entry(sheet, id)).with_value(name, value)
    return text


def removed(text: str, id: str) -> str:
    """Without the entry."""
    sheet = Sheet(text)
    entries, entry = _entries(sheet), _entry(sheet, id)
    if len(entries.value) == 1:
        return _emptied(sheet, entries, entry)
    first, after = int(entry.start_mark.line), _behind(sheet, entries, entry)
    if sheet.blank(first - 1) and (sheet.blank(after) or after >= len(sheet.lines)):
        first -= 1
    return sheet.replaced(first, after, [])


def with_phrase(text: str, id: str, phrase: str) -> str:
    """With one more way of asking for the entry, after the others."""
    sheet = Sheet(text)
    return Fields(sheet, _entry(sheet, id)).with_item("questions", phrase)


def excerpt(text: str, id: str) -> str:
    """The lines of the entry as they stand in the file, comments included, moved to the left margin."""
    sheet = Sheet(text)
    entry = _entry(sheet, id)
    return dedent("".join(f"{line}\n" for line in sheet.lines[int(entry.start_mark.line) : sheet.last(entry) + 1]))


def _entries(sheet: Sheet) -> yaml.SequenceNode:
    """Its list of entries, which may be an empty `[]`."""
    found = pairs(sheet.root).get("entries")
    if found is None or not isinstance(sheet.root, yaml.MappingNode) or sheet.root.flow_style:
        raise Refused(Problem("", 1, "edit_flow"))
    node = found[1]
    if isinstance(node, yaml.SequenceNode) and not (node.flow_style and node.value):
        return node
    raise Refused(Problem("", int(found[0].start_mark.line) + 1, "edit_flow"))


def _entry(sheet: Sheet, id: str) -> yaml.MappingNode:
    """Alone on its lines."""
    for node in _entries(sheet).value:
        given = pairs(node).get("id")
        if given and given[1].value == id:
            if node.flow_style or not sheet.lines[node.start_mark.line].lstrip().startswith("-"):
                raise Refused(Problem("", int(node.start_mark.line) + 1, "edit_flow"))
            return node  # type: ignore[no-any-return]
    raise Refused(Problem("", 0, "edit_unknown", {"id": id}))


def _first(sheet: Sheet, entries: yaml.SequenceNode, entry: Entry) -> str:
    """Into `entries: []`."""
    line, last = int(entries.start_mark.line), sheet.last(entries)
    before = sheet.lines[line][: entries.start_mark.column].rstrip()
    rest = sheet.lines[last][entries.end_mark.column :]
    margin = width(sheet.lines[pairs(sheet.root)["entries"][0].start_mark.line]) + 2
    return sheet.replaced(line, last + 1, [before + rest, *item_lines(fields_of(entry), margin)])


def _emptied(sheet: Sheet, entries: yaml.SequenceNode, entry: yaml.MappingNode) -> str:
    """A list without items is written `[]`, behind its key."""
    key = pairs(sheet.root)["entries"][0]
    line = int(key.end_mark.line)
    colon = sheet.lines[line].index(":", key.end_mark.column) + 1
    head = f"{sheet.lines[line][:colon]} []{sheet.lines[line][colon:]}"
    between = sheet.lines[line + 1 : int(entry.start_mark.line)]
    return sheet.replaced(line, _behind(sheet, entries, entry), [head, *between])


def _behind(sheet: Sheet, entries: yaml.SequenceNode, node: yaml.Node) -> int:
    """The line after an entry, or all of them, with the remarks that belong to it: those further in than its dash."""
    return sheet.after_remarks(sheet.last(node) + 1, int(entries.start_mark.column))
