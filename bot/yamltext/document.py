"""What stands in a file, with a line for every key and item."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from bot.yamltext.problem import Problem

Tree: TypeAlias = "str | list[Tree] | dict[str, Tree]"


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
