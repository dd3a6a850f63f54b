"""The text of a YAML file with its parsed nodes; edits by place leave all other text unchanged. Pure.

Lines and columns count from 0, as in the parser's marks; the last line is empty after a line break.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import accumulate
from typing import Any, NamedTuple

import yaml

from bot.knowledge.edit_result import EditRejected
from bot.knowledge.models import one_line
from bot.knowledge.rendering import block, flow, list_item, scalar
from bot.knowledge.yaml.lines import HIDDEN_BREAKS, LINE_BREAK, indent_of
from bot.knowledge.yaml.parser import LOADER
from bot.knowledge.yaml.problems import Problem

_BLOCK_HEADER = re.compile(r"[|>][+-]?\d?[+-]?")
_BOM = "\ufeff"  # may be inside where files were joined; removed for the parser


class LineEdit(NamedTuple):
    """New text between two offsets of the file."""

    start: int
    end: int
    text: str


class YamlSource:
    def __init__(self, text: str) -> None:
        self._text = text
        self._raw_lines = LINE_BREAK.split(text)
        breaks = list(LINE_BREAK.finditer(text))
        self._starts = [0, *(match.end() for match in breaks)]
        self._break = breaks[0].group() if breaks else "\n"
        self.lines = [HIDDEN_BREAKS.sub(" ", line).replace(_BOM, "") for line in self._raw_lines]
        self.root = yaml.compose("\n".join(self.lines), Loader=LOADER)

    def offset(self, line: int, column: int) -> int:
        raw = self._raw_lines[line]
        if _BOM not in raw:
            return self._starts[line] + column
        columns = list(accumulate(char != _BOM for char in raw))
        return self._starts[line] + next((n for n, count in enumerate(columns) if count > column), len(raw))

    def line_end(self, line: int) -> int:
        """Return the offset after the last character of the line."""
        return self._starts[line] + len(self._raw_lines[line])

    def replace_node(self, node: yaml.Node, text: str) -> LineEdit:
        """Replace a value, on its line; a space comes before the text if there was none."""
        start, end = node.start_mark, node.end_mark
        gap = " " if start.index == end.index else ""
        return LineEdit(self.offset(start.line, start.column), self.offset(end.line, end.column), gap + text)

    def replace_after_colon(self, key: yaml.ScalarNode, node: yaml.Node, text: str) -> LineEdit:
        """Replace all from the colon of a key to the end of its value. Raises EditRejected."""
        return LineEdit(self.after_colon(key), self.offset(node.end_mark.line, node.end_mark.column), text)

    def insert_lines(self, after: int, new: Sequence[str]) -> LineEdit:
        return self.replace_lines(after + 1, after, new)

    def replace_lines(self, first: int, last: int, new: Sequence[str] = ()) -> LineEdit:
        """Replace the lines `first` to `last`, which must not include the file's first line."""
        while not new and last == len(self.lines) - 1 and self.is_blank(first - 1):
            first -= 1  # a file without a final line break does not end in a blank line
        return LineEdit(self.line_end(first - 1), self.line_end(last), "".join(self._break + line for line in new))

    def apply(self, edits: Iterable[LineEdit]) -> str:
        """Return the whole new text; edits must not overlap."""
        text = self._text
        for edit in sorted(edits, key=lambda edit: (edit.start, edit.end))[::-1]:  # of equal places the last one first
            text = text[: edit.start] + edit.text + text[edit.end :]
        return text

    def append(self, new: Sequence[str]) -> str:
        """Return the whole new text, with these lines at its end."""
        gap = self._break if self._raw_lines[-1] else ""
        return self._text + gap + "".join(line + self._break for line in new)

    def last_line(self, node: yaml.Node) -> int:
        """Return the last line with text of a node."""
        if isinstance(node, yaml.CollectionNode) and not node.flow_style:
            children = [child for one in node.value for child in (one if isinstance(one, tuple) else (one,))]
            return max([int(node.start_mark.line), *map(self.last_line, children)])
        line = int(node.end_mark.line) - (node.end_mark.column == 0)
        while line > node.start_mark.line and self.is_blank(line):
            line -= 1
        return max(line, int(node.start_mark.line))

    def last_comment(self, line: int, margin: int) -> int:
        """Return the last line of the comments below `line` that belong to it; `line` if there are none.

        Those are indented deeper than `margin`.
        """
        last = line
        for below in range(line + 1, len(self.lines)):
            if self.is_comment(below) and indent_of(self.lines[below]) > margin:
                last = below
            elif not self.is_blank(below):
                break
        return last

    def item_line(self, sequence: yaml.SequenceNode, item: yaml.Node) -> int:
        """Return the line where a list item begins; its dash may be alone on an earlier line."""
        line, column = int(item.start_mark.line), sequence.start_mark.column
        while line > sequence.start_mark.line and self.lines[line][: column + 1].strip() != "-":
            line -= 1
        return line

    def after_colon(self, key: yaml.ScalarNode) -> int:
        """Return the offset after the colon of a key. Raises EditRejected if the colon is on another line."""
        line = int(key.end_mark.line)
        column = self.lines[line].find(":", key.end_mark.column)
        if column < 0:
            raise EditRejected(Problem("", line + 1, "edit_flow"))
        return self.offset(line, column + 1)

    def is_blank(self, line: int) -> bool:
        return not self.lines[line].strip()

    def is_comment(self, line: int) -> bool:
        return self.lines[line].lstrip().startswith("#")


def pairs(node: yaml.Node | None) -> dict[str, tuple[yaml.ScalarNode, yaml.Node]]:
    """Return the nodes of keys and values by key, the first of equal keys; empty for anything but a mapping."""
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {str(key.value): (key, value) for key, value in reversed(node.value)}


def plain(node: yaml.Node) -> Any:
    """Return the texts, lists and mappings of a node."""
    return yaml.constructor.BaseConstructor().construct_document(node)


# Edits of one value: a text, or the items of a list


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
