"""The files of a knowledge folder, as moderators name them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from bot.knowledge import Theme
from bot.library.folder import Folder
from bot.library.loaded import LibraryError
from bot.library.parts import Part, kind, read_part
from bot.library.refusal import Unwritable
from bot.yamltext import Faulty, Problem, load
from bot.yamltext.characters import LARGEST
from bot.yamltext.names import bare


@dataclass(frozen=True, slots=True)
class Shelf:
    """A file that entries can be added to."""

    file: str  # its name in the folder
    theme: str  # its title
    entries: int
    drafts: bool  # checked, never answered with


@dataclass(frozen=True, slots=True)
class Book:
    """A file with what it holds; a new one holds nothing yet."""

    path: Path
    raw: bytes | None  # None: there is no such file
    part: Part

    @classmethod
    def new(cls, folder: Folder, name: str) -> Self:
        return cls(folder.path / name, None, Part(str(folder.called / name), kind(name)))

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
    def shelf(self) -> Shelf | None:
        """None: nothing can be added to it."""
        if not self.part.good or self.part.kind == "synonyms":
            return None
        return Shelf(self.path.name, self.theme, len(self.part.entries), self.part.kind == "drafts")


def books(folder: Folder) -> list[Book]:
    """All of them, in order, with what is wrong in each. Raises Unwritable where the folder cannot be read."""
    try:
        names = folder.names()
    except LibraryError as error:
        raise Unwritable(*error.problems) from None
    return [_book(folder, name) for name in names if (folder.path / name).is_file()]


def _book(folder: Folder, name: str) -> Book:
    path, shown = folder.path / name, str(folder.called / name)
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)  # what is larger is not used, and not written either
    except OSError as error:
        problem = Problem(shown, 0, "unreadable", {"reason": error.strerror or str(error)})
        return Book(path, b"", Part(shown, kind(name), (problem,)))
    return Book(path, raw, read_part(raw, shown))


def named(found: Sequence[Book], theme: str) -> Book | None:
    """By the file's name, its stem or its title, folding case and accents."""
    wanted = _folded(theme)
    for book in found:
        if wanted in (_folded(book.path.name), _folded(book.path.stem)):
            return book
    return next((book for book in found if book.part.kind == "theme" and wanted == _folded(book.theme)), None)


def _folded(text: str) -> str:
    return bare(text.casefold().strip())
