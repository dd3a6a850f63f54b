"""The fields of one entry in a file, changed in place. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any

import yaml

from bot.library.rendering import ORDER, field_lines, flow, list_item
from bot.library.sheet import Pair, Sheet, pairs


class Fields:
    """`entry`: a mapping with a line for each of its keys."""

    def __init__(self, sheet: Sheet, entry: yaml.MappingNode) -> None:
        self._sheet, self._entry = sheet, entry
        self._pairs = pairs(entry)
        self._margin = int(entry.start_mark.column)

    def with_value(self, name: str, value: object) -> str:
        """The whole text with another value there; nothing takes the field away."""
        found = self._pairs.get(name)
        if not value:
            return self._without(found) if found else self._sheet.replaced(0, 0, [])
        if found is None:
            after = self._place(name)
            return self._sheet.replaced(after, after, field_lines(name, value, self._margin))
        if isinstance(value, str):
            return self._text(name, value, found)
        return self._list(name, list(value) if isinstance(value, (list, tuple)) else [value], found)

    def with_item(self, name: str, text: str) -> str:
        """With one more text in a list that has some."""
        node = self._pairs[name][1]
        return self._list(name, [*_plain(node), text], self._pairs[name])

    def _place(self, name: str) -> int:
        """Where a new field goes: behind the last one that stands before it in the model's order."""
        earlier = {"id", *ORDER[: ORDER.index(name)]}
        return max(self._sheet.last(value) + 1 for key, (_, value) in self._pairs.items() if key in earlier)

    def _text(self, name: str, text: str, found: Pair) -> str:
        key, node = found
        first, last = int(key.start_mark.line), self._sheet.last(node)
        rendered = field_lines(name, text, self._margin)
        if len(rendered) == 1 and first == last and isinstance(node, yaml.ScalarNode):
            rendered = [rendered[0] + self._sheet.lines[last][node.end_mark.column :]]  # a remark behind it stays
        write = self._replaced if len(rendered) > 1 else self._sheet.replaced
        return write(first, last + 1, self._headed(rendered, first))

    def _replaced(self, first: int, after: int, lines: Sequence[str]) -> str:
        """Remarks behind it that are further in would become a part of a text in lines: they move to the margin."""
        end = self._sheet.after_remarks(after, self._margin)
        remarks = [" " * self._margin + line.lstrip() for line in self._sheet.lines[after:end]]
        return self._sheet.replaced(first, end, [*lines, *remarks])

    def _list(self, name: str, values: list[Any], found: Pair) -> str:
        """Item by item where each has its line, so that remarks between them stay."""
        key, node = found
        first, last = int(key.start_mark.line), self._sheet.last(node)
        if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
            return self._items(name, values, node)
        if name != "links" and first == last and isinstance(node, yaml.SequenceNode):
            line = self._sheet.lines[first]
            new = line[: node.start_mark.column] + flow(name, values) + line[node.end_mark.column :]
            return self._sheet.replaced(first, last + 1, [new])
        return self._sheet.replaced(first, last + 1, self._headed(field_lines(name, values, self._margin), first))

    def _items(self, name: str, values: list[Any], node: yaml.SequenceNode) -> str:
        margin = int(node.start_mark.column)
        starts = [int(item.start_mark.line) for item in node.value]
        ends = [self._sheet.last(item) + 1 for item in node.value]
        old, new = [_comparable(one) for one in _plain(node)], [_comparable(one) for one in values]
        lines: list[str] = []
        begin = place = starts[0]
        for what, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if what == "equal":
                lines += self._sheet.lines[place : ends[j - 1]]
                place = ends[j - 1]
                continue
            for at in range(i, j):
                lines += self._sheet.lines[place : starts[at]]  # remarks before it
                place = ends[at]
            lines += [line for value in values[k:m] for line in list_item(name, value, margin)]
        return self._sheet.replaced(begin, ends[-1], lines)

    def _without(self, found: Pair) -> str:
        key, node = found
        first, after = int(key.start_mark.line), self._sheet.last(node) + 1
        if first != self._entry.start_mark.line:
            return self._replaced(first, after, [])
        dash = self._sheet.lines[first][: self._margin]  # the dash goes to the next field
        following = min(int(k.start_mark.line) for k, _ in self._pairs.values() if k.start_mark.line >= after)
        between = self._sheet.lines[after:following]
        moved = dash + self._sheet.lines[following][self._margin :]
        return self._sheet.replaced(first, following + 1, [moved, *between])

    def _headed(self, rendered: Sequence[str], first: int) -> list[str]:
        """With the dash of the entry, where the field stands behind it."""
        if first != self._entry.start_mark.line:
            return list(rendered)
        return [self._sheet.lines[first][: self._margin] + rendered[0][self._margin :], *rendered[1:]]


def _plain(node: yaml.Node) -> list[Any]:
    return [_value(one) for one in node.value] if isinstance(node, yaml.SequenceNode) else [node.value]


def _value(node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): value.value for key, value in node.value}
    return node.value


def _comparable(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple(sorted((key, str(one).strip()) for key, one in value.items()))
    return str(value).strip()
