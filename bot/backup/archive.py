"""The file of a backup: a ZIP archive with a manifest that names each member, its size and its hash."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Self

from bot.backup.manifest import FORMAT, NAME, ArchiveMember, BackupError, Manifest

CHUNK = 1 << 20  # bytes
LONGEST = 64 << 20  # bytes of one line
PACKED, SMALL = 100, 10 << 20
"""So many times smaller than unpacked no real backup is, unless it is smaller than that (bytes) anyway."""
_NONE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, KeyError, TypeError)
"""What a file leads to that is no backup, or not a whole one. (RuntimeError: it wants a password, or has no end.)"""


class Writing:
    """`with Writing(file) as archive:`, its members one by one, and `end`."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
        self._members: dict[str, ArchiveMember] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def add(self, name: str, content: Iterable[bytes]) -> None:
        size, digest = 0, hashlib.sha256()
        with self._zip.open(name, "w", force_zip64=True) as member:
            for chunk in content:
                size += len(chunk)
                digest.update(chunk)
                member.write(chunk)
        self._members[name] = ArchiveMember(size, digest.hexdigest())

    def end(self, program: str, revision: str, database: str, taken: datetime) -> Manifest:
        manifest = Manifest(FORMAT, program, revision, database, taken, self._members)
        self._zip.writestr(NAME, manifest.written())
        return manifest


@contextmanager
def new_file(path: Path, force: bool) -> Iterator[IO[bytes]]:
    """To be written beside it, for its owner alone; under its name only once it is whole. Raises BackupError."""
    _check_free(path, force)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise BackupError("unwritable", file=path, reason=error.strerror) from None
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _check_free(path, force)
        Path(name).rename(path)
    except OSError as error:
        raise BackupError("unwritable", file=path, reason=error.strerror) from None
    finally:
        Path(name).unlink(missing_ok=True)


def _check_free(path: Path, force: bool) -> None:
    if path.exists() and not force:
        raise BackupError("exists", file=path)


class Archive:
    """A backup, checked to its last byte. Raises BackupError, also where it turns out to hold something else."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self._path, self._zip = path, archive
        with _sound(path):
            self.manifest = self._manifest()
            self._check_members()

    def names(self, folder: str) -> list[str]:
        return sorted(name for name in self.manifest.members if name.startswith(f"{folder}/"))

    def content(self, name: str) -> Iterator[bytes]:
        with _sound(self._path), self._zip.open(name) as member:
            while chunk := member.read(CHUNK):
                yield chunk

    def lines(self, name: str) -> Iterator[list[Any]]:
        """Of a table: JSON lists."""
        with _sound(self._path), self._zip.open(name) as member:
            while raw := member.readline(LONGEST):
                if not isinstance(line := json.loads(raw), list):
                    raise ValueError("a line that is no list")
                yield line

    def _manifest(self) -> Manifest:
        if self._zip.getinfo(NAME).file_size > CHUNK:
            raise ValueError("a manifest without an end")
        text = self._zip.read(NAME)
        given = json.loads(text)
        if given["format"] > FORMAT:
            raise BackupError("newer", file=self._path, program=given.get("program"))
        return Manifest.read(text)

    def _check_members(self) -> None:
        there, named = Counter(info.filename for info in self._zip.infolist()), self.manifest.members
        if there != Counter([*named, NAME]):
            raise ValueError("other members than its manifest names")
        self._check_size()
        for name, member in named.items():
            if self._zip.getinfo(name).file_size != member.size or _digest(self.content(name)) != member.sha256:
                raise ValueError(f"{name} is not what was written")

    def _check_size(self) -> None:
        unpacked = sum(info.file_size for info in self._zip.infolist())
        if unpacked > max(SMALL, PACKED * self._path.stat().st_size):
            raise BackupError("swollen", file=self._path, megabytes=unpacked >> 20)


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """Raises BackupError."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise BackupError("unreadable", file=path, reason=error.strerror) from None
    with file:
        with _sound(path):
            archive = zipfile.ZipFile(file)
        with archive:
            yield Archive(path, archive)


@contextmanager
def _sound(path: Path) -> Iterator[None]:
    try:
        yield
    except (*_NONE, OSError):
        raise BackupError("damaged", file=path) from None


def _digest(content: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in content:
        digest.update(chunk)
    return digest.hexdigest()
