"""Parser of YAML text to a Document, with every scalar as text; tags and anchors are reported as problems."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

from bot.knowledge.yaml.lines import indent_of, parse_line, quote, strip_smart_quotes
from bot.knowledge.yaml.problems import Document, Faulty, Position, Problem, Tree
from bot.knowledge.yaml.slips import BULLETS, ODD, SIGNS, respace

LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # PyYAML may be built without libyaml
DEEPEST = 20  # levels of nesting; `node` is recursive

_CUT = re.compile(r"\s+#\S.*|\s#.*")  # `  # so` is a comment, ` # so` and `#3` may be lost words


def parse(text: str, file: str) -> tuple[Document, list[Problem]]:
    """Return the document, and the errors beyond those of YAML. Raises yaml.YAMLError for the latter."""
    lines = tuple(text.split("\n"))
    builder = _Builder(file, lines, yaml.parse(text, Loader=LOADER))
    data, positions = builder.document()
    warnings = tuple(problem for problem in builder.problems if problem.warning)
    return Document(file, data, positions, lines, warnings), [p for p in builder.problems if not p.warning]


class _Builder:
    """Builds plain data with positions from the parser's events."""

    def __init__(self, file: str, lines: tuple[str, ...], events: Iterator[Any]) -> None:
        self.file, self.lines, self.events = file, lines, events
        self.problems: list[Problem] = []
        self.depth = 0

    def document(self) -> tuple[Tree, Position]:
        root: tuple[Tree, Position] | None = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent) and root:
                raise yaml.YAMLError("a second document")
            if isinstance(event, yaml.NodeEvent):
                root = self.node(event)
        return root if root and root[0] != "" else ({}, Position(1, {}))

    def node(self, event: Any) -> tuple[Tree, Position]:
        position = Position(event.start_mark.line + 1, {})
        text = self.marked(event) if event.anchor or event.tag else ""
        if isinstance(event, yaml.CollectionStartEvent):
            self.depth += 1
            if self.depth > DEEPEST:
                raise Faulty([*self.problems, Problem(self.file, position.line, "too_deep")])
            build = self.mapping if isinstance(event, yaml.MappingStartEvent) else self.sequence
            value = build(position)
            self.depth -= 1
            return value, position
        if not text and not event.style:
            self.check_unquoted(event)
        return text or event.value, position

    def sequence(self, position: Position) -> Tree:
        items: list[Tree] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            value, position.inner[len(items)] = self.node(event)
            items.append(value)
        return items

    def mapping(self, position: Position) -> Tree:
        pairs: dict[str, Tree] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.key(event)
            following = next(self.events)
            value, inner = self.node(following)
            if key in position.inner:
                self.report(event.start_mark.line, "twice_key", key=key, first=position.inner[key].line)
            if key not in pairs:
                position.inner[key] = Position(event.start_mark.line + 1, inner.inner)
            has_colon = self.lines[event.end_mark.line][event.end_mark.column :].lstrip().startswith(":")
            is_plain = isinstance(following, yaml.ScalarEvent) and not following.style and not following.tag
            is_absent = is_plain and following.value in ("", "~", "null")
            if not (has_colon and is_absent):  # without one it is no key left empty: `{overheard: 0,6}`
                pairs.setdefault(key, value)
        return pairs

    def key(self, event: Any) -> str:
        key, position = self.node(event)
        line = self.lines[position.line - 1]
        if not isinstance(key, str):
            self.report(position.line - 1, "key_not_text", correction=parse_line(line).quoted)
            return str(key)
        bare = key if key.isalnum() else key.strip().strip(ODD)
        if bare != key and re.fullmatch(r"[\w-]+", bare):
            self.report(position.line - 1, "odd_space", count=1, correction=respace(line))
            return bare
        return key

    def marked(self, event: Any) -> str:
        """Return the text of an anchor, alias or tag as typed, and report it: nobody means one here."""
        number, column = event.start_mark.line, event.start_mark.column
        line: str = self.lines[number]
        text, parsed = line[column:].strip(), parse_line(line)
        if isinstance(event, yaml.CollectionStartEvent):
            self.report(number, "anchor")
        else:
            correction = parsed.quoted if parsed.value == text else ""
            self.report(number, SIGNS.get(text[:1], "bang"), correction=correction)
        return text

    def check_unquoted(self, event: Any) -> None:
        """Report slips that are valid YAML."""
        first, last = event.start_mark.line, event.end_mark.line
        # List items that YAML joins to the text above: `- a`, then `  - b` deeper, or `-b`.
        bullets = "-*•" + event.value[:1] * (event.value[:1] in BULLETS)
        for number in range(first + 1, last + 1):
            item = re.match(rf"\s*(?:[{bullets}][\s{ODD}]+|-(?=\S))(.*)", self.lines[number])
            if item:
                head = self.lines[number][: item.start(1)]
                key = "tab" if "\t" in head else "odd_space" if re.search(f"[{ODD}]", head) else "joined"
                self.report(number, key, count=1, correction=f"{' ' * indent_of(self.lines[first])}- {item[1]}")
        line = self.lines[last] if last < len(self.lines) else ""
        rest = line[event.end_mark.column :]
        is_remark = not event.value and rest.lstrip().startswith("# ")  # as in `keywords: # to be filled in`
        if "#" in rest and _CUT.fullmatch(rest) and not is_remark:
            self.report(last, "hash", warning=True, correction=parse_line(line).quoted)
        elif inside := strip_smart_quotes(event.value):
            self.report(last, "smart_quotes", warning=True, correction=parse_line(line).with_value(quote(inside)))

    def report(self, number: int, key: str, /, warning: bool = False, **values: object) -> None:
        self.problems.append(Problem(self.file, number + 1, key, values, warning))


class Stop(NamedTuple):
    """The place where the parser stops, and its message."""

    place: tuple[int, int]  # line from 0, and column from the end of the line: so indenting a line is no progress
    words: str = ""


END = Stop((10**9, 0))  # beyond any line


def stop_of(text: str) -> Stop:
    """Return the start of the construct that the parser could not finish, or the place that it complains about.

    Returns END for valid YAML.
    """
    documents, words = 0, ""
    mark: Any = None
    try:
        for event in yaml.parse(text, Loader=LOADER):
            documents += isinstance(event, yaml.DocumentStartEvent)
            if documents > 1:
                mark = event.start_mark
                break
        else:
            return END
    except yaml.MarkedYAMLError as error:
        words = f"{error.context} {error.problem}"
        is_unfinished = re.search(r"while scanning an? (?!plain)|flow", words) is not None
        mark = (error.context_mark if is_unfinished else None) or error.problem_mark or error.context_mark
    except yaml.YAMLError:
        pass
    if mark is None:
        return Stop((0, 0), words)
    lines = text.split("\n")
    number = min(mark.line, len(lines) - 1)  # the end of a text is in its last line
    return Stop((number, mark.column - len(lines[number])), words)
