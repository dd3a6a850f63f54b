"""Keys of one device in rows of the store, encrypted: on any machine the bot goes on as the same device.

nio works synchronously on a SQLite database, which is in memory here (`KeyMemory`), and `flush` writes what changes in
it into the store before anything leaves that depends on it. So what is stored is never older than what was sent, unless
the store itself was set back, as by a change to a replica that lags: therefore Olm sessions that another process began
only receive, as after a restore (see `key_store`).
"""

from __future__ import annotations

import asyncio
import functools
import json
import logging
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import nio  # type: ignore[import-untyped]
import peewee  # type: ignore[import-untyped]
from nio import crypto
from nio.store import SqliteMemoryStore  # type: ignore[import-untyped]

from bot.channels.matrix.crypto import key_store
from bot.channels.matrix.crypto.key_store import DeviceKeys, KeySeal, KeysLost
from bot.channels.matrix.login import MatrixSession
from bot.messages import KeyRows, KeyStoreUnusable

log = logging.getLogger(__name__)

_RESTORED = "restored"  # see `KeyRows`
_BITS = {"readings": 52}
"""Lower bits of the ids that rows of a unit, stored as one, may differ in. Ids of readings are random: they make 4,096
units at most, however many there are. Of the other tables each row is one."""
_PRAGMAS = {"foreign_keys": 1, "recursive_triggers": 1}  # without the second REPLACE deletes unnoticed
# Only so many with a device are kept, those used last: a new one is begun after each start, and not all arrive there.
_FEW_SESSIONS = """
    DELETE FROM olmsessions WHERE rowid NOT IN (
        SELECT id FROM (
            SELECT rowid AS id, row_number() OVER (PARTITION BY sender_key ORDER BY last_usage_date DESC) AS place
            FROM olmsessions
        ) WHERE place <= 20
    )
"""
_CHANGES = "CREATE TABLE changes (id INTEGER PRIMARY KEY AUTOINCREMENT, part TEXT, unit INTEGER)"
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'changes'"
_DEVICES = """
    SELECT id, user_id, devicekeys.device_id, display_name, deleted, state
    FROM devicekeys LEFT JOIN devicetruststate ON devicetruststate.device_id = devicekeys.id
"""


async def open_keys(session: MatrixSession, secret: str | None, folder: Path, rows: KeyRows) -> DeviceKeys:
    """Open the keys: with the secret those in the rows, else those in the folder.

    A file from before the secret was set moves into the rows. Raises KeyStoreUnusable, KeysLost, and what `rows` do.
    """
    stored = await rows.load(session.user)
    own = {name: sealed for name, sealed in stored.items() if name.rsplit(" ", 2)[0] == session.device}
    if not secret:
        if own:
            raise KeyStoreUnusable(
                f"the encryption keys of device {session.device} are in the store, encrypted: set their secret again, "
                f"in {key_store.SECRET}"
            )
        return key_store.open_key_file(session, folder)
    file = folder / f"{session.user}_{session.device}.db"
    memory = KeyMemory(session.user, session.device, key_store.PICKLE_KEY)
    make_machine = functools.partial(key_store.OlmMachine, session.user, session.device, memory)
    try:
        with key_store.folder_errors_explained(folder):
            seal = await asyncio.to_thread(_fill, memory, secret, own, file)
        if not own:
            memory.note_all()
        memory.database.execute_sql(_FEW_SESSIONS)
        if _RESTORED in stored:
            memory.database.execute_sql(key_store.NOT_SHARED)
        # Thousands of keys take seconds. A new account is saved, which nio's models can do in this thread alone.
        machine = await asyncio.to_thread(make_machine) if memory.load_account() else make_machine()
    except (*key_store.DAMAGE, sqlite3.Error) as error:
        raise KeysLost(f"the encryption keys of device {session.device} are damaged ({error})") from error
    outdated = dict.fromkeys(stored.keys() - own.keys())
    return SealedKeys(key_store.make_client(session, machine), rows, seal, outdated, file)


