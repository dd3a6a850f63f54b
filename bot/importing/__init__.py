"""Import of existing questions and answers: tables, pages and forum topics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

LARGEST = 50_000_000  # bytes of a file that is read at all


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """A question with its answer, as read. `line` is its first line, from 1; for a forum, the number of its topic."""

    line: int
    questions: Sequence[str]
    title: str = ""
    answer: str = ""
    links: str = ""  # addresses, each with or without a label
    keywords: str = ""
    contacts: str = ""
    source: str = ""  # empty: the file and the line
    altered: Sequence[LeftOut] = field(default=(), kw_only=True)  # what of it is not as it stands in the file


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row not imported, or not as it stands. `why` names a sentence under `import`, filled in with `detail`."""

    line: int
    text: str
    why: str
    detail: str = ""


class NotReadable(Exception):
    """The file cannot be imported. `key` names a sentence under `import`; `detail` fills it in."""

    def __init__(self, key: str, detail: str = "") -> None:
        super().__init__(key)
        self.key, self.detail = key, detail
