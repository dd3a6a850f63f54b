"""From the parser's events to plain data with a line for every key and item; aliases, tags and twins are told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, Union

import yaml

from bot.yamltext.problem import Problem

Tree = Union[str, "list[Tree]", "dict[str, Tree]"]
LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # PyYAML may be built without libyaml


class Mark(NamedTuple):
    line: int  # from 1
    inner: dict[str | int, Mark]


@dataclass(frozen=True)
class Document:
    """What stands in a file: mappings, lists and texts. A key without a value counts as absent, but has a line."""

    file: str
    data: Tree
    marks: Mark = field(repr=False)
    lines: tuple[str, ...] = field(repr=False)  # the text, mended where it had to be
    warnings: tuple[Problem, ...] = ()

    def line(self, *path: str | int) -> int:
        """The line, from 1, of that key or item; of its nearest known parent when there is no such thing."""
        mark = self.marks
        for part in path:
            if part not in mark.inner:
                break
            mark = mark.inner[part]
        return mark.line

    def knows(self, *path: str | int) -> bool:
        """Whether that key or item stands in the file, be it without a value."""
        mark: Mark | None = self.marks
        for part in path:
            mark = mark.inner.get(part) if mark else None
        return mark is not None

    def source(self, line: int) -> str:
        return self.lines[line - 1] if 0 < line <= len(self.lines) else ""


def build(text: str, file: str) -> Document:
    """Raises yaml.YAMLError where the text is no YAML, and lets every other fault stand in `warnings`."""
    lines = tuple(text.split("\n"))
    builder = _Builder(file, lines, yaml.parse(text, Loader=LOADER))
    data, mark = builder.document()
    return Document(file, data, mark, lines, tuple(builder.problems))


class _Builder:
    def __init__(self, file: str, lines: tuple[str, ...], events: Iterator[yaml.Event]) -> None:
        self.file, self.lines, self.events = file, lines, events
        self.problems: list[Problem] = []

    def document(self) -> tuple[Tree, Mark]:
        for event in self.events:
            if isinstance(event, yaml.NodeEvent):
                return self.node(event)
        return {}, Mark(1, {})

    def node(self, event: yaml.Event) -> tuple[Tree, Mark]:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(line)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(line)
        return getattr(event, "value", ""), Mark(line, {})

    def sequence(self, line: int) -> tuple[Tree, Mark]:
        items: list[Tree] = []
        mark = Mark(line, {})
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            item, mark.inner[len(items)] = self.node(event)
            items.append(item)
        return items, mark

    def mapping(self, line: int) -> tuple[Tree, Mark]:
        pairs: dict[str, Tree] = {}
        mark = Mark(line, {})
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key, at = self.node(event)
            value, inner = self.node(next(self.events))
            pairs[str(key)] = value
            mark.inner[str(key)] = Mark(at.line, inner.inner)
        return pairs, mark
