"""Backup and restore: the rows of the store and the encryption keys, in one file.

The store is saved first, the keys after it: a sync changes the keys before the store notes the sync's position. Keys
newer than the store get the same changes once more, which is harmless; older ones would miss some.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import bot
from bot.backup import key_files
from bot.backup.archive import ArchiveWriter, BackupError, Manifest, new_file, open_archive
from bot.store.backend import Unfit, find_backend
from bot.store.inspection import inspect_store
from bot.store.restore_window import RestoreWindow
from bot.store.rows import filled_store, snapshot
from bot.store.schema import BEFORE, misfit


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
        taken, rows, keys = datetime.now(UTC), 0, 0
        with snapshot(url, file.absolute().parent) as store:
            for name in store.tables:
                lines = (json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in store.lines(name))
                rows += archive.add(f"store/{name}.jsonl", lines) - 1  # the first line names the columns
        for name, content in key_files.read_keys(key_folder):
            keys += archive.add(f"keys/{name}", [content])
        manifest = archive.finish(bot.__version__, store.revision, store.kind, taken)
    return BackupSummary(manifest, rows, keys)


def restore(url: str, key_folder: Path, file: Path) -> BackupSummary:
    """Fill an empty store and an empty key folder, or change nothing. Raises BackupError, StoreError.

    The rows are committed last: keys without a store are noticed the next time, a store without its keys is not.
    """
    with open_archive(file) as archive:
        manifest = archive.manifest
        if reason := misfit(manifest.revision):
            raise BackupError(reason, file=file, program=manifest.program, commit=BEFORE)
        window = RestoreWindow(manifest.taken, datetime.now(UTC))
        tables = ((Path(member).stem, archive.lines(member)) for member in archive.names("store"))
        try:
            with key_files.empty_folder(key_folder), filled_store(url, manifest.revision, tables, window) as rows:
                if rows is None:
                    raise BackupError("not_empty", store=find_backend(url).name)
                return BackupSummary(manifest, rows, key_files.write_keys(archive, key_folder))
        except Unfit as error:
            raise BackupError("unfit", file=file, reason=error) from None
