"""The text of a YAML file with its parsed nodes; edits by place leave all other text unchanged. Pure.

Lines and columns count from 0, as in the parser's marks; the last line is empty after a line break.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import yaml

from bot.knowledge.edit_result import EditRejected
from bot.knowledge.yaml.lines import HIDDEN_BREAKS, LINE_BREAK, indent_of
from bot.knowledge.yaml.parser import LOADER
from bot.knowledge.yaml.problems import Problem

_BOM = "\ufeff"  # may be inside where files were joined; removed for the parser

Pair = tuple[yaml.ScalarNode, yaml.Node]


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


def pairs(node: yaml.Node | None) -> dict[str, Pair]:
    """Return the nodes of keys and values by key, the first of equal keys; empty for anything but a mapping."""
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {str(key.value): (key, value) for key, value in reversed(node.value)}


def plain(node: yaml.Node) -> Any:
    """Return the texts, lists and mappings of a node."""
    return yaml.constructor.BaseConstructor().construct_document(node)
