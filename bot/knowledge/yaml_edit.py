"""A knowledge file changed as text: only the lines that must change do; comments and everybody else's lines stay. Pure.

All functions take the whole file and return the whole file; both with their own line ends, byte order mark and final
line break or none. They expect a file that loads, and raise Refused where it is written in a way that they cannot
change.
"""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent

import yaml

from bot.knowledge.edit_errors import EditRejected
from bot.knowledge.models import Entry
from bot.knowledge.rendering import fields_of, item_lines, quoted
from bot.knowledge.yaml.lines import width
from bot.knowledge.yaml.problems import Problem
from bot.knowledge.yaml_fields import Fields, style_of
from bot.knowledge.yaml_source import LineEdit, YamlSource, pairs


def added(text: str, entry: Entry, theme: str = "") -> str:
    """With the entry after the last one. `theme`: the title of a file that is still empty."""
    sheet = YamlSource(text)
    if sheet.root is None:
        return sheet.ended([f"theme: {quoted(theme)}", "entries:", *item_lines(fields_of(entry), 2)])
    entries = _entries(sheet)
    if not entries.value:
        return _first(sheet, entries, entry)
    margin = int(entries.start_mark.column)
    new = item_lines(fields_of(entry), margin, style_of(sheet))
    after = sheet.past(sheet.last(entries), margin)
    return sheet.edited([sheet.below(after - 1, ["", *new] if _apart(sheet, entries) else new)])


def changed(text: str, id: str, changes: Mapping[str, object]) -> str:
    """With other values in these fields of the entry; None or nothing takes a field away."""
    for name, value in changes.items():
        sheet = YamlSource(text)
        text = Fields(sheet, _on_lines(sheet, id)).with_value(name, value)
    return text


def removed(text: str, id: str) -> str:
    """Without the entry, and without the remarks further in than its dash."""
    sheet = YamlSource(text)
    entries, entry = _entries(sheet), _entry(sheet, id)
    first = sheet.dash(entries, entry)
    after = sheet.past(sheet.last(entry), int(entries.start_mark.column))
    if not any(line.strip() for line in sheet.lines[after:]):
        while sheet.blank(first - 1):
            first -= 1
    elif sheet.blank(first - 1) and sheet.blank(after):  # one gap is left of two
        first -= 1
    colon = sheet.colon(pairs(sheet.root)["entries"][0])
    emptied = [LineEdit(colon, colon, " []")] if len(entries.value) == 1 else []
    return sheet.edited([*emptied, sheet.instead(first, after)])


def with_phrase(text: str, id: str, phrase: str) -> str:
    """With one more way of asking for the entry, after the others."""
    sheet = YamlSource(text)
    return Fields(sheet, _on_lines(sheet, id)).with_item("questions", phrase)


def excerpt(text: str, id: str) -> str:
    """The lines of the entry as they stand in the file, comments included, moved to the left margin."""
    sheet = YamlSource(text)
    entries, entry = _entries(sheet), _entry(sheet, id)
    after = sheet.past(sheet.last(entry), int(entries.start_mark.column))
    return dedent("".join(f"{line}\n" for line in sheet.lines[sheet.dash(entries, entry) : after]))


def _entries(sheet: YamlSource) -> yaml.SequenceNode:
    """Its list of entries, which may be an empty `[]`."""
    found = pairs(sheet.root).get("entries")
    if found is None or not isinstance(sheet.root, yaml.MappingNode) or sheet.root.flow_style:
        raise EditRejected(Problem("", 1, "edit_flow"))
    node = found[1]
    if isinstance(node, yaml.SequenceNode) and not (node.flow_style and node.value):
        return node
    raise EditRejected(Problem("", int(found[0].start_mark.line) + 1, "edit_flow"))


def _entry(sheet: YamlSource, id: str) -> yaml.MappingNode:
    for node in _entries(sheet).value:
        given = pairs(node).get("id")
        if given and given[1].value.strip() == id:
            return node  # type: ignore[no-any-return]
    raise EditRejected(Problem("", 0, "edit_unknown", {"id": id}))


def _on_lines(sheet: YamlSource, id: str) -> yaml.MappingNode:
    """The entry, with a line for each of its keys."""
    node = _entry(sheet, id)
    if node.flow_style:
        raise EditRejected(Problem("", int(node.start_mark.line) + 1, "edit_flow"))
    return node


def _first(sheet: YamlSource, entries: yaml.SequenceNode, entry: Entry) -> str:
    """Into `entries: []`."""
    key, last = pairs(sheet.root)["entries"][0], sheet.last(entries)
    colon, end = sheet.colon(key), sheet.at(last, entries.end_mark.column)
    if any("#" in line for line in sheet.lines[int(key.start_mark.line) : last]):
        raise EditRejected(Problem("", int(key.start_mark.line) + 1, "edit_flow"))
    margin = width(sheet.lines[key.start_mark.line]) + 2
    after = sheet.past(last, margin)
    return sheet.edited([LineEdit(colon, end, ""), sheet.below(after - 1, item_lines(fields_of(entry), margin))])


def _apart(sheet: YamlSource, entries: yaml.SequenceNode) -> bool:
    """Whether a blank line stands between entries: before the last one and its remarks."""
    line = sheet.dash(entries, entries.value[-1]) - 1
    while sheet.remark(line):
        line -= 1
    return len(entries.value) > 1 and sheet.blank(line)
