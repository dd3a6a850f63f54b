"""The file of a backup: a ZIP archive with a manifest that lists each member's size and hash."""

import hashlib
import json
import os
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from bot.locale import Wording, system_reason

NAME = "manifest.json"  # the member that lists all others
FORMAT = 1  # a program refuses archives with a higher one
CHUNK = 1 << 20  # bytes read at once, and the most that a manifest may have
MAX_LINE = 64 << 20  # bytes of a row
MAX_RATIO, SMALL = 100, 10 << 20
"""Largest ratio by which a real backup shrinks, unless it is smaller than `SMALL` bytes anyway."""
_MEMBER = r"^(store/[a-z_]+\.jsonl|keys/[^./\\\x00][^/\\\x00]*)$"
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


class ArchiveMember(BaseModel, frozen=True):
    size: int  # bytes, unpacked
    sha256: str


class Manifest(BaseModel, frozen=True):
    format: int
    program: str  # its version
    revision: str  # of the tables
    database: str
    taken: AwareDatetime = Field(gt=datetime(2, 1, 1, tzinfo=UTC), lt=datetime(9999, 1, 1, tzinfo=UTC))
    """Nothing that happened later is in the backup. Every time zone can show it."""
    members: dict[Annotated[str, StringConstraints(pattern=_MEMBER)], ArchiveMember]  # by name


class ArchiveWriter(zipfile.ZipFile):
    """Writer of an archive: `with ArchiveWriter(file) as archive:`, `add` each member, then `finish`."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file, "w", zipfile.ZIP_DEFLATED)
        self._members: dict[str, ArchiveMember] = {}

    def add(self, name: str, content: Iterable[bytes]) -> int:
        """Write a member. Returns the number of chunks."""
        size, chunks, digest = 0, 0, hashlib.sha256()
        with self.open(name, "w", force_zip64=True) as member:
            for chunk in content:
                chunks += 1
                size += len(chunk)
                digest.update(chunk)
                member.write(chunk)
        self._members[name] = ArchiveMember(size=size, sha256=digest.hexdigest())
        return chunks

    def finish(self, program: str, revision: str, database: str, taken: datetime) -> Manifest:
        manifest = Manifest(
            format=FORMAT, program=program, revision=revision, database=database, taken=taken, members=self._members
        )
        self.writestr(NAME, manifest.model_dump_json(indent=1))
        return manifest


@contextmanager
def new_file(path: Path, force: bool) -> Iterator[IO[bytes]]:
    """Open a temporary file beside `path`, readable by its owner only, and rename it once it is whole.

    Raises BackupError.
    """
    _check_free(path, force)
    try:
        with tempfile.NamedTemporaryFile(prefix=f".{path.name}.", dir=path.parent, delete=False) as file:
            try:
                yield file
                file.flush()
                os.fsync(file.fileno())
                _check_free(path, force)
                Path(file.name).rename(path)
            finally:
                Path(file.name).unlink(missing_ok=True)
    except OSError as error:
        raise BackupError("unwritable", file=path, reason=system_reason(error)) from None


def _check_free(path: Path, force: bool) -> None:
    if path.is_dir():
        raise BackupError("is_folder", file=path)
    if path.exists() and not force:
        raise BackupError("exists", file=path)


class Archive(zipfile.ZipFile):
    """A backup, checked to its last byte. Methods raise BackupError if it is damaged."""

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self._path = path
        with _report_damage(path):
            super().__init__(file)
            if self.getinfo(NAME).file_size > CHUNK:
                raise ValueError("a manifest without an end")
            fields = json.loads(self.read(NAME))
            if fields["format"] > FORMAT:
                raise BackupError("newer", file=path, program=fields.get("program"))
            self.manifest = Manifest.model_validate(fields)
            stored, listed = self.infolist(), self.manifest.members
            if Counter(info.filename for info in stored) != Counter([*listed, NAME]):
                raise ValueError("other members than its manifest names")
            unpacked = sum(info.file_size for info in stored)
            if unpacked > max(SMALL, MAX_RATIO * path.stat().st_size):
                raise BackupError("swollen", file=path, megabytes=unpacked >> 20)
            for name, member in listed.items():
                with self.open(name) as content:
                    digest = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]
                if (self.getinfo(name).file_size, digest) != (member.size, member.sha256):
                    raise ValueError(f"{name} is not what was written")

    def names(self, folder: str) -> list[str]:
        return sorted(name for name in self.manifest.members if name.startswith(f"{folder}/"))

    def content(self, name: str) -> Iterator[bytes]:
        with _report_damage(self._path), self.open(name) as member:
            while chunk := member.read(CHUNK):
                yield chunk

    def lines(self, name: str) -> Iterator[list[Any]]:
        """Yield the JSON lists of a table's member."""
        with _report_damage(self._path), self.open(name) as member:
            while raw := member.readline(MAX_LINE):
                if not isinstance(line := json.loads(raw), list):
                    raise ValueError("a line that is no list")
                yield line


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open and check a backup. Raises BackupError."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise BackupError("unreadable", file=path, reason=system_reason(error)) from None
    with file, Archive(path, file) as archive:
        yield archive


@contextmanager
def _report_damage(path: Path) -> Iterator[None]:
    try:
        yield
    except (*_DAMAGE, OSError):
        raise BackupError("damaged", file=path) from None