def _fill(memory: KeyMemory, secret: str, own: Mapping[str, str], file: Path) -> KeySeal:
    """Fill nio's store with rows, or from the file if there are none. Raises KeyStoreUnusable, sqlite3.Error."""
    seal = KeySeal(secret, memory.user_id)
    if own or not file.exists():
        memory.fill((name.rsplit(" ", 2)[1], seal.unseal(name, sealed)) for name, sealed in own.items())
    else:
        memory.copy(file)
    return seal


class SealedKeys(DeviceKeys):
    """`outdated` rows are deleted: those of earlier devices. So is the file, once its keys are in the rows."""

    def __init__(
        self, client: nio.Client, rows: KeyRows, seal: KeySeal, outdated: Mapping[str, None], file: Path
    ) -> None:
        super().__init__(client, seal)
        self._memory: KeyMemory = client.store
        self._rows, self._seal, self._outdated = rows, seal, outdated
        self._file: Path | None = file
        self._lock = asyncio.Lock()

    async def flush(self) -> None:
        async with self._lock:  # one after the other, so that no row is overwritten with an older one
            changes = self._memory.changes()
            if not changes:
                return
            rows: dict[str, str | None] = {}
            for table, upper in changes:
                name, content = f"{self.client.device_id} {table} {upper}", self._memory.read(table, upper)
                rows[name] = content and self._seal.seal(name, content)
            await self._rows.save(self.client.user_id, {**rows, **self._outdated})
            self._memory.forget_changes(max(changes.values()))
            self._outdated = {}
            if self._file:
                _delete_file(self._file)
                self._file = None

    def close(self) -> None:
        """Leave the database in memory to those that still work with it."""


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


