"""Where a file is no YAML: say which slip it is, mend it inwardly and go on, so that all faults are told at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import yaml

from bot.yamltext.building import LOADER
from bot.yamltext.lines import start, width
from bot.yamltext.problem import Problem
from bot.yamltext.slips import ODD, mended, respaced

Place = tuple[int, int]  # line and column, from 0
WORK = 40_000_000  # characters parsed for the sake of mending, about three seconds
_LOOK_BACK = 30  # lines in which an open quote may lie


class _Spent(Exception):
    """The file has so many faults that looking for more takes too long."""


class Mending:
    def __init__(self, text: str, file: str) -> None:
        self.lines, self.file = text.split("\n"), file
        self.problems: list[Problem] = []
        self.guessed = False  # something had to be left out: the rest may be misread
        self._work = WORK

    def run(self) -> str | None:
        """The text as YAML, or None where it cannot be mended. `problems` holds what was wrong."""
        try:
            while place := self._stumble(self.lines):
                if not (self._mend_spaces(place) or self._mend_line(place) or self._leave_out(place)):
                    return None
        except _Spent:
            return None
        return "\n".join(self.lines)

    def _stumble(self, lines: list[str]) -> Place | None:
        text = "\n".join(lines)
        self._work -= len(text)
        if self._work < 0 and self.problems:
            raise _Spent
        return stumble(text)

    def _helps(self, changes: dict[int, str], place: Place) -> bool:
        """Whether the parser comes further with these lines instead; then they stay."""
        changed = [changes.get(n, line) for n, line in enumerate(self.lines)]
        then = self._stumble(changed)
        if then is not None and then <= place:
            return False
        self.lines = changed
        return True

    def _mend_spaces(self, place: Place) -> bool:
        """Tabs and no-break spaces before the text, in all lines at once: who types one types many."""
        for key, changes in _respacings(self.lines):
            if changes and self._helps(changes, place):
                first = min(changes)
                self._tell(key, first, changes[first], count=len(changes))
                return True
        return False

    def _mend_line(self, place: Place) -> bool:
        for number in _suspects(self.lines, place):
            for key, line in self._candidates(number):
                if line != self.lines[number] and self._helps({number: line}, place):
                    self._tell(key, number, line)
                    return True
        return False

    def _candidates(self, number: int) -> Iterator[tuple[str, str]]:
        line = self.lines[number]
        if re.match(r"(---|\.\.\.)(\s|$)", line):
            yield "document", ""
        yield from mended(line)
        for column in _columns(self.lines, number):
            yield "indent", " " * column + line.lstrip(" ")

    def _leave_out(self, place: Place) -> bool:
        """No known slip: say that much, and look whether the rest is sound without the line."""
        number = min(place[0], len(self.lines) - 1)
        self.problems.append(Problem(self.file, number + 1, "syntax", {"text": self.lines[number].strip()[:80]}))
        self.guessed = True
        return self._helps({number: ""}, place)

    def _tell(self, key: str, number: int, line: str, **values: object) -> None:
        self.problems.append(Problem(self.file, number + 1, key, {"count": 1, **values, "mended": line}))


def stumble(text: str) -> Place | None:
    """Where the parser gives up: the start of what it could not finish, else the place it complains about."""
    documents = 0
    try:
        event: Any
        for event in yaml.parse(text, Loader=LOADER):
            documents += isinstance(event, yaml.DocumentStartEvent)
            if documents > 1:
                return event.start_mark.line, event.start_mark.column
    except yaml.MarkedYAMLError as error:
        context = error.context or ""
        unfinished = context.startswith("while scanning a") or "flow" in context
        mark = (error.context_mark if unfinished else None) or error.problem_mark or error.context_mark
        return (mark.line, mark.column) if mark else (0, 0)
    except yaml.YAMLError:
        return 0, 0
    return None


def _suspects(lines: list[str], place: Place) -> Iterable[int]:
    """The line itself, then those before it: a quote left open or a missing space is noticed only later."""
    last = min(place[0], len(lines) - 1)
    return [n for n in range(last, max(last - _LOOK_BACK, 0) - 1, -1) if lines[n].strip()]


def _respacings(lines: list[str]) -> Iterator[tuple[str, dict[int, str]]]:
    tabbed = {n: line for n, line in enumerate(lines) if re.match(r" *\t", line)}
    if any(line.startswith(" ") and n not in tabbed for n, line in enumerate(lines)):
        yield "tab", _aligned(lines, tabbed)
    for size in (2, 4, 8):
        yield "tab", {n: _untabbed(line, size) for n, line in tabbed.items()}
    yield "odd_space", {n: respaced(line) for n, line in enumerate(lines) if re.match(rf" *[{ODD}]", line)}


def _aligned(lines: list[str], tabbed: dict[int, str]) -> dict[int, str]:
    """In a file of spaces: where the lines before it stand."""
    changed = list(lines)
    for number, line in tabbed.items():
        changed[number] = _untabbed(line, 4)
        for column in _columns(changed, number)[:1]:
            changed[number] = " " * column + line.lstrip(" \t")
    return {number: changed[number] for number in tabbed}


def _untabbed(line: str, size: int) -> str:
    text = line.lstrip(" \t")
    return line[: len(line) - len(text)].expandtabs(size) + text


def _columns(lines: list[str], number: int) -> list[int]:
    """Columns where lines before this one begin with the like (a dash, or a key or text), likeliest first."""
    line = lines[number]
    dash, own = line.lstrip().startswith("- "), width(line)
    columns: list[int] = []
    for earlier in reversed(lines[max(0, number - _LOOK_BACK * 5) : number]):
        if earlier.lstrip().startswith("- "):
            columns.append(width(earlier) if dash else start(earlier))
        elif earlier.strip() and not dash:
            columns.append(width(earlier))
    return sorted(dict.fromkeys(columns), key=lambda column: abs(column - own))
