"""Edits of a knowledge file as text: only the necessary lines change; comments and all other lines stay. Pure.

Each function takes and returns the whole file, with its own line ends, byte order mark and end of file. The file must
load. EditRejected is raised for styles that cannot be edited, such as entries in braces.

Not ruamel.yaml: of 300 files in any style, its round trip (0.19.1) left 36 unchanged, and comments moved or were lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from textwrap import dedent
from typing import Any

import yaml

from bot.knowledge.edit_result import EditRejected
from bot.knowledge.models import Entry, Misread
from bot.knowledge.rendering import ON_ONE_LINE, ORDER, Style, field_lines, fields_of, flow, item_lines
from bot.knowledge.yaml.lines import indent_of, quote
from bot.knowledge.yaml.problems import Problem
from bot.knowledge.yaml_source import LineEdit, Pair, YamlSource, pairs
from bot.knowledge.yaml_values import ListItems, gap_after_colon, realign_comment, replace_text
from bot.text.accents import plain_words


def add_entry(text: str, entry: Entry, theme: str = "") -> str:
    """Add an entry after the last one. `theme`: the title of a file that is still empty."""
    source = YamlSource(text)
    if source.root is None:
        return source.append([f"theme: {quote(theme)}", "entries:", *item_lines(fields_of(entry), 2)])
    entries = _entries(source)
    if not entries.value:
        return _add_first(source, entries, entry)
    margin = entries.start_mark.column
    lines = item_lines(fields_of(entry), margin, detect_style(source))
    last = source.last_comment(source.last_line(entries), margin)
    return source.apply([source.insert_lines(last, ["", *lines] if _are_apart(source, entries) else lines)])


def change_entry(text: str, id: str, changes: Mapping[str, object]) -> str:
    """Change fields of an entry. `changes`: by field; None or an empty value removes a field."""
    for name, value in changes.items():
        text = EntryFields(YamlSource(text), id).with_value(name, value)
    return text


def remove_entry(text: str, id: str) -> str:
    """Remove an entry, with the comments indented deeper than its dash."""
    source = YamlSource(text)
    first, last = _extent(source, id)
    if not any(line.strip() for line in source.lines[last + 1 :]):
        while source.is_blank(first - 1):
            first -= 1
    elif source.is_blank(first - 1) and source.is_blank(last + 1):  # one gap instead of two
        first -= 1
    colon = source.after_colon(pairs(source.root)["entries"][0])
    emptied = [LineEdit(colon, colon, " []")] if len(_entries(source).value) == 1 else []
    return source.apply([*emptied, source.replace_lines(first, last)])


def add_reading(text: str, misread: Misread) -> str:
    """Add a message that was misread, with its right reading; the same message there is replaced."""
    source, fields = YamlSource(text), misread.model_dump()
    if source.root is None:
        return source.append(["readings:", *item_lines(fields, 2)])
    readings = _items(source, "readings")
    items = ListItems(source, "readings", readings)
    others = [one for one in items.values if plain_words(one["text"]) != plain_words(misread.text)]
    return source.apply(items.edits([*others, fields]))


def excerpt(text: str, id: str) -> str:
    """Return the lines of the entry, comments included, without their indentation."""
    source = YamlSource(text)
    first, last = _extent(source, id)
    return dedent("".join(f"{line}\n" for line in source.lines[first : last + 1]))


def _entries(source: YamlSource) -> yaml.SequenceNode:
    return _items(source, "entries")


def _items(source: YamlSource, name: str) -> yaml.SequenceNode:
    """Return the file's list of that name; in brackets only if it is empty."""
    pair = pairs(source.root).get(name)
    if pair is None or not isinstance(source.root, yaml.MappingNode) or source.root.flow_style:
        raise EditRejected(Problem("", 1, "edit_flow"))
    key, node = pair
    if isinstance(node, yaml.SequenceNode) and not (node.flow_style and node.value):
        return node
    raise EditRejected(Problem("", key.start_mark.line + 1, "edit_flow"))


def _entry(source: YamlSource, id: str) -> yaml.MappingNode:
    for node in _entries(source).value:
        pair = pairs(node).get("id")
        if pair and pair[1].value.strip() == id:
            return node  # type: ignore[no-any-return]
    raise EditRejected(Problem("", 0, "edit_unknown", {"id": id}))


def _extent(source: YamlSource, id: str) -> tuple[int, int]:
    """Return the first and last line of an entry, comments included."""
    entries, entry = _entries(source), _entry(source, id)
    last = source.last_comment(source.last_line(entry), entries.start_mark.column)
    return source.item_line(entries, entry), last


