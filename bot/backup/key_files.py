"""Encryption keys: the files of a folder, read while a bot is running and written into an empty folder."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bot.backup.archive import Archive, BackupError
from bot.channels.registry import CHANNELS
from bot.locale import system_reason
from bot.messages import KeyStoreUnusable
from bot.store.sqlite import denied, is_denied, require_visible

DATABASE = ".db"  # copied through SQLite, since the bot may be writing
TEMPORARY = ("-journal", "-wal", "-shm")  # SQLite's files beside a database that is in use
PATIENCE = 10.0  # seconds to wait for a write of the bot


def read_keys(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each file but hidden ones, consistent even while the bot writes.

    Raises BackupError, StoreError.
    """
    require_visible(folder / "any" if os.path.isdir(folder) else folder)
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if not path.is_file() or path.name.startswith(".") or path.name.endswith(TEMPORARY):
            continue
        try:
            yield path.name, _copy(path) if path.suffix == DATABASE else path.read_bytes()
        except (OSError, sqlite3.Error) as error:
            if is_denied(path):
                raise denied(path) from None
            raise BackupError("keys_unreadable", file=path, reason=system_reason(error)) from None


@contextmanager
def empty_folder(folder: Path) -> Iterator[None]:
    """Check that the folder is empty; delete it if the block raises. Raises BackupError, StoreError."""
    require_visible(folder / "any" if os.path.isdir(folder) else folder)
    if folder.is_dir() and any(folder.iterdir()):
        raise BackupError("keys_there", folder=folder)
    try:
        yield
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def write_keys(archive: Archive, folder: Path) -> int:
    """Write the archive's keys, prepared for use after a restore: all or none. Returns the number of files.

    Raises BackupError.
    """
    names = archive.names("keys")
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
        try:
            for name in names:
                path = temporary / name.removeprefix("keys/")
                path.touch(mode=0o600)
                with path.open("wb") as file:
                    file.writelines(archive.content(name))
                for kind in CHANNELS.values() if path.suffix == DATABASE else ():
                    kind.fit_restored_keys(path)
            temporary.rename(folder)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except KeyStoreUnusable as damage:
        raise BackupError("keys_damaged", reason=damage) from None
    except OSError as error:
        raise BackupError("unwritable", file=folder, reason=system_reason(error)) from None
    return len(names)


def _copy(path: Path) -> bytes:
    with closing(sqlite3.connect(path, timeout=PATIENCE)) as keys, closing(sqlite3.connect(":memory:")) as copy:
        keys.backup(copy)
        return copy.serialize()
