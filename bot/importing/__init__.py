"""Brings in what a network has already: tables and pages of questions and answers, from a disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LARGEST = 50_000_000  # bytes of a file


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """A question with its answer, as it was read. `line`: where it begins, from 1; of a forum the number of
    its topic."""

    line: int
    questions: Sequence[str]
    title: str = ""
    answer: str = ""
    links: str = ""  # addresses, each with or without a label
    keywords: str = ""
    contacts: str = ""
    source: str = ""  # empty: the file and the line


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What was not taken. `why`: a sentence of `import.` in the wording, filled in with `detail`."""

    line: int
    text: str
    why: str
    detail: str = ""


class NotReadable(Exception):
    """`key`: a sentence of `import.`; `detail` fills it in."""

    def __init__(self, key: str, detail: str = "") -> None:
        super().__init__(key)
        self.key, self.detail = key, detail
