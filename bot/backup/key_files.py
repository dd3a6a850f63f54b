"""The encryption keys: files of a folder, out of it beside a running bot, and into one that is empty."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bot.backup.archive import Archive
from bot.backup.manifest import BackupError
from bot.channels.registry import CHANNELS
from bot.messages import KeyStoreUnusable

DATABASE = ".db"
PASSING = ("-journal", "-wal", "-shm")
"""What SQLite keeps beside a file while it is in use."""
PATIENCE = 10.0  # seconds to wait for a bot that writes


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Names and contents, each as it is at one moment. Raises BackupError."""
    there = sorted(folder.iterdir()) if folder.is_dir() else []
    for path in there:
        if not path.is_file() or path.name.endswith(PASSING):
            continue
        try:
            yield path.name, _database(path) if path.suffix == DATABASE else path.read_bytes()
        except (OSError, sqlite3.Error) as error:
            raise BackupError("keys_unreadable", file=path, reason=error) from None


@contextmanager
def undone(folder: Path) -> Iterator[None]:
    """An empty folder for keys, which is empty again if the block ends with an error. Raises BackupError."""
    if folder.is_dir() and any(folder.iterdir()):
        raise BackupError("keys_there", folder=folder)
    try:
        yield
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def place(archive: Archive, folder: Path) -> int:
    """Those of the archive, fit to be used again; how many files. All of them or none. Raises BackupError."""
    names = archive.names("keys")
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
        try:
            for name in names:
                _write(archive, name, beside / name.removeprefix("keys/"))
            beside.rename(folder)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except OSError as error:
        raise BackupError("unwritable", file=folder, reason=error.strerror) from None
    return len(names)


def _database(path: Path) -> bytes:
    with closing(sqlite3.connect(path, timeout=PATIENCE)) as keys, closing(sqlite3.connect(":memory:")) as copy:
        keys.backup(copy)
        return copy.serialize()


def _write(archive: Archive, name: str, path: Path) -> None:
    path.touch(mode=0o600)
    with path.open("wb") as file:
        file.writelines(archive.content(name))
    if path.suffix == DATABASE:
        try:
            for kind in CHANNELS.values():
                kind.fit_restored_keys(path)
        except KeyStoreUnusable as damage:
            raise BackupError("keys_damaged", reason=damage) from None
