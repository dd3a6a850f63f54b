"""A knowledge file changed as text: only the lines that must change do; comments and everybody else's lines stay. Pure.

All functions take the whole file and return the whole file; both with their own line ends, byte order mark and final
line break or none. They expect a file that loads, and raise Refused where it is written in a way that they cannot
change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from textwrap import dedent
from typing import Any

import yaml

from bot.knowledge.edit_result import EditRejected
from bot.knowledge.models import Entry
from bot.knowledge.rendering import ORDER, Style, field_lines, fields_of, flow, item_lines, on_one_line, quoted
from bot.knowledge.yaml.lines import indent_of
from bot.knowledge.yaml.problems import Problem
from bot.knowledge.yaml_source import LineEdit, Pair, YamlSource, pairs
from bot.knowledge.yaml_values import ListItems, gap_after_colon, realign_comment, replace_text


def add_entry(text: str, entry: Entry, theme: str = "") -> str:
    """With the entry after the last one. `theme`: the title of a file that is still empty."""
    sheet = YamlSource(text)
    if sheet.root is None:
        return sheet.ended([f"theme: {quoted(theme)}", "entries:", *item_lines(fields_of(entry), 2)])
    entries = _entries(sheet)
    if not entries.value:
        return _first(sheet, entries, entry)
    margin = int(entries.start_mark.column)
    new = item_lines(fields_of(entry), margin, detect_style(sheet))
    after = sheet.past(sheet.last(entries), margin)
    return sheet.edited([sheet.below(after - 1, ["", *new] if _apart(sheet, entries) else new)])


def change_entry(text: str, id: str, changes: Mapping[str, object]) -> str:
    """With other values in these fields of the entry; None or nothing takes a field away."""
    for name, value in changes.items():
        sheet = YamlSource(text)
        text = EntryFields(sheet, _on_lines(sheet, id)).with_value(name, value)
    return text


def remove_entry(text: str, id: str) -> str:
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


def add_phrase(text: str, id: str, phrase: str) -> str:
    """With one more way of asking for the entry, after the others."""
    sheet = YamlSource(text)
    return EntryFields(sheet, _on_lines(sheet, id)).with_item("questions", phrase)


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
    margin = indent_of(sheet.lines[key.start_mark.line]) + 2
    after = sheet.past(last, margin)
    return sheet.edited([LineEdit(colon, end, ""), sheet.below(after - 1, item_lines(fields_of(entry), margin))])


def _apart(sheet: YamlSource, entries: yaml.SequenceNode) -> bool:
    """Whether a blank line stands between entries: before the last one and its remarks."""
    line = sheet.dash(entries, entries.value[-1]) - 1
    while sheet.remark(line):
        line -= 1
    return len(entries.value) > 1 and sheet.blank(line)


class EntryFields:
    """`entry`: a mapping with a line for each of its keys."""

    def __init__(self, sheet: YamlSource, entry: yaml.MappingNode) -> None:
        self._sheet, self._pairs = sheet, pairs(entry)
        self._margin = int(entry.start_mark.column)
        self._style = detect_style(sheet)

    def with_value(self, name: str, value: object) -> str:
        """The whole text with another value there; nothing takes the field away."""
        found = self._pairs.get(name)
        if found is None:
            return self._sheet.edited(self._new(name, value) if value else ())
        return self._sheet.edited(self._changed(name, value, found) if value else self._without(found))

    def with_item(self, name: str, text: str) -> str:
        """With one more text in a list that has some."""
        node = self._pairs[name][1]
        return self.with_value(name, [*(one.value for one in node.value), text])

    def _new(self, name: str, value: object) -> Iterator[LineEdit]:
        """Behind the last field that stands before it in the model's order."""
        earlier = {"id", *ORDER[: ORDER.index(name)]}
        last = max(self._sheet.last(node) for key, (_, node) in self._pairs.items() if key in earlier)
        after = self._sheet.past(last, self._margin)
        yield self._sheet.below(after - 1, field_lines(name, value, self._margin, self._style))

    def _changed(self, name: str, value: Any, found: Pair) -> Iterator[LineEdit]:
        key, node = found
        if isinstance(value, str):
            yield from replace_text(self._sheet, name, node, value, self._margin + self._style.block, self._margin)
        elif isinstance(node, yaml.SequenceNode) and (node.value or on_one_line(name)):
            yield from ListItems(self._sheet, name, node).edits(value)
        else:  # nothing so far
            yield from self._filled(name, value, key, node)

    def _filled(self, name: str, value: Sequence[Any], key: yaml.ScalarNode, node: yaml.Node) -> Iterator[LineEdit]:
        """A list where `[]`, `~` or nothing stands."""
        if on_one_line(name):
            yield self._sheet.between(node.start_mark, node.end_mark, gap_after_colon(node) + flow(name, value))
            return
        start = self._sheet.colon(key)
        yield LineEdit(start, self._sheet.at(node.end_mark.line, node.end_mark.column), "")
        after = self._sheet.past(self._sheet.last(node), self._margin)
        yield self._sheet.below(after - 1, field_lines(name, value, self._margin, self._style)[1:])

    def _without(self, found: Pair) -> Iterator[LineEdit]:
        key, node = found
        first, last = int(key.start_mark.line), self._sheet.last(node)
        if not self._sheet.lines[first][: self._margin].strip():
            yield self._sheet.instead(first, last + 1)
            yield from realign_comment(self._sheet, last, self._margin)
            return
        below = [other.start_mark for other, _ in self._pairs.values() if other.start_mark.line == last + 1]
        dash = self._sheet.at(first, len(self._sheet.lines[first][: self._margin].rstrip()))
        if below:  # the dash goes to the next field
            yield self._sheet.between(key.start_mark, below[0], "")
        else:
            yield LineEdit(dash, self._sheet.end(last), "")


def detect_style(sheet: YamlSource) -> Style:
    """As the file has it, from its last entry up."""
    found: dict[str, int] = {}
    entries = pairs(sheet.root)["entries"][1]
    for entry in reversed(entries.value):
        if not entry.flow_style:
            found = dict(_steps(sheet, entries, entry)) | found
    return Style(**found)


def _steps(sheet: YamlSource, entries: yaml.Node, entry: yaml.MappingNode) -> Iterator[tuple[str, int]]:
    margin = int(entry.start_mark.column)
    yield "keys", max(margin - int(entries.start_mark.column), 2)
    for name, (_, node) in pairs(entry).items():
        if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
            yield "items", int(node.start_mark.column) - margin
        elif isinstance(node, yaml.ScalarNode) and name == "answer" and node.style in ("|", ">"):
            lines = [line for line in sheet.lines[node.start_mark.line + 1 :] if line.strip()]
            yield "block", max(indent_of(lines[0]) - margin, 1)
