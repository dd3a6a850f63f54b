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
from bot.knowledge.yaml_source import LineEdit, YamlSource, pairs, plain

_BLOCK_HEADER = re.compile(r"[|>][+-]?\d?[+-]?")


def list_edits(source: YamlSource, name: str, node: yaml.SequenceNode, values: Sequence[Any]) -> Iterator[LineEdit]:
    """Yield the smallest change of a list to these values; brackets are written anew. Raises EditRejected."""
    items, margin = node.value, node.start_mark.column
    if node.flow_style:
        lines = source.lines[node.start_mark.line : node.end_mark.line]
        if any(re.search(r"(?:\A|\s)#", line) for line in lines):  # a comment would be lost
            raise EditRejected(Problem("", node.start_mark.line + 1, "edit_flow"))
        yield source.replace_node(node, flow(name, values))
        return

    def first_line(at: int) -> int:
        return source.item_line(node, items[at])

    def last_line(at: int) -> int:
        """Return the last line of an item and its comments."""
        last = source.last_comment(source.last_line(items[at]), margin)
        return min(last, first_line(at + 1) - 1) if at + 1 < len(items) else last

    old, new = [_comparable(plain(item)) for item in items], [_comparable(value) for value in values]
    for operation, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if operation == "equal":
            continue
        replaced = min(j - i, m - k)
        for item, value in zip(items[i : i + replaced], values[k : k + replaced], strict=True):
            yield from _item_edits(source, name, item, value, margin)
        for at in range(i + replaced, j):
            yield source.replace_lines(first_line(at), last_line(at))
        if added := [line for value in values[k + replaced : m] for line in list_item(name, value, margin)]:
            yield source.insert_lines(last_line(j - 1) if j else first_line(0) - 1, added)


def _item_edits(source: YamlSource, name: str, item: yaml.Node, value: Any, margin: int) -> Iterator[LineEdit]:
    """Yield the edits that replace an item by a value. `margin`: columns before the dash."""
    if not (isinstance(item, yaml.MappingNode) and isinstance(value, dict)):
        yield from replace_text(source, name, item, str(value), margin + 2, margin)
        return
    for key, (_, node) in pairs(item).items():
        if _comparable(node.value) != _comparable(value[key]):
            yield from replace_text(source, key, node, str(value[key]), margin + 4, margin + 2)


def _comparable(value: Any) -> Any:
    """Return a key that is equal for values that the model reads alike."""
    if isinstance(value, dict):
        return tuple(sorted((key, _comparable(inner)) for key, inner in value.items()))
    return one_line(str(value))


def replace_text(
    source: YamlSource, name: str, node: yaml.Node, text: str, margin: int, key_margin: int
) -> Iterator[LineEdit]:
    """Replace a text, or nothing, by a text. `margin`: indentation of a block's lines, `key_margin`: of its key.

    The header of a block stays, unless it gives an indentation (`|2`) or folds lines (`>`) of the new text.
    """
    first, last = int(node.start_mark.line), source.last_line(node)
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
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
    elif "\n" in text:
        yield source.replace_node(node, "|")
        yield source.insert_lines(last, block(text, margin))
        yield from realign_comment(source, last, key_margin)
    else:
        yield source.replace_node(node, scalar(name, text))


def realign_comment(source: YamlSource, line: int, margin: int) -> Iterator[LineEdit]:
    """Move the next comment to the margin if it would become part of the text above it."""
    comments = filter(source.is_comment, range(line + 1, source.last_comment(line, margin) + 1))
    if (first := next(comments, None)) is not None:
        yield LineEdit(source.offset(first, 0), source.offset(first, indent_of(source.lines[first])), " " * margin)
