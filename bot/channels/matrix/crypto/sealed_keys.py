"""Keys of one device in rows of the store, encrypted: on any machine the bot goes on as the same device.

nio works synchronously on a SQLite database, which is in memory here. Triggers note what changes in it, and `flush`
writes that into the store before anything leaves that depends on it. So what is stored is never older than what was
sent, unless the store itself was set back, as by a change to a replica that lags: therefore Olm sessions that another
process began only receive, as after a restore (see `key_store`).
"""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import nio  # type: ignore[import-untyped]
from nio.store import SqliteMemoryStore  # type: ignore[import-untyped]

from bot.channels.matrix.crypto.key_seal import SECRET, KeySeal
from bot.channels.matrix.crypto.key_store import (
    DAMAGE,
    DECRYPTED_TABLE,
    NOT_SHARED,
    ONLY_RECEIVE,
    DeviceKeys,
    KeysLost,
    open_client,
    open_key_file,
)
from bot.channels.matrix.login import MatrixSession
from bot.messages import KeyRows, KeyStoreUnusable

log = logging.getLogger(__name__)

_RESTORED = "restored"  # see `KeyRows`
_BITS = {"readings": 52}
"""Rows of SQLite whose ids agree but for so many bits are one row of the store. Ids of readings are random: they are
at most 4,096 rows, however many there are. Of the other tables each row is one."""
# Only these of another device are kept, those used last: a new one is begun after each start.
_FEW_SESSIONS = """
    DELETE FROM olmsessions WHERE rowid NOT IN (
        SELECT id FROM (
            SELECT rowid AS id, row_number() OVER (PARTITION BY sender_key ORDER BY last_usage_date DESC) AS place
            FROM olmsessions
        ) WHERE place <= 5
    )
"""
_CHANGES = "CREATE TABLE changes (id INTEGER PRIMARY KEY AUTOINCREMENT, part TEXT, unit INTEGER)"
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'changes'"


async def open_keys(session: MatrixSession, secret: str | None, folder: Path, rows: KeyRows) -> DeviceKeys:
    """Open the keys: with the secret those in the rows, else those in the folder.

    A file from before the secret was set moves into the rows. Raises KeyStoreUnusable, KeysLost, and what `rows` do.
    """
    stored = await rows.load(session.user)
    own = {name: sealed for name, sealed in stored.items() if name.startswith(f"{session.device} ")}
    if not secret:
        if own:
            raise KeyStoreUnusable(
                f"the encryption keys of device {session.device} are in the store, encrypted: set their secret again, "
                f"in {SECRET}"
            )
        return open_key_file(session, folder)
    seal = await asyncio.to_thread(KeySeal, secret, session.user)
    content = await asyncio.to_thread(lambda: list(_unseal(seal, own)))
    file = folder / f"{session.user}_{session.device}.db"
    store = _fill_store(session, content, file)
    _note_changes(store.database.connection(), is_new=not own)
    if _RESTORED in stored:
        store.database.execute_sql(NOT_SHARED)
    try:
        client = open_client(session, lambda *_: store, folder)
    except DAMAGE as error:
        raise KeysLost(f"the encryption keys of device {session.device} are damaged ({error})") from error
    return SealedKeys(client, rows, seal, dict.fromkeys(stored.keys() - own.keys()), file)


