"""A file as lines with their own ends, beside the nodes that the parser saw in it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import yaml

from bot.yamltext.building import LOADER
from bot.yamltext.lines import width

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_HIDDEN_BREAKS = re.compile("[\x85\u2028\u2029]")  # a parser breaks lines there, an editor does not
_MARK = "\ufeff"  # of the byte order

Pair = tuple[yaml.ScalarNode, yaml.Node]


class Sheet:
    """`lines`: without their ends. Numbers of lines count from 0."""

    def __init__(self, text: str) -> None:
        self._mark = _MARK if text.startswith(_MARK) else ""
        found = _LINE.findall(text.removeprefix(_MARK))[:-1]  # the last one is empty: the end of the text
        self.lines, self._ends = [line for line, _ in found], [end for _, end in found]
        self._unended = bool(found) and not found[-1][1]
        self._end = next(filter(None, self._ends), "\n")
        self.root = yaml.compose(self._plain(), Loader=LOADER)

    def _plain(self) -> str:
        """What the parser reads: line for line, column for column the same."""
        return "\n".join(_HIDDEN_BREAKS.sub(" ", line).replace(_MARK, " ") for line in self.lines)

    @staticmethod
    def split(text: str) -> list[str]:
        """Its lines without their ends."""
        return [line for line, _ in _LINE.findall(text)[:-1]]

    def replaced(self, first: int, after: int, new: Sequence[str]) -> str:
        """The whole text with these lines in the place of those from `first` up to, without, `after`."""
        lines = [*self.lines[:first], *new, *self.lines[after:]]
        ends = [*self._ends[:first], *(self._end for _ in new), *self._ends[after:]]
        ends = [end or self._end for end in ends]
        if self._unended and ends:
            ends[-1] = ""
        return self._mark + "".join(line + end for line, end in zip(lines, ends, strict=True))

    def last(self, node: yaml.Node) -> int:
        """The last line that a node has something on."""
        if isinstance(node, yaml.CollectionNode) and not node.flow_style:
            return max([node.start_mark.line, *(self.last(inner) for inner in _inside(node))])
        line = int(node.end_mark.line) - (node.end_mark.column == 0)
        while line > node.start_mark.line and not self.lines[line].strip():
            line -= 1
        return max(line, int(node.start_mark.line))

    def after_remarks(self, line: int, margin: int) -> int:
        """The first line from there on that is no remark further in than the margin."""
        while line < len(self.lines) and self.lines[line].lstrip().startswith("#") and width(self.lines[line]) > margin:
            line += 1
        return line

    def blank(self, line: int) -> bool:
        return 0 <= line < len(self.lines) and not self.lines[line].strip()


def _inside(node: yaml.CollectionNode) -> Iterator[yaml.Node]:
    for one in node.value:
        yield from one if isinstance(one, tuple) else (one,)


def pairs(node: yaml.Node | None) -> dict[str, Pair]:
    """Of a mapping: key -> the nodes of key and value."""
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {str(key.value): (key, value) for key, value in reversed(node.value)}
