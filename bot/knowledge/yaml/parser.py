"""Parser of YAML text to a Document, every scalar as text; valid YAML that nobody means (tags, anchors) is a problem.

Invalid YAML is corrected slip by slip, so that all problems are reported at once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import yaml

from bot.knowledge.yaml.lines import indent_of, parse_line, quote, strip_smart_quotes
from bot.knowledge.yaml.problems import Document, Faulty, Position, Problem, Tree
from bot.knowledge.yaml.slips import BULLETS, ODD, Proposal, proposals, respace

LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # PyYAML may be built without libyaml
DEEPEST = 20

_CUT = re.compile(r"\s+#\S.*|\s#.*")  # `  # so` is a comment, ` # so` and `#3` may be lost words
_SIGN_SLIPS = {"!": "bang", "&": "ampersand", "*": "star"}


def parse(text: str, file: str) -> tuple[Document, list[Problem]]:
    """The document and the errors that YAML does not know. Raises yaml.YAMLError for those it knows."""
    lines = tuple(text.split("\n"))
    builder = _Builder(file, lines, yaml.parse(text, Loader=LOADER))
    data, positions = builder.document()
    warnings = tuple(problem for problem in builder.problems if problem.warning)
    return Document(file, data, positions, lines, warnings), [p for p in builder.problems if not p.warning]


class _Builder:
    """From the parser's events to plain data with positions."""

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
        if isinstance(event, yaml.CollectionStartEvent):
            return self.collection(event)
        is_scalar = isinstance(event, yaml.ScalarEvent)  # else an alias
        return self.scalar(event) if is_scalar else self.marked(event), Position(event.start_mark.line + 1, {})

    def collection(self, event: Any) -> tuple[Tree, Position]:
        if event.anchor or event.tag:
            self.marked(event)
        line = event.start_mark.line + 1
        self.depth += 1
        if self.depth > DEEPEST:
            raise Faulty([*self.problems, Problem(self.file, line, "too_deep")])
        node = self.mapping(line) if isinstance(event, yaml.MappingStartEvent) else self.sequence(line)
        self.depth -= 1
        return node

    def sequence(self, line: int) -> tuple[Tree, Position]:
        items: list[Tree] = []
        position = Position(line, {})
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            value, position.inner[len(items)] = self.node(event)
            items.append(value)
        return items, position

    def mapping(self, line: int) -> tuple[Tree, Position]:
        pairs: dict[str, Tree] = {}
        position = Position(line, {})
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.key(event)
            following = next(self.events)
            value, inner = self.node(following)
            if key in position.inner:
                self.report(event.start_mark.line, "twice_key", key=key, first=position.inner[key].line)
            if key not in pairs:
                position.inner[key] = Position(event.start_mark.line + 1, inner.inner)
            if not _is_absent(following):
                pairs.setdefault(key, value)
        return pairs, position

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
        """The text of an anchor, alias or tag, as the line has it; reported, for nobody means one here."""
        number, column = event.start_mark.line, event.start_mark.column
        line: str = self.lines[number]
        text = line[column:].strip()
        if isinstance(event, yaml.CollectionStartEvent):
            without = re.sub(r"^(?:[&!]\S*\s*)+", "", text)
            self.report(number, "anchor", correction=f"{line[:column]}{without}".rstrip())
        else:
            parsed = parse_line(line)
            correction = parsed.quoted if parsed.value == text else ""
            self.report(number, _SIGN_SLIPS.get(text[:1], "bang"), correction=correction)
        return text

    def scalar(self, event: Any) -> str:
        if event.anchor or event.tag:
            return self.marked(event)
        if not event.style:
            self.check_unquoted(event)
        value: str = event.value
        return value

    def check_unquoted(self, event: Any) -> None:
        """Slips that are valid YAML."""
        first, last = event.start_mark.line, event.end_mark.line
        if last > first:
            self.check_joined_lines(first, last, event.value)
        line = self.lines[last] if last < len(self.lines) else ""
        if "#" in line and _CUT.fullmatch(line, event.end_mark.column) and not _is_comment(event, line):
            self.report(last, "hash", warning=True, correction=parse_line(line).quoted)
        elif inside := strip_smart_quotes(event.value):
            self.report(last, "smart_quotes", warning=True, correction=parse_line(line).with_value(quote(inside)))

    def check_joined_lines(self, first: int, last: int, text: str) -> None:
        """`- a`, then `  - b` deeper or `-b`: to YAML, one text."""
        bullets = "-*•" + text[:1] * (text[:1] in BULLETS)
        for number in range(first + 1, last + 1):
            item = re.match(rf"\s*(?:[{bullets}][\s{ODD}]+|-(?=\S))(.*)", self.lines[number])
            if item:
                head = self.lines[number][: item.start(1)]
                key = "tab" if "\t" in head else "odd_space" if re.search(f"[{ODD}]", head) else "joined"
                self.report(number, key, count=1, correction=f"{' ' * indent_of(self.lines[first])}- {item[1]}")

    def report(self, number: int, key: str, /, warning: bool = False, **values: object) -> None:
        self.problems.append(Problem(self.file, number + 1, key, values, warning))


