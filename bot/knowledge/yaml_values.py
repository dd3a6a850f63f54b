"""The items of one list in a file, changed where they stand. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

import yaml

from bot.knowledge.models import one_line
from bot.knowledge.rendering import block, flow_item, list_item, scalar
from bot.knowledge.yaml.lines import indent_of
from bot.knowledge.yaml_source import LineEdit, YamlSource, pairs


class ListItems:
    """`node`: a list in brackets, or one with a dash for each item."""

    def __init__(self, sheet: YamlSource, name: str, node: yaml.SequenceNode) -> None:
        self._sheet, self._name, self._node = sheet, name, node
        self._margin = int(node.start_mark.column)
        self._items: list[yaml.Node] = node.value

    def edits(self, values: Sequence[Any]) -> Iterator[LineEdit]:
        """To have these values, with as little change as can be."""
        old, new = [comparable(value_of(one)) for one in self._items], [comparable(one) for one in values]
        if not self._items:
            yield self._sheet.between(self._node.start_mark, self._node.end_mark, f"[{self._row(values)}]")
            return
        for what, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if what == "equal":
                continue
            kept = min(j - i, m - k)
            for item, value in zip(self._items[i : i + kept], values[k : k + kept], strict=True):
                yield from self._turned(item, value)
            yield from self._taken(i + kept, j)
            if values[k + kept : m]:
                yield from self._added(i + kept, values[k + kept : m])

    def _turned(self, item: yaml.Node, value: Any) -> Iterator[LineEdit]:
        """One item into another one."""
        if isinstance(item, yaml.MappingNode):
            for key, (_, node) in pairs(item).items():
                if comparable(node.value) != comparable(value[key]):
                    yield from replace_text(self._sheet, key, node, str(value[key]), self._margin + 4, self._margin + 2)
        else:
            yield from replace_text(self._sheet, self._name, item, str(value), self._margin + 2, self._margin)

    def _added(self, at: int, values: Sequence[Any]) -> Iterator[LineEdit]:
        return self._put_between(at, values) if self._node.flow_style else self._put(at, values)

    def _taken(self, i: int, j: int) -> Iterator[LineEdit]:
        return self._take_between(i, j) if self._node.flow_style else self._take(i, j)

    def _put(self, at: int, values: Sequence[Any]) -> Iterator[LineEdit]:
        lines = [line for value in values for line in list_item(self._name, value, self._margin)]
        yield self._sheet.below(self._first(at) - 1 if at == 0 else self._after(at - 1) - 1, lines)

    def _take(self, i: int, j: int) -> Iterator[LineEdit]:
        for at in range(i, j):
            yield self._sheet.instead(self._first(at), self._after(at))

    def _first(self, at: int) -> int:
        return self._sheet.dash(self._node, self._items[at])

    def _after(self, at: int) -> int:
        """The line behind an item and the remarks that belong to it."""
        after = self._sheet.past(self._sheet.last(self._items[at]), self._margin)
        return min(after, self._first(at + 1)) if at + 1 < len(self._items) else after

    def _put_between(self, at: int, values: Sequence[Any]) -> Iterator[LineEdit]:
        if at == 0:
            start = self._items[0].start_mark
            yield self._sheet.between(start, start, f"{self._row(values)}, ")
        else:
            end = self._items[at - 1].end_mark
            yield self._sheet.between(end, end, f", {self._row(values)}")

    def _take_between(self, i: int, j: int) -> Iterator[LineEdit]:
        """With one of the commas beside it."""
        if i == j:
            return
        if all(map(self._alone, self._items[i:j])):
            for item in self._items[i:j]:
                yield self._sheet.instead(int(item.start_mark.line), self._sheet.last(item) + 1)
        elif j < len(self._items):
            yield self._sheet.between(self._items[i].start_mark, self._items[j].start_mark, "")
        else:
            yield self._sheet.between(self._items[i - 1].end_mark, self._items[j - 1].end_mark, "")

    def _alone(self, item: yaml.Node) -> bool:
        """On lines of its own; it goes with its comma and the remark behind it."""
        before = self._sheet.lines[item.start_mark.line][: item.start_mark.column]
        after = self._sheet.lines[item.end_mark.line][item.end_mark.column :]
        return not before.strip() and re.fullmatch(r"\s*+(?:,\s*+)?(#.*)?", after) is not None

    def _row(self, values: Sequence[Any]) -> str:
        return ", ".join(flow_item(self._name, value) for value in values)


def value_of(node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): value.value for key, value in node.value}
    return node.value


def comparable(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple(sorted((key, comparable(one)) for key, one in value.items()))
    return one_line(str(value))  # as the model reads it


_HEAD = re.compile(r"[|>][+-]?\d?[+-]?")  # of a text on lines of its own


def replace_text(
    sheet: YamlSource, name: str, node: yaml.Node, text: str, margin: int, outer: int
) -> Iterator[LineEdit]:
    """Another text where one stands, or nothing. `margin`: of lines below it, `outer`: of the key."""
    line, last = int(node.start_mark.line), sheet.last(node)
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        lines = [one for one in sheet.lines[line + 1 : last + 1] if one.strip()]
        head = _HEAD.match(sheet.lines[line], node.start_mark.column)
        begin, end = head.span() if head else (0, 0)
        plain = not re.search(r"\d", sheet.lines[line][begin:end])
        sign = sheet.lines[line][begin:end] if plain and (node.style == "|" or "\n" not in text) else "|"
        yield LineEdit(sheet.at(line, begin), sheet.at(line, end), sign)
        yield sheet.instead(line + 1, last + 1, block(text, indent_of(lines[0]) if plain and lines else margin))
        if not plain:
            yield from realign_comment(sheet, last, outer)
    elif "\n" in text:
        yield sheet.between(node.start_mark, node.end_mark, gap_after_colon(node) + "|")
        yield sheet.below(last, block(text, margin))
        yield from realign_comment(sheet, last, outer)
    else:
        yield sheet.between(node.start_mark, node.end_mark, gap_after_colon(node) + scalar(name, text))


def realign_comment(sheet: YamlSource, line: int, margin: int) -> Iterator[LineEdit]:
    """The next remark, where it would become a part of the text above it: it comes to the margin."""
    below = sheet.past(line, margin) - 1
    first = next((at for at in range(line + 1, below + 1) if sheet.remark(at)), None)
    if first is not None:
        yield LineEdit(sheet.at(first, 0), sheet.at(first, indent_of(sheet.lines[first])), " " * margin)


def gap_after_colon(node: yaml.Node) -> str:
    """A space behind the colon, where nothing stood."""
    return " " if node.start_mark.index == node.end_mark.index else ""