class KeyMemory(SqliteMemoryStore):  # type: ignore[misc]
    """nio's store of one device in memory, whose rows come from elsewhere, and which notes what changes in it.

    It fills and loads in any thread. nio's own way to load could not: its models are bound to one database at a
    time, whatever the thread; and it takes a query for each session and device."""

    def __post_init__(self) -> None:
        self.database = _connect()
        _empty().backup(self.database.connection())

    def fill(self, units: Iterable[tuple[str, str]]) -> None:
        """Insert units, each with its table, as `read` returns them; they are from another process."""
        tables: defaultdict[tuple[str, tuple[str, ...]], list[list[Any]]] = defaultdict(list)
        for table, unit in units:
            for row in json.loads(unit):
                values = [value[0].encode("latin-1") if isinstance(value, list) else value for value in row.values()]
                tables[table, tuple(row)].append(values)
        self._execute("PRAGMA foreign_keys = 0")  # they come in any order
        with self.database.atomic():
            for (table, columns), rows in tables.items():
                names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join("?" * len(columns))
                insert = f'INSERT OR REPLACE INTO "{table}" ({names}) VALUES ({marks})'  # noqa: S608
                self.database.connection().executemany(insert, rows)
        self._execute("PRAGMA foreign_keys = 1")
        self._execute(key_store.ONLY_RECEIVE)
        self._execute("DELETE FROM changes")

    def copy(self, file: Path) -> None:
        """Take over a file of nio's. Raises sqlite3.Error."""
        with closing(sqlite3.connect(file)) as old:
            old.backup(self.database.connection())
        _complete(self.database)

    def note_all(self) -> None:
        """Note all that is there as changed."""
        for (table,) in self._execute(_TABLES):
            unit = f"rowid >> {_BITS.get(table, 0)}"
            self._execute(f"INSERT INTO changes (part, unit) SELECT '{table}', {unit} FROM \"{table}\"")  # noqa: S608

    def changes(self) -> dict[tuple[str, int], int]:
        """Return the units that changed, by table and upper bits of their ids, with the number of the last change."""
        noted = self._execute("SELECT part, unit, max(id) FROM changes GROUP BY part, unit")
        return {(table, upper): last for table, upper, last in noted}

    def forget_changes(self, last: int) -> None:
        self._execute("DELETE FROM changes WHERE id <= ?", last)

    def read(self, table: str, upper: int) -> str | None:
        """Return the rows of a unit as JSON; None if there are none."""
        bits = _BITS.get(table, 0)
        among = upper << bits, ((upper + 1) << bits) - 1
        found = self.database.execute_sql(f'SELECT rowid, * FROM "{table}" WHERE rowid BETWEEN ? AND ?', among)  # noqa: S608
        columns = [column[0] for column in found.description]
        rows = [dict(zip(columns, row, strict=True)) for row in found]
        # Bytes are a text in a list, which no column holds.
        return json.dumps(rows, default=lambda blob: [blob.decode("latin-1")]) if rows else None

    def load_account(self) -> crypto.OlmAccount | None:
        found = self._execute("SELECT account, shared FROM accounts")
        return crypto.OlmAccount.from_pickle(found[0][0], self.pickle_key, bool(found[0][1])) if found else None

    def load_sessions(self) -> crypto.SessionStore:
        loaded = crypto.SessionStore()
        for pickle, made, key in self._execute("SELECT session, creation_time, sender_key FROM olmsessions"):
            loaded.add(key, crypto.Session.from_pickle(pickle, datetime.fromisoformat(made), self.pickle_key))
        return loaded

    def load_inbound_group_sessions(self) -> crypto.GroupSessionStore:
        loaded, chains = crypto.GroupSessionStore(), defaultdict[str, list[str]](list)
        for id, key in self._execute("SELECT session_id, sender_key FROM forwardedchains ORDER BY rowid"):
            chains[id].append(key)
        columns = "session_id, session, fp_key, sender_key, room_id"
        for id, pickle, *of in self._execute(f"SELECT {columns} FROM megolminboundsessions"):  # noqa: S608
            loaded.add(crypto.InboundGroupSession.from_pickle(pickle, *of, self.pickle_key, chains[id]))
        return loaded

    def load_device_keys(self) -> crypto.DeviceStore:
        loaded, keys = crypto.DeviceStore(), defaultdict[int, dict[str, str]](dict)
        for device, kind, key in self._execute("SELECT device_id, key_type, key FROM keys"):
            keys[device][kind] = key
        for id, user, device, name, is_deleted, trust in self._execute(_DEVICES):
            known = keys[id], name, bool(is_deleted), crypto.TrustState(trust or 0)
            loaded.add(crypto.OlmDevice(user, device, *known))
        return loaded

    def load_outgoing_key_requests(self) -> dict[str, crypto.OutgoingKeyRequest]:
        found = self._execute("SELECT request_id, session_id, room_id, algorithm FROM outgoingkeyrequests")
        return {row[0]: crypto.OutgoingKeyRequest(*row) for row in found}

    def _execute(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        return list(self.database.execute_sql(statement, values))


@functools.cache
def _empty() -> sqlite3.Connection:
    """Return a database without a device, to be copied: making one takes half of the time of a network's start."""
    database = _connect()
    _complete(database)
    empty: sqlite3.Connection = database.connection()
    return empty


def _connect() -> peewee.SqliteDatabase:
    database = peewee.SqliteDatabase(":memory:", pragmas=_PRAGMAS, thread_safe=False, check_same_thread=False)
    database.connect()
    return database


def _complete(database: peewee.SqliteDatabase) -> None:
    """Create the tables that are missing, and note each change from now on."""
    with database.bind_ctx(KeyMemory.models):
        database.create_tables(KeyMemory.models)  # of which a file of nio's lacks one
    database.execute_sql(key_store.DECRYPTED_TABLE)
    database.execute_sql(_CHANGES)
    for (table,) in database.execute_sql(_TABLES).fetchall():
        for event, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
            note = f"INSERT INTO changes (part, unit) VALUES ('{table}', {row}.rowid >> {_BITS.get(table, 0)});"  # noqa: S608
            database.execute_sql(f'CREATE TRIGGER "{table}_{event}" AFTER {event} ON "{table}" BEGIN {note} END')