def _is_absent(event: Any) -> bool:
    return (
        isinstance(event, yaml.ScalarEvent) and not event.style and not event.tag and event.value in ("", "~", "null")
    )


def _is_comment(event: Any, line: str) -> bool:
    """`keywords: # to be filled in` has lost nothing."""
    return not event.value and line[event.end_mark.column :].lstrip().startswith("# ")


Place = tuple[int, int]  # line and column, from 0
BUDGET = 20_000_000  # characters parsed to correct one file: about two seconds
PARSE_COST = 1_000  # characters that starting the parser is worth
LINE_COST = 12  # characters that proposals cost for each line of the file
MAX_FIXES = 3  # of one line
FAR_ENOUGH = 30  # lines; a proposal that brings the parser so much further is right

_END: Place = (10**9, 0)


class _BudgetSpent(Exception):
    """Correcting the rest of the file would take too long."""


class Recovery:
    """Invalid YAML corrected, with a problem for each slip."""

    def __init__(self, text: str, file: str) -> None:
        self.lines, self.file = text.split("\n"), file
        self.problems: list[Problem] = []
        self.has_gaps = False  # a line had to be left out: the rest may be misread
        self._budget = BUDGET
        self._fixes: Counter[int] = Counter()  # by line

    def run(self) -> str | None:
        """The text as valid YAML, or None where that fails."""
        try:
            while (place := self._reach({})) != _END:
                if not (self._fix(place) or self._leave_out(place)):
                    return None
        except _BudgetSpent:
            return None
        return "\n".join(self.lines)

    def _fix(self, place: Place) -> bool:
        """Apply the proposal that brings the parser furthest."""
        best, furthest = None, place
        self._budget -= LINE_COST * len(self.lines)
        for proposal in proposals(self.lines, min(place[0], len(self.lines) - 1)):
            if any(self._fixes[number] >= MAX_FIXES for number in proposal.reported):
                continue
            reached = self._reach(proposal.changes)
            if reached > furthest:
                best, furthest = proposal, reached
            if furthest[0] > place[0] + FAR_ENOUGH:
                break
        if best:
            self._apply(best)
        return best is not None

    def _apply(self, proposal: Proposal) -> None:
        self.lines = self._changed(proposal.changes)
        self._fixes.update(proposal.reported)
        for number in proposal.reported:
            values = {"count": len(proposal.changes), "correction": proposal.correction or self.lines[number]}
            self.problems.append(Problem(self.file, number + 1, proposal.key, values))

    def _leave_out(self, place: Place) -> bool:
        """No known slip: report the line, and whether the parser gets further without it."""
        number = min(place[0], len(self.lines) - 1)
        self.problems.append(Problem(self.file, number + 1, "syntax", {"text": self.lines[number].strip()[:80]}))
        self.has_gaps = True
        is_further = self._reach({number: ""}) > place
        self.lines[number] = ""
        return is_further

    def _reach(self, changes: dict[int, str]) -> Place:
        text = "\n".join(self._changed(changes))
        self._budget -= len(text) + PARSE_COST
        if self._budget < 0 and self.problems:
            raise _BudgetSpent
        return error_place(text) or _END

    def _changed(self, changes: dict[int, str]) -> list[str]:
        return [changes.get(number, line) for number, line in enumerate(self.lines)] if changes else self.lines


def error_place(text: str) -> Place | None:
    """Where the parser stops: the start of what it could not finish, else the place it complains about."""
    documents = 0
    event: Any
    try:
        for event in yaml.parse(text, Loader=LOADER):
            documents += isinstance(event, yaml.DocumentStartEvent)
            if documents > 1:
                return event.start_mark.line, event.start_mark.column
    except yaml.MarkedYAMLError as error:
        context = error.context or ""
        is_unfinished = context.startswith("while scanning a") or "flow" in context
        mark = (error.context_mark if is_unfinished else None) or error.problem_mark or error.context_mark
        return (mark.line, mark.column) if mark else (0, 0)
    except yaml.YAMLError:
        return 0, 0
    return None
