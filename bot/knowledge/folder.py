"""The knowledge folder on disk: reads the files and keeps them parsed (`file_parser.py`)."""

import errno
import os
import re
import stat
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from bot.knowledge.file_parser import ParsedFile, kind_of, parse_file
from bot.knowledge.yaml.problems import Problem, ProblemError
from bot.knowledge.yaml.reader import LARGEST
from bot.locale import system_reason
from bot.text.accents import plain_words

_SETTLED = 2 * 10**9  # nanoseconds; a younger file may change again within one tick of the file system's clock

Signature = tuple[int, int, int]  # modification time, size, inode


class LibraryError(ProblemError):
    """There is no usable entry. The first of `problems` says why; the others are the errors in the files."""


@dataclass(frozen=True, slots=True)
class ThemeInfo:
    """A file that entries can be added to."""

    file: str  # its name in the folder
    theme: str  # its title
    broken: bool  # it has errors: nothing can be added until they are corrected


@dataclass(frozen=True, slots=True)
class KnowledgeFile:
    path: Path
    raw: bytes | None  # None: a new file
    parsed: ParsedFile

    @property
    def name(self) -> str:
        """The file's name as shown to people."""
        return self.parsed.file

    @property
    def text(self) -> str:
        return (self.raw or b"").decode("utf-8", "surrogateescape")

    @property
    def title(self) -> str:
        """The theme's title; in a file with errors as far as it can be read, else the file's name."""
        lines = (line.partition(":")[2].strip(" \"'") for line in self.text.splitlines() if line.startswith("theme:"))
        return self.parsed.theme or next(filter(None, lines), self.path.stem)


class Folder:
    """The knowledge folder. `label`: its name for people, who must not learn its path; by default the path."""

    def __init__(self, path: Path, label: str | None = None) -> None:
        self.path, self.label = path, Path(path if label is None else label)
        self._cache: dict[str, tuple[Signature | None, KnowledgeFile]] = {}
        self._missing: set[str] = set()

    def _listed(self) -> dict[str, os.DirEntry[str]]:
        """Return what has the name of a knowledge file, sorted. Raises LibraryError if there is no such folder."""
        try:
            with os.scandir(self.path) as listed:
                found = {one.name: one for one in listed}
        except OSError as error:
            keys: dict[type[OSError], str] = {FileNotFoundError: "no_folder", NotADirectoryError: "no_folder_but_file"}
            raise LibraryError(_unreadable(str(self.label), error, keys.get(type(error), "unreadable"))) from None
        names = sorted(name for name in found if name.endswith((".yaml", ".yml")) and not name.startswith("."))
        return {name: found[name] for name in names}

    def files(self, *, fresh: bool = False) -> list[KnowledgeFile]:
        """Return all files in order; one whose bytes are unchanged is the same object as before. Raises LibraryError.

        `fresh`: read even files whose modification time, size and inode are unchanged.
        """
        self._cache = {name: self._read(one, fresh) for name, one in self._listed().items() if not _is_folder(one)}
        return [file for _, file in self._cache.values()]

    def new_file(self, name: str) -> KnowledgeFile:
        return KnowledgeFile(self.path / name, None, ParsedFile(str(self.label / name), kind_of(name)))

    def has_lost_file(self) -> bool:
        """Whether a file has disappeared since the last call."""
        missing = self._cache.keys() - self._listed().keys()
        newly_missing, self._missing = missing - self._missing, missing
        return bool(newly_missing)

    def _read(self, listed: os.DirEntry[str], fresh: bool) -> tuple[Signature | None, KnowledgeFile]:
        name = listed.name
        signature, old = self._cache.get(name, (None, None))
        if old and signature and signature == _signature(listed) and not fresh:
            return signature, old
        path, label = self.path / name, str(self.label / name)
        try:
            status = listed.stat()
            folder = os.path.realpath(self.path)  # errors in a file outside would be quoted to the moderators
            leads_out = listed.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(folder)
            raw, problem = None, Problem(label, 0, "leads_out")
            if not leads_out:
                if not stat.S_ISREG(status.st_mode):  # a pipe or device may not end
                    raise OSError(errno.ENODEV, "not a regular file")
                with path.open("rb") as opened:
                    raw = opened.read(LARGEST + 1)  # the parser refuses what is longer
        except OSError as error:
            raw, problem = None, _unreadable(label, error)
        if raw is None:
            file = KnowledgeFile(path, b"", ParsedFile(label, kind_of(name), (problem,)))
            return None, old if old == file else file
        is_settled = status.st_mtime_ns < time.time_ns() - _SETTLED
        file = old if old and old.raw == raw else KnowledgeFile(path, raw, parse_file(raw, label))
        return _signature(listed) if is_settled else None, file


def _signature(listed: os.DirEntry[str]) -> Signature | None:
    """Return what changes with a file; the same for one listing, as that keeps what it read."""
    try:
        status = listed.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _is_folder(listed: os.DirEntry[str]) -> bool:
    try:
        return listed.is_dir()
    except OSError:  # a link to itself
        return False


def _unreadable(label: str, error: OSError, key: str = "unreadable") -> Problem:
    if isinstance(error, PermissionError):
        return Problem(label, 0, "setting_denied", {"uid": os.getuid()})
    return Problem(label, 0, key, {"reason": system_reason(error)})


def find_theme(files: Sequence[KnowledgeFile], theme: str) -> KnowledgeFile | None:
    """Find a file by its name, its stem or its title, ignoring case, accents and punctuation."""
    name = plain_words(re.sub(r"\.ya?ml\Z", "", theme.strip(), flags=re.IGNORECASE))
    named = (file for file in files if plain_words(file.path.stem) == name)
    titled = (file for file in files if file.parsed.kind == "theme" and plain_words(file.title) == name)
    return next(chain(named, titled), None) if name else None