class SealedKeys(DeviceKeys):
    """`outdated` rows are deleted: those of earlier devices. So is the file, once its keys are in the rows."""

    def __init__(
        self, client: nio.Client, rows: KeyRows, seal: KeySeal, outdated: Mapping[str, None], file: Path
    ) -> None:
        super().__init__(client, seal)
        self._rows, self._seal, self._outdated = rows, seal, outdated
        self._file: Path | None = file
        self._database, self._lock = client.store.database, asyncio.Lock()

    async def flush(self) -> None:
        async with self._lock:  # one after the other, so that no row is overwritten with an older one
            changes = self._database.execute_sql("SELECT part, unit, max(id) FROM changes GROUP BY part, unit")
            noted: list[tuple[str, int, int]] = changes.fetchall()
            if not noted:
                return
            rows = dict(self._sealed(part, unit) for part, unit, _ in noted)
            await self._rows.save(self.client.user_id, {**rows, **self._outdated})
            last = max(id for _, _, id in noted)
            self._database.execute_sql("DELETE FROM changes WHERE id <= ?", (last,))
            self._outdated = {}
            if self._file:
                _delete_file(self._file)
                self._file = None

    def close(self) -> None:
        """Leave the database in memory to those that still work with it."""

    def _sealed(self, part: str, unit: int) -> tuple[str, str | None]:
        """Return name and content of a row of the store; None if nothing is left there."""
        name, bits = f"{self.client.device_id} {part} {unit}", _BITS.get(part, 0)
        among = (unit << bits, ((unit + 1) << bits) - 1)
        found = self._database.execute_sql(f'SELECT rowid, * FROM "{part}" WHERE rowid BETWEEN ? AND ?', among)  # noqa: S608
        columns = [column[0] for column in found.description]
        rows = [dict(zip(columns, row, strict=True)) for row in found]
        return name, self._seal.seal(name, json.dumps(rows, default=_text_of)) if rows else None


def _text_of(blob: bytes) -> list[str]:
    return [blob.decode("latin-1")]  # in a list, which no column holds


def _blob_of(value: Any) -> Any:
    return value[0].encode("latin-1") if isinstance(value, list) else value


def _unseal(seal: KeySeal, stored: Mapping[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the rows of SQLite, each with its table. Raises KeyStoreUnusable."""
    for name, sealed in stored.items():
        for row in json.loads(seal.unseal(name, sealed)):
            plain = {
                key: value[0].encode("latin-1") if isinstance(value, list) else value for key, value in row.items()
            }
            yield name.rsplit(" ", 2)[1], plain


def _fill_store(session: MatrixSession, content: list[tuple[str, dict[str, Any]]], file: Path) -> SqliteMemoryStore:
    """Return nio's store in memory with these rows, or with those of the file if there are none. Raises KeysLost."""
    store = SqliteMemoryStore(session.user, session.device, nio.ClientConfig().pickle_key)  # the one of files
    database: sqlite3.Connection = store.database.connection()
    try:
        if not content and file.exists():
            with closing(sqlite3.connect(file)) as old:
                old.backup(database)
            with store.database.bind_ctx(store.models):
                store.database.create_tables(store.models)  # one more than nio has in a file
    except sqlite3.Error as error:
        raise KeysLost(f"the file of encryption keys in {file.parent} is damaged ({error})") from error
    database.execute(DECRYPTED_TABLE)
    database.execute("PRAGMA foreign_keys = 0")  # they come in any order
    for part, row in content:
        columns, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
        database.execute(f'INSERT OR REPLACE INTO "{part}" ({columns}) VALUES ({marks})', tuple(row.values()))  # noqa: S608
    database.execute("PRAGMA foreign_keys = 1")
    if content:
        database.execute(ONLY_RECEIVE)
    return store


def _note_changes(database: sqlite3.Connection, is_new: bool) -> None:
    """Note each change from now on; and, if nothing is stored yet, all there is."""
    database.execute("PRAGMA recursive_triggers = 1")  # else REPLACE deletes unnoticed
    database.execute(_CHANGES)
    for (part,) in database.execute(_TABLES).fetchall():
        bits = _BITS.get(part, 0)
        for event, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
            note = f"INSERT INTO changes (part, unit) VALUES ('{part}', {row}.rowid >> {bits});"  # noqa: S608
            database.execute(f'CREATE TRIGGER "{part}_{event}" AFTER {event} ON "{part}" BEGIN {note} END')
        if is_new:
            database.execute(f"INSERT INTO changes (part, unit) SELECT '{part}', rowid >> {bits} FROM \"{part}\"")  # noqa: S608
    database.execute(_FEW_SESSIONS)


def _delete_file(file: Path) -> None:
    """Delete a file whose keys are in the store, and what nio has beside it: nobody may go on with older ones."""
    if not file.exists():
        return
    try:
        for path in file.parent.iterdir():
            if path.stem == file.stem:
                path.unlink()
        log.info("the encryption keys are in the store now, and %s is deleted", file)
    except OSError as error:
        log.warning("the encryption keys are in the store now; delete %s yourself: %s", file, error)
