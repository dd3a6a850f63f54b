"""The files of a knowledge folder, as moderators name them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from bot.knowledge.edit_errors import Unwritable
from bot.knowledge.files import ParsedFile, kind, parse_file
from bot.knowledge.folder import Folder, LibraryError
from bot.knowledge.models import Theme
from bot.knowledge.yaml.key_names import bare
from bot.knowledge.yaml.problems import Faulty, Problem
from bot.knowledge.yaml.reader import LARGEST, load


@dataclass(frozen=True, slots=True)
class ThemeInfo:
    """A file that entries can be added to."""

    file: str  # its name in the folder
    theme: str  # its title
    entries: int
    drafts: bool  # checked, never answered with


@dataclass(frozen=True, slots=True)
class KnowledgeFile:
    """A file with what it holds; a new one holds nothing yet."""

    path: Path
    raw: bytes | None  # None: there is no such file
    part: ParsedFile

    @classmethod
    def new(cls, folder: Folder, name: str) -> Self:
        return cls(folder.path / name, None, ParsedFile(str(folder.called / name), kind(name)))

    @property
    def name(self) -> str:
        """As people are told it."""
        return self.part.file

    @property
    def text(self) -> str:
        return (self.raw or b"").decode("utf-8", "surrogateescape")

    @property
    def theme(self) -> str:
        """Its title; empty where it cannot be read."""
        if self.part.entries:
            return self.part.entries[0][1].theme
        try:
            return load(self.raw or b"", self.name, Theme)[0].theme
        except Faulty:
            return ""

    @property
    def shelf(self) -> ThemeInfo | None:
        """None: nothing can be added to it."""
        if not self.part.good or self.part.kind == "synonyms":
            return None
        return ThemeInfo(self.path.name, self.theme, len(self.part.entries), self.part.kind == "drafts")


def knowledge_files(folder: Folder) -> list[KnowledgeFile]:
    """All of them, in order, with what is wrong in each. Raises Unwritable where the folder cannot be read."""
    try:
        names = folder.names()
    except LibraryError as error:
        raise Unwritable(*error.problems) from None
    return [_book(folder, name) for name in names if (folder.path / name).is_file()]


def _book(folder: Folder, name: str) -> KnowledgeFile:
    path, shown = folder.path / name, str(folder.called / name)
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)  # what is larger is not used, and not written either
    except OSError as error:
        problem = Problem(shown, 0, "unreadable", {"reason": error.strerror or str(error)})
        return KnowledgeFile(path, b"", ParsedFile(shown, kind(name), (problem,)))
    return KnowledgeFile(path, raw, parse_file(raw, shown))


def named(found: Sequence[KnowledgeFile], theme: str) -> KnowledgeFile | None:
    """By the file's name, its stem or its title, folding case and accents."""
    wanted = _folded(theme)
    for book in found:
        if wanted in (_folded(book.path.name), _folded(book.path.stem)):
            return book
    return next((book for book in found if book.part.kind == "theme" and wanted == _folded(book.theme)), None)


def _folded(text: str) -> str:
    return bare(text.casefold().strip())
