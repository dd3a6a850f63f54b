"""A YAML document with the line of every key and item, and the problems of a file, each with its fix."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from bot.locale import Wording

_SECRET = re.compile(
    r"^([^\S\n]*+[\"']?\w*(?:password|passwd|secret|token|api_?key|seed)\w*[\"']?\s*+(?:[:=]\s*+)?).+$", re.I | re.M
)
_PASSWORD = re.compile(r"(?<=://)[^/@\s:]*+:[^/@\s]*+(?=@)")


@dataclass(frozen=True)
class Problem:
    """A problem of a file. `key`: a sentence of `problems.` in the wording, filled in with `values`.

    The value `correction` holds the corrected lines to paste, shown after the sentence.
    """

    file: str
    line: int  # from 1; 0: the file or folder as a whole
    key: str
    values: Mapping[str, object] = field(default_factory=dict, repr=False)
    warning: bool = False

    def say(self, words: Wording) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        values = {  # none of these secrets belongs in a file, but one may be there
            name: _PASSWORD.sub("…", _SECRET.sub(r"\1…", value)) if isinstance(value, str) else value
            for name, value in self.values.items()
        }
        sentence = f"{place}: {words(f'problems.{self.key}', **values)}"
        return f"{sentence} {words('problems.write')}\n{values['correction']}" if values.get("correction") else sentence


class ProblemError(Exception):
    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{problem.file}:{problem.line}: {problem.key}" for problem in self.problems))

    def say(self, words: Wording) -> str:
        return "\n".join(problem.say(words) for problem in self.problems)


class Faulty(ProblemError):
    """A file that cannot be used. `document`: what could be parsed, in which more problems can be found."""

    def __init__(self, problems: Iterable[Problem], document: Document | None = None) -> None:
        self.document = document
        super().__init__(*in_file_order(problems))


def in_file_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Sort problems by file and line, without repetitions."""
    unique: list[Problem] = []
    for problem in sorted(problems, key=lambda p: (p.file, p.line, p.warning)):
        if problem not in unique[-3:]:
            unique.append(problem)
    return tuple(unique)


Tree: TypeAlias = "str | list[Tree] | dict[str, Tree]"


class Position(NamedTuple):
    line: int  # from 1
    inner: dict[str | int, Position]  # of its keys or items


@dataclass(frozen=True)
class Document:
    """The mappings, lists and texts of a file. A key without a value counts as absent, but has a position."""

    file: str
    data: Tree
    positions: Position = field(repr=False)
    lines: tuple[str, ...] = field(repr=False)  # of the text, corrected where it had to be
    warnings: tuple[Problem, ...] = ()

    def position(self, *path: str | int) -> Position:
        """Return the position of a key or item, or of its nearest parent in the file."""
        position = self.positions
        for part in path:
            if part not in position.inner:
                break
            position = position.inner[part]
        return position

    def line(self, *path: str | int) -> int:
        return self.position(*path).line

    def value(self, *path: str | int) -> Tree | None:
        """Return the value at a path, or None."""
        value: Any = self.data
        try:
            for part in path:
                value = value[part]
        except (LookupError, TypeError):
            return None
        return value  # type: ignore[no-any-return]
