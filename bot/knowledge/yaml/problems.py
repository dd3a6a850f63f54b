"""A document with a line for every key and item, and what is wrong in a file: where, and how to fix it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from bot.locale import Wording

_SECRET = re.compile(
    r"^([^\S\n]*+[\"']?\w*(?:password|passwd|secret|token|api_?key|seed)\w*[\"']?\s*+(?:[:=]\s*+)?).+$", re.I | re.M
)
_PASSWORD = re.compile(r"(?<=://)[^/@\s:]*+:[^/@\s]*+(?=@)")


@dataclass(frozen=True)
class Problem:
    """`key` names a sentence of `problems.` in the wording, `values` fill it in.

    A value named `mended` holds the corrected lines to paste; they are said after the sentence.
    """

    file: str
    line: int  # from 1; 0: the file or folder as a whole
    key: str
    values: Mapping[str, object] = field(default_factory=dict, repr=False)
    warning: bool = False

    def say(self, words: Wording) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        values = {name: _masked(value) if isinstance(value, str) else value for name, value in self.values.items()}
        sentence = f"{place}: {words(f'problems.{self.key}', **values)}"
        return f"{sentence} {words('problems.write')}\n{values['mended']}" if values.get("mended") else sentence


def _masked(text: str) -> str:
    """Without what may be a secret that somebody put in the file all the same."""
    return _PASSWORD.sub("…", _SECRET.sub(r"\1…", text))


class Faulty(Exception):
    """A file that cannot be used. `document` is what could be read all the same, to look for more faults in it."""

    def __init__(self, problems: Iterable[Problem], document: Document | None = None) -> None:
        self.problems = in_order(problems)
        self.document = document
        super().__init__("; ".join(f"{p.file}:{p.line}: {p.key}" for p in self.problems))


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """By file and line; what is said twice in the same words is said once."""
    once: list[Problem] = []
    for problem in sorted(problems, key=lambda p: (p.file, p.line, p.warning)):
        if problem not in once[-3:]:
            once.append(problem)
    return tuple(once)


Tree: TypeAlias = "str | list[Tree] | dict[str, Tree]"


class Position(NamedTuple):
    line: int  # from 1
    inner: dict[str | int, Position]


@dataclass(frozen=True)
class Document:
    """What stands in a file: mappings, lists and texts. A key without a value counts as absent, but has a line."""

    file: str
    data: Tree
    marks: Position = field(repr=False)
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
        mark = self.marks
        for part in path:
            if part not in mark.inner:
                return False
            mark = mark.inner[part]
        return True

    def value(self, *path: str | int) -> Tree | None:
        """What stands there; None: nothing."""
        found: Tree | None = self.data
        for part in path:
            if isinstance(found, dict):
                found = found.get(str(part))
            else:
                found = found[part] if isinstance(found, list) and isinstance(part, int) and part < len(found) else None
        return found

    def source(self, line: int) -> str:
        return self.lines[line - 1] if 0 < line <= len(self.lines) else ""
