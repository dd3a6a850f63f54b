"""The file of a backup: a ZIP archive with a manifest that lists each member's size and hash."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Self

from bot.locale import Wording, system_reason

NAME = "manifest.json"  # the member that lists all others
FORMAT = 1  # a program refuses archives with a higher one
CHUNK = 1 << 20  # bytes read at once, and the most that a manifest may have
MAX_LINE = 64 << 20  # bytes of a row
MAX_RATIO, SMALL = 100, 10 << 20
"""Largest ratio by which a real backup shrinks, unless it is smaller than `SMALL` bytes anyway."""
_MEMBER = re.compile(r"store/[a-z_]+\.jsonl|keys/(?!\.)[^/\\\0]+")
_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError),
    *(RuntimeError, ValueError, KeyError, TypeError),  # RuntimeError: a password is needed, or JSON nests too deep
)


class BackupError(Exception):
    """Nothing was written or changed. `key` names a sentence under `backup` in the wording."""

    def __init__(self, key: str, **values: object) -> None:
        self.key, self.values = key, values
        super().__init__(key)

    def say(self, words: Wording) -> str:
        return words(f"backup.{self.key}", **self.values)


@dataclass(frozen=True, slots=True)
class ArchiveMember:
    size: int  # bytes, unpacked
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    format: int
    program: str  # its version
    revision: str  # of the tables
    database: str
    taken: datetime  # nothing that happened later is in the backup
    members: Mapping[str, ArchiveMember]  # by name

    @classmethod
    def decode(cls, text: bytes) -> Self:
        """Parse a manifest. Raises ValueError, KeyError or TypeError for any other text."""
        fields: dict[str, Any] = json.loads(text)
        taken = datetime.fromisoformat(fields.pop("taken"))
        members = {name: ArchiveMember(**member) for name, member in fields.pop("members").items()}
        manifest = cls(taken=taken, members=members, **fields)
        manifest._check()
        return manifest

    def encode(self) -> bytes:
        return json.dumps(asdict(self) | {"taken": self.taken.isoformat()}, indent=1).encode()

    def _check(self) -> None:
        if (
            self.taken.tzinfo is None
            or not 1 < self.taken.year < 9999
            or not isinstance(self.revision, str)
            or not isinstance(self.format, int)
        ):
            raise ValueError("fields of another kind")
        if not all(_MEMBER.fullmatch(name) for name in self.members):
            raise ValueError("members that no backup has")


class ArchiveWriter:
    """Writer of an archive: `with ArchiveWriter(file) as archive:`, `add` each member, then `finish`."""

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

    def finish(self, program: str, revision: str, database: str, taken: datetime) -> Manifest:
        manifest = Manifest(FORMAT, program, revision, database, taken, self._members)
        self._zip.writestr(NAME, manifest.encode())
        return manifest


@contextmanager
def new_file(path: Path, force: bool) -> Iterator[IO[bytes]]:
    """Open a temporary file beside `path`, readable by its owner only, and rename it once it is whole.

    Raises BackupError.
    """
    _check_free(path, force)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise BackupError("unwritable", file=path, reason=system_reason(error)) from None
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _check_free(path, force)
        Path(name).rename(path)
    except OSError as error:
        raise BackupError("unwritable", file=path, reason=system_reason(error)) from None
    finally:
        Path(name).unlink(missing_ok=True)


def _check_free(path: Path, force: bool) -> None:
    if path.is_dir():
        raise BackupError("is_folder", file=path)
    if path.exists() and not force:
        raise BackupError("exists", file=path)


class Archive:
    """A backup, checked to its last byte. Methods raise BackupError if it is damaged."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self._path, self._zip = path, archive
        with _report_damage(path):
            self.manifest = self._manifest()
            self._check_members()

    def names(self, folder: str) -> list[str]:
        return sorted(name for name in self.manifest.members if name.startswith(f"{folder}/"))

    def content(self, name: str) -> Iterator[bytes]:
        with _report_damage(self._path), self._zip.open(name) as member:
            while chunk := member.read(CHUNK):
                yield chunk

    def lines(self, name: str) -> Iterator[list[Any]]:
        """Yield the JSON lists of a table's member."""
        with _report_damage(self._path), self._zip.open(name) as member:
            while raw := member.readline(MAX_LINE):
                if not isinstance(line := json.loads(raw), list):
                    raise ValueError("a line that is no list")
                yield line

    def _manifest(self) -> Manifest:
        if self._zip.getinfo(NAME).file_size > CHUNK:
            raise ValueError("a manifest without an end")
        text = self._zip.read(NAME)
        fields = json.loads(text)
        if fields["format"] > FORMAT:
            raise BackupError("newer", file=self._path, program=fields.get("program"))
        return Manifest.decode(text)

    def _check_members(self) -> None:
        stored, listed = Counter(info.filename for info in self._zip.infolist()), self.manifest.members
        if stored != Counter([*listed, NAME]):
            raise ValueError("other members than its manifest names")
        unpacked = sum(info.file_size for info in self._zip.infolist())
        if unpacked > max(SMALL, MAX_RATIO * self._path.stat().st_size):
            raise BackupError("swollen", file=self._path, megabytes=unpacked >> 20)
        for name, member in listed.items():
            if self._zip.getinfo(name).file_size != member.size or _digest(self.content(name)) != member.sha256:
                raise ValueError(f"{name} is not what was written")


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open and check a backup. Raises BackupError."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise BackupError("unreadable", file=path, reason=system_reason(error)) from None
    with file:
        with _report_damage(path):
            archive = zipfile.ZipFile(file)
        with archive:
            yield Archive(path, archive)


@contextmanager
def _report_damage(path: Path) -> Iterator[None]:
    try:
        yield
    except (*_DAMAGE, OSError):
        raise BackupError("damaged", file=path) from None


def _digest(content: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in content:
        digest.update(chunk)
    return digest.hexdigest()
