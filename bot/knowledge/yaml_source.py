"""A file as it was typed, beside the nodes that the parser saw in it; edits leave the rest alone. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

import yaml

from bot.knowledge.edit_result import EditRejected
from bot.knowledge.yaml.lines import LINE_BREAK, indent_of, split_lines
from bot.knowledge.yaml.parser import LOADER
from bot.knowledge.yaml.problems import Problem

_HIDDEN_BREAKS = re.compile("[\x85\u2028\u2029]")  # a parser breaks lines there, an editor does not
_MARK = "\ufeff"  # of the byte order: it may stand where files were joined, and a parser is not shown it

Pair = tuple[yaml.ScalarNode, yaml.Node]


class LineEdit(NamedTuple):
    """Other text in the place of what stands between two offsets of the file."""

    start: int
    end: int
    text: str


class YamlSource:
    """`lines`: as the parser reads them. Lines and columns count from 0; the last line is empty after a line break."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._typed = split_lines(text)
        ends = [*(found.end() for found in LINE_BREAK.finditer(text))]
        self._starts = [0, *ends]
        first = LINE_BREAK.search(text)
        self._break = first.group() if first else "\n"
        self.lines = [_HIDDEN_BREAKS.sub(" ", line).replace(_MARK, "") for line in self._typed]
        self.root = yaml.compose("\n".join(self.lines), Loader=LOADER)

    def at(self, line: int, column: int) -> int:
        """The offset of that place."""
        typed = self._typed[line]
        if _MARK not in typed:
            return self._starts[line] + column
        seen = list(accumulate(sign != _MARK for sign in typed))
        return self._starts[line] + next((n for n, count in enumerate(seen) if count > column), len(typed))

    def end(self, line: int) -> int:
        """The offset behind the last sign of the line."""
        return self._starts[line] + len(self._typed[line])

    def between(self, start: yaml.Mark, end: yaml.Mark, text: str) -> LineEdit:
        return LineEdit(self.at(start.line, start.column), self.at(end.line, end.column), text)

    def below(self, line: int, new: Sequence[str]) -> LineEdit:
        """New lines after that one."""
        return LineEdit(self.end(line), self.end(line), "".join(self._break + one for one in new))

    def instead(self, first: int, after: int, new: Sequence[str] = ()) -> LineEdit:
        """New lines, or none, in the place of those from `first`, which is not the file's first, to before `after`."""
        while not new and after == len(self.lines) and self.blank(first - 1):
            first -= 1  # a file without a line break at its end gets none from a blank line
        return LineEdit(self.end(first - 1), self.end(after - 1), "".join(self._break + one for one in new))

    def edited(self, edits: Iterable[LineEdit]) -> str:
        """The whole text; edits do not overlap."""
        text = self._text
        numbered = [(edit.start, edit.end, n, edit) for n, edit in enumerate(edits)]
        for *_, edit in sorted(numbered, reverse=True):
            text = text[: edit.start] + edit.text + text[edit.end :]
        return text

    def ended(self, new: Sequence[str]) -> str:
        """The whole text with new lines at its end."""
        gap = self._break if self._typed[-1] else ""
        return self._text + gap + "".join(line + self._break for line in new)

    def last(self, node: yaml.Node) -> int:
        """The last line that a node has something on."""
        if isinstance(node, yaml.CollectionNode) and not node.flow_style:
            return max([int(node.start_mark.line), *(self.last(inner) for inner in _inside(node))])
        line = int(node.end_mark.line) - (node.end_mark.column == 0)
        while line > node.start_mark.line and not self.lines[line].strip():
            line -= 1
        return max(line, int(node.start_mark.line))

    def past(self, line: int, margin: int) -> int:
        """The line after this one and after the remarks that belong to it: those further in than the margin."""
        after = at = line + 1
        while at < len(self.lines) and (self.blank(at) or (self.remark(at) and indent_of(self.lines[at]) > margin)):
            at += 1
            after = after if self.blank(at - 1) else at
        return after

    def dash(self, list_: yaml.SequenceNode, item: yaml.Node) -> int:
        """The line where an item of a list begins; its dash may stand alone, above."""
        line, column = int(item.start_mark.line), int(list_.start_mark.column)
        while line > list_.start_mark.line and self.lines[line][: column + 1].strip() != "-":
            line -= 1
        return line

    def colon(self, key: yaml.ScalarNode) -> int:
        """The offset behind the colon of a key. Raises Refused where that stands on a line of its own."""
        line = int(key.end_mark.line)
        column = self.lines[line].find(":", key.end_mark.column)
        if column < 0:
            raise EditRejected(Problem("", line + 1, "edit_flow"))
        return self.at(line, column + 1)

    def blank(self, line: int) -> bool:
        return not self.lines[line].strip()

    def remark(self, line: int) -> bool:
        return self.lines[line].lstrip().startswith("#")


def _inside(node: yaml.CollectionNode) -> Iterator[yaml.Node]:
    for one in node.value:
        yield from one if isinstance(one, tuple) else (one,)


def pairs(node: yaml.Node | None) -> dict[str, Pair]:
    """Of a mapping: key -> the nodes of key and value."""
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {str(key.value): (key, value) for key, value in reversed(node.value)}
