"""Everything that must survive, in one file, and back: the rows of the store, and the encryption keys beside it.

The store first, the keys after it: what a sync says is taken by the keys before the store notes how far the syncs were
read. Keys that are newer than the store are given the same once more, which does no harm; older ones would miss some.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import bot
from bot.backup import key_files
from bot.backup.archive import Archive, Writing, new_file, opened
from bot.backup.manifest import BackupError, Manifest
from bot.store.backend import find_backend
from bot.store.inspection import inspect_store
from bot.store.restore_window import RestoreWindow
from bot.store.rows import Line, Snapshot, empty_store, snapshot
from bot.store.schema import is_known
from bot.store.values import Unfit

__all__ = ["BackupError", "Done", "back_up", "restore"]


@dataclass(frozen=True, slots=True)
class Done:
    manifest: Manifest
    rows: int
    keys: int  # files


def back_up(url: str, key_folder: Path, file: Path, *, force: bool = False) -> Done:
    """Into a new file, also beside a running bot. `url`: of the store. Raises BackupError, StoreError."""
    if inspect_store(url).tables == "none":
        raise BackupError("no_store", store=find_backend(url).name)
    with new_file(file, force) as out, Writing(out) as archive:
        taken = datetime.now(UTC)
        with snapshot(url, file.absolute().parent) as store:
            rows = sum(_add(archive, store, name) for name in store.tables)
        held = dict(key_files.files(key_folder))
        for name, content in held.items():
            archive.add(f"keys/{name}", [content])
        manifest = archive.end(bot.__version__, store.revision, store.kind, taken)
    return Done(manifest, rows, len(held))


def restore(url: str, key_folder: Path, file: Path) -> Done:
    """Into a place where there is nothing, or all is left as it was. Raises BackupError, StoreError."""
    with opened(file) as archive:
        _check_age(archive, file)
        try:
            return _fill(url, key_folder, archive)
        except Unfit as misfit:
            raise BackupError("unfit", file=file, reason=misfit) from None


def _fill(url: str, key_folder: Path, archive: Archive) -> Done:
    """The rows are kept in the end: keys without a store are seen the next time, a store without its keys is not."""
    restored = RestoreWindow(archive.manifest.taken, datetime.now(UTC))
    tables = ((_table(name), archive.lines(name)) for name in archive.names("store"))
    with key_files.undone(key_folder), empty_store(url) as place:
        if place is None:
            raise BackupError("not_empty", store=find_backend(url).name)
        rows = place.fill(archive.manifest.revision, tables, restored)
        return Done(archive.manifest, rows, key_files.place(archive, key_folder))


def _check_age(archive: Archive, file: Path) -> None:
    if not is_known(archive.manifest.revision):
        raise BackupError("newer", file=file, program=archive.manifest.program)


def _table(member: str) -> str:
    return member.removeprefix("store/").removesuffix(".jsonl")


def _add(archive: Writing, store: Snapshot, name: str) -> int:
    count = 0

    def encoded(lines: Iterable[Line]) -> Iterator[bytes]:
        nonlocal count
        for line in lines:
            count += 1
            yield json.dumps(line, ensure_ascii=False).encode() + b"\n"

    archive.add(f"store/{name}.jsonl", encoded(store.lines(name)))
    return count - 1  # the first line names the columns
