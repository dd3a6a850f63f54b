"""Backup and restore: the rows of the store and the encryption keys, in one file.

The store is saved first, the keys after it: a sync changes the keys before the store notes the sync's position. Keys
newer than the store get the same changes once more, which is harmless; older ones would miss some.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import bot
from bot.backup import key_files
from bot.backup.archive import Archive, ArchiveWriter, BackupError, Manifest, new_file, open_archive
from bot.store.backend import find_backend
from bot.store.inspection import inspect_store
from bot.store.restore_window import RestoreWindow
from bot.store.rows import Line, Snapshot, empty_store, snapshot
from bot.store.schema import is_known
from bot.store.store_errors import Unfit


@dataclass(frozen=True, slots=True)
class BackupSummary:
    manifest: Manifest
    rows: int
    keys: int  # files


def back_up(url: str, key_folder: Path, file: Path, *, force: bool = False) -> BackupSummary:
    """Back up the store at `url` and its keys into a new file, even while the bot is running.

    Raises BackupError, StoreError.
    """
    if inspect_store(url).tables == "none":
        raise BackupError("no_store", store=find_backend(url).name)
    with new_file(file, force) as output, ArchiveWriter(output) as archive:
        taken = datetime.now(UTC)
        with snapshot(url, file.absolute().parent) as store:
            rows = sum(_add_table(archive, store, name) for name in store.tables)
        keys = dict(key_files.read_keys(key_folder))
        for name, content in keys.items():
            archive.add(f"keys/{name}", [content])
        manifest = archive.finish(bot.__version__, store.revision, store.kind, taken)
    return BackupSummary(manifest, rows, len(keys))


def restore(url: str, key_folder: Path, file: Path) -> BackupSummary:
    """Fill an empty store and an empty key folder, or change nothing. Raises BackupError, StoreError."""
    with open_archive(file) as archive:
        if not is_known(archive.manifest.revision):
            raise BackupError("newer", file=file, program=archive.manifest.program)
        try:
            return _restore(url, key_folder, archive)
        except Unfit as error:
            raise BackupError("unfit", file=file, reason=error) from None


def _restore(url: str, key_folder: Path, archive: Archive) -> BackupSummary:
    """Restore with the rows committed last.

    Keys without a store are noticed the next time, a store without its keys is not.
    """
    window = RestoreWindow(archive.manifest.taken, datetime.now(UTC))
    tables = ((_table(name), archive.lines(name)) for name in archive.names("store"))
    with key_files.empty_folder(key_folder), empty_store(url) as store:
        if store is None:
            raise BackupError("not_empty", store=find_backend(url).name)
        rows = store.fill(archive.manifest.revision, tables, window)
        return BackupSummary(archive.manifest, rows, key_files.write_keys(archive, key_folder))


def _table(member: str) -> str:
    return member.removeprefix("store/").removesuffix(".jsonl")


def _add_table(archive: ArchiveWriter, store: Snapshot, name: str) -> int:
    count = 0

    def encoded(lines: Iterable[Line]) -> Iterator[bytes]:
        nonlocal count
        for line in lines:
            count += 1
            yield json.dumps(line, ensure_ascii=False).encode() + b"\n"

    archive.add(f"store/{name}.jsonl", encoded(store.lines(name)))
    return count - 1  # the first line names the columns
