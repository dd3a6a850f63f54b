"""What is wrong in a file, where, and how to mend it; worded only when it is said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.wording import Wording

if TYPE_CHECKING:
    from bot.yamltext.document import Document

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
