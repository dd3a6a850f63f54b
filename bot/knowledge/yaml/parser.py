"""From the parser's events to plain data; what a YAML parser takes and nobody here means is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from bot.knowledge.yaml.lines import parts, quote, unsmart, width
from bot.knowledge.yaml.problems import Document, Faulty, Position, Problem, Tree
from bot.knowledge.yaml.slips import BULLETS, ODD, respaced

LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # PyYAML may be built without libyaml
DEEPEST = 20

_CUT = re.compile(r"\s+#\S.*|\s#.*")  # `  # so` is a remark, ` # so` and `#3` may be lost words
_SIGNS = {"!": "bang", "&": "ampersand", "*": "star"}


def build(text: str, file: str) -> tuple[Document, list[Problem]]:
    """The document and the faults that are none to a YAML parser. Raises yaml.YAMLError where there is one."""
    lines = tuple(text.split("\n"))
    builder = _Builder(file, lines, yaml.parse(text, Loader=LOADER))
    data, mark = builder.document()
    warnings = tuple(problem for problem in builder.problems if problem.warning)
    return Document(file, data, mark, lines, warnings), [p for p in builder.problems if not p.warning]


class _Builder:
    def __init__(self, file: str, lines: tuple[str, ...], events: Iterator[Any]) -> None:
        self.file, self.lines, self.events = file, lines, events
        self.problems: list[Problem] = []
        self.depth = 0

    def document(self) -> tuple[Tree, Position]:
        found: tuple[Tree, Position] | None = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent) and found:
                raise yaml.YAMLError("a second document")
            if isinstance(event, yaml.NodeEvent):
                found = self.node(event)
        return found if found and found[0] != "" else ({}, Position(1, {}))

    def node(self, event: Any) -> tuple[Tree, Position]:
        mark = Position(event.start_mark.line + 1, {})
        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event), mark
        if isinstance(event, yaml.CollectionStartEvent):
            return self.collection(event)
        return self.marked(event), mark  # an alias

    def collection(self, event: Any) -> tuple[Tree, Position]:
        if event.anchor or event.tag:
            self.marked(event)
        self.depth += 1
        if self.depth > DEEPEST:
            raise Faulty([*self.problems, Problem(self.file, event.start_mark.line + 1, "too_deep")])
        line = event.start_mark.line + 1
        found = self.mapping(line) if isinstance(event, yaml.MappingStartEvent) else self.sequence(line)
        self.depth -= 1
        return found

    def sequence(self, line: int) -> tuple[Tree, Position]:
        items: list[Tree] = []
        mark = Position(line, {})
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            value, mark.inner[len(items)] = self.node(event)
            items.append(value)
        return items, mark

    def mapping(self, line: int) -> tuple[Tree, Position]:
        pairs: dict[str, Tree] = {}
        mark = Position(line, {})
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.key(event)
            following = next(self.events)
            value, inner = self.node(following)
            if key in mark.inner:
                self.tell(event.start_mark.line, "twice_key", key=key, first=mark.inner[key].line)
            if key not in pairs:
                mark.inner[key] = Position(event.start_mark.line + 1, inner.inner)
            if not _absent(following):
                pairs.setdefault(key, value)
        return pairs, mark

    def key(self, event: Any) -> str:
        key, mark = self.node(event)
        if not isinstance(key, str):
            self.tell(mark.line - 1, "key_not_text", mended=parts(self.lines[mark.line - 1]).quoted)
            return str(key)
        bare = key if key.isalnum() else key.strip().strip(ODD)
        if bare != key and re.fullmatch(r"[\w-]+", bare):
            self.tell(mark.line - 1, "odd_space", count=1, mended=respaced(self.lines[mark.line - 1]))
            return bare
        return key

    def marked(self, event: Any) -> str:
        """An anchor, alias or tag: nobody here means one. Its text is what stands on the line."""
        number, column = event.start_mark.line, event.start_mark.column
        line: str = self.lines[number]
        text = line[column:].strip()
        if isinstance(event, yaml.CollectionStartEvent):
            without = re.sub(r"^(?:[&!]\S*\s*)+", "", text)
            self.tell(number, "anchor", mended=f"{line[:column]}{without}".rstrip())
        else:
            whole = parts(line)
            mended = whole.quoted if whole.value == text else ""
            self.tell(number, _SIGNS.get(text[:1], "bang"), mended=mended)
        return text

    def scalar(self, event: Any) -> str:
        if event.anchor or event.tag:
            return self.marked(event)
        if not event.style:
            self.bare(event)
        value: str = event.value
        return value

    def bare(self, event: Any) -> None:
        """What goes unnoticed by a parser in text without quotes."""
        first, last = event.start_mark.line, event.end_mark.line
        if last > first:
            self.joined(first, last, event.value)
        line = self.lines[last] if last < len(self.lines) else ""
        if "#" in line and _CUT.fullmatch(line, event.end_mark.column) and not _remark(event, line):
            self.tell(last, "hash", warning=True, mended=parts(line).quoted)
        elif inside := unsmart(event.value):
            self.tell(last, "smart_quotes", warning=True, mended=parts(line).with_value(quote(inside)))

    def joined(self, first: int, last: int, text: str) -> None:
        """`- a`, then `  - b` deeper or `-b`: YAML makes one text of the two."""
        bullets = "-*•" + text[:1] * (text[:1] in BULLETS)
        for number in range(first + 1, last + 1):
            found = re.match(rf"\s*(?:[{bullets}][\s{ODD}]+|-(?=\S))(.*)", self.lines[number])
            if found:
                head = self.lines[number][: found.start(1)]
                key = "tab" if "\t" in head else "odd_space" if re.search(f"[{ODD}]", head) else "joined"
                self.tell(number, key, count=1, mended=f"{' ' * width(self.lines[first])}- {found[1]}")

    def tell(self, number: int, sentence: str, warning: bool = False, **values: object) -> None:
        self.problems.append(Problem(self.file, number + 1, sentence, values, warning))


def _absent(event: Any) -> bool:
    return (
        isinstance(event, yaml.ScalarEvent) and not event.style and not event.tag and event.value in ("", "~", "null")
    )


def _remark(event: Any, line: str) -> bool:
    """`keywords: # to be filled in` has lost nothing."""
    return not event.value and line[event.end_mark.column :].lstrip().startswith("# ")