def _add_first(source: YamlSource, entries: yaml.SequenceNode, entry: Entry) -> str:
    """Add an entry to `entries: []`."""
    key, last = pairs(source.root)["entries"][0], source.last_line(entries)
    first = key.start_mark.line
    if any("#" in line for line in source.lines[first:last]):
        raise EditRejected(Problem("", first + 1, "edit_flow"))
    margin = indent_of(source.lines[first]) + 2
    brackets = LineEdit(source.after_colon(key), source.offset(last, entries.end_mark.column), "")
    lines = item_lines(fields_of(entry), margin)
    return source.apply([brackets, source.insert_lines(source.last_comment(last, margin), lines)])


def _are_apart(source: YamlSource, entries: yaml.SequenceNode) -> bool:
    """Whether a blank line separates entries, judged by the one before the last entry and its comments."""
    line = source.item_line(entries, entries.value[-1]) - 1
    while source.is_comment(line):
        line -= 1
    return len(entries.value) > 1 and source.is_blank(line)


class EntryFields:
    """The fields of an entry that has a line for each of its keys."""

    def __init__(self, source: YamlSource, id: str) -> None:
        entry = _entry(source, id)
        if entry.flow_style:
            raise EditRejected(Problem("", entry.start_mark.line + 1, "edit_flow"))
        self._source, self._pairs = source, pairs(entry)
        self._margin = entry.start_mark.column
        self._style = detect_style(source)

    def with_value(self, name: str, value: object) -> str:
        """Return the whole new text; None or an empty value removes the field."""
        pair = self._pairs.get(name)
        if pair:
            return self._source.apply(self._change(name, value, pair) if value else self._remove(pair))
        return self._source.apply(self._add(name, value) if value else ())

    def _add(self, name: str, value: object) -> Iterator[LineEdit]:
        """Add the field after those that precede it in the model."""
        earlier = {"id", *ORDER[: ORDER.index(name)]}
        last = max(self._source.last_line(node) for key, (_, node) in self._pairs.items() if key in earlier)
        lines = field_lines(name, value, self._margin, self._style)
        yield self._source.insert_lines(self._source.last_comment(last, self._margin), lines)

    def _change(self, name: str, value: Any, pair: Pair) -> Iterator[LineEdit]:
        key, node = pair
        if isinstance(value, str):
            yield from replace_text(self._source, name, node, value, self._margin + self._style.block, self._margin)
        elif isinstance(node, yaml.SequenceNode) and (node.value or name in ON_ONE_LINE):
            yield from ListItems(self._source, name, node).edits(value)
        elif name in ON_ONE_LINE:
            yield self._source.replace(node.start_mark, node.end_mark, gap_after_colon(node) + flow(name, value))
        else:
            yield from self._fill(name, value, key, node)

    def _fill(self, name: str, value: Sequence[Any], key: yaml.ScalarNode, node: yaml.Node) -> Iterator[LineEdit]:
        """Replace `[]`, `~` or nothing by a list."""
        end = self._source.offset(node.end_mark.line, node.end_mark.column)
        yield LineEdit(self._source.after_colon(key), end, "")
        last = self._source.last_comment(self._source.last_line(node), self._margin)
        yield self._source.insert_lines(last, field_lines(name, value, self._margin, self._style)[1:])

    def _remove(self, pair: Pair) -> Iterator[LineEdit]:
        key, node = pair
        first, last = int(key.start_mark.line), self._source.last_line(node)
        before = self._source.lines[first][: self._margin]
        if not before.strip():
            yield self._source.replace_lines(first, last)
            yield from realign_comment(self._source, last, self._margin)
            return
        following = [other.start_mark for other, _ in self._pairs.values() if other.start_mark.line == last + 1]
        if following:  # the entry's dash goes to the next field
            yield self._source.replace(key.start_mark, following[0], "")
        else:
            dash = self._source.offset(first, len(before.rstrip()))
            yield LineEdit(dash, self._source.line_end(last), "")


def detect_style(source: YamlSource) -> Style:
    """Return the indentation of the last entry, completed from earlier ones."""
    steps: dict[str, int] = {}
    entries = pairs(source.root)["entries"][1]
    for entry in reversed(entries.value):
        if not entry.flow_style:
            steps = dict(_steps(source, entries, entry)) | steps
        if len(steps) == len(Style._fields):
            break
    return Style(**steps)


def _steps(source: YamlSource, entries: yaml.Node, entry: yaml.MappingNode) -> Iterator[tuple[str, int]]:
    margin = entry.start_mark.column
    yield "keys", max(margin - entries.start_mark.column, 2)
    for name, (_, node) in pairs(entry).items():
        if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
            yield "items", node.start_mark.column - margin
        elif isinstance(node, yaml.ScalarNode) and name == "answer" and node.style in ("|", ">"):
            first = next(line for line in source.lines[node.start_mark.line + 1 :] if line.strip())
            yield "block", max(indent_of(first) - margin, 1)
