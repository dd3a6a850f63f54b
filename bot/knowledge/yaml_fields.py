"""The fields of one entry in a file, changed where they stand: what is around a value stays as it is. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from bot.knowledge.rendering import ORDER, Style, field_lines, flow, on_one_line
from bot.knowledge.yaml.lines import width
from bot.knowledge.yaml_items import Items
from bot.knowledge.yaml_scalars import apart, moved, texts
from bot.knowledge.yaml_source import LineEdit, Pair, YamlSource, pairs


class Fields:
    """`entry`: a mapping with a line for each of its keys."""

    def __init__(self, sheet: YamlSource, entry: yaml.MappingNode) -> None:
        self._sheet, self._pairs = sheet, pairs(entry)
        self._margin = int(entry.start_mark.column)
        self._style = style_of(sheet)

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
            yield from texts(self._sheet, name, node, value, self._margin + self._style.block, self._margin)
        elif isinstance(node, yaml.SequenceNode) and (node.value or on_one_line(name)):
            yield from Items(self._sheet, name, node).edits(value)
        else:  # nothing so far
            yield from self._filled(name, value, key, node)

    def _filled(self, name: str, value: Sequence[Any], key: yaml.ScalarNode, node: yaml.Node) -> Iterator[LineEdit]:
        """A list where `[]`, `~` or nothing stands."""
        if on_one_line(name):
            yield self._sheet.between(node.start_mark, node.end_mark, apart(node) + flow(name, value))
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
            yield from moved(self._sheet, last, self._margin)
            return
        below = [other.start_mark for other, _ in self._pairs.values() if other.start_mark.line == last + 1]
        dash = self._sheet.at(first, len(self._sheet.lines[first][: self._margin].rstrip()))
        if below:  # the dash goes to the next field
            yield self._sheet.between(key.start_mark, below[0], "")
        else:
            yield LineEdit(dash, self._sheet.end(last), "")


def style_of(sheet: YamlSource) -> Style:
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
            yield "block", max(width(lines[0]) - margin, 1)
