"""Edits of one value in a YAML file: a text, or the items of a list. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

import yaml

from bot.knowledge.edit_result import EditRejected
from bot.knowledge.models import one_line
from bot.knowledge.rendering import block, flow, list_item, scalar
from bot.knowledge.yaml.lines import indent_of
from bot.knowledge.yaml.problems import Problem
from bot.knowledge.yaml_source import LineEdit, YamlSource, pairs

_BLOCK_HEADER = re.compile(r"[|>][+-]?\d?[+-]?")


class ListItems:
    """The items of a list. `node`: in brackets, or with a dash for each item."""

    def __init__(self, source: YamlSource, name: str, node: yaml.SequenceNode) -> None:
        self._source, self._name, self._node = source, name, node
        self._margin = node.start_mark.column
        self._items: list[yaml.Node] = node.value
        self.values = [_data(item) for item in self._items]

    def edits(self, values: Sequence[Any]) -> Iterator[LineEdit]:
        """Yield the smallest change to these values; brackets are written anew. Raises EditRejected."""
        if self._node.flow_style:
            yield self._in_brackets(values)
            return
        old, new = [_comparable(_data(item)) for item in self._items], [_comparable(value) for value in values]
        for operation, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if operation == "equal":
                continue
            replaced = min(j - i, m - k)
            for item, value in zip(self._items[i : i + replaced], values[k : k + replaced], strict=True):
                yield from self._replace(item, value)
            if i + replaced < j:
                yield from self._remove(i + replaced, j)
            if k + replaced < m:
                yield from self._insert(i + replaced, values[k + replaced : m])

    def _in_brackets(self, values: Sequence[Any]) -> LineEdit:
        first, last = self._node.start_mark.line, self._node.end_mark.line
        if any(re.search(r"(?:\A|\s)#", line) for line in self._source.lines[first:last]):  # a comment would be lost
            raise EditRejected(Problem("", first + 1, "edit_flow"))
        return self._source.replace(self._node.start_mark, self._node.end_mark, flow(self._name, values))

    def _replace(self, item: yaml.Node, value: Any) -> Iterator[LineEdit]:
        if not (isinstance(item, yaml.MappingNode) and isinstance(value, dict)):
            yield from replace_text(self._source, self._name, item, str(value), self._margin + 2, self._margin)
            return
        for key, (_, node) in pairs(item).items():
            if _comparable(node.value) != _comparable(value[key]):
                yield from replace_text(self._source, key, node, str(value[key]), self._margin + 4, self._margin + 2)

    def _insert(self, at: int, values: Sequence[Any]) -> Iterator[LineEdit]:
        lines = [line for value in values for line in list_item(self._name, value, self._margin)]
        yield self._source.insert_lines(self._last(at - 1) if at else self._first(0) - 1, lines)

    def _remove(self, i: int, j: int) -> Iterator[LineEdit]:
        for at in range(i, j):
            yield self._source.replace_lines(self._first(at), self._last(at))

    def _first(self, at: int) -> int:
        return self._source.item_line(self._node, self._items[at])

    def _last(self, at: int) -> int:
        """Return the last line of an item and its comments."""
        last = self._source.last_comment(self._source.last_line(self._items[at]), self._margin)
        return min(last, self._first(at + 1) - 1) if at + 1 < len(self._items) else last


def _data(node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): value.value for key, value in node.value}
    return node.value


def _comparable(value: Any) -> Any:
    """Return a key that is equal for values that the model reads alike."""
    if isinstance(value, dict):
        return tuple(sorted((key, _comparable(inner)) for key, inner in value.items()))
    return one_line(str(value))


def replace_text(
    source: YamlSource, name: str, node: yaml.Node, text: str, margin: int, key_margin: int
) -> Iterator[LineEdit]:
    """Replace a text, or nothing, by a text. `margin`: indentation of a block's lines, `key_margin`: of its key."""
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        yield from _replace_block(source, node, text, margin, key_margin)
    elif "\n" in text:
        last = source.last_line(node)
        yield source.replace(node.start_mark, node.end_mark, gap_after_colon(node) + "|")
        yield source.insert_lines(last, block(text, margin))
        yield from realign_comment(source, last, key_margin)
    else:
        yield source.replace(node.start_mark, node.end_mark, gap_after_colon(node) + scalar(name, text))


def _replace_block(
    source: YamlSource, node: yaml.ScalarNode, text: str, margin: int, key_margin: int
) -> Iterator[LineEdit]:
    """Replace a block. The header stays, unless it gives an indentation (`|2`) or folds lines (`>`) of the new text."""
    first, last = int(node.start_mark.line), source.last_line(node)
    match = _BLOCK_HEADER.match(source.lines[first], node.start_mark.column)
    begin, end = match.span() if match else (0, 0)
    header = source.lines[first][begin:end]
    has_indentation = re.search(r"\d", header) is not None
    if has_indentation or (node.style == ">" and "\n" in text):
        header = "|"
    indents = [indent_of(line) for line in source.lines[first + 1 : last + 1] if line.strip()]
    yield LineEdit(source.offset(first, begin), source.offset(first, end), header)
    lines = block(text, indents[0] if indents and not has_indentation else margin)
    yield source.replace_lines(first + 1, last, lines)
    if has_indentation:
        yield from realign_comment(source, last, key_margin)


def realign_comment(source: YamlSource, line: int, margin: int) -> Iterator[LineEdit]:
    """Move the next comment to the margin if it would become part of the text above it."""
    comments = filter(source.is_comment, range(line + 1, source.last_comment(line, margin) + 1))
    if (first := next(comments, None)) is not None:
        yield LineEdit(source.offset(first, 0), source.offset(first, indent_of(source.lines[first])), " " * margin)


def gap_after_colon(node: yaml.Node) -> str:
    """Return a space if the value was empty."""
    return " " if node.start_mark.index == node.end_mark.index else ""
