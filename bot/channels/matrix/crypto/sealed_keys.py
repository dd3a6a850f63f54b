"""Keys of one device in rows of the store, encrypted: on any machine the bot goes on as the same device.

nio works synchronously on a SQLite database, which is in memory here (`key_memory`), and `flush` writes what changes in
it into the store before anything leaves that depends on it. So what is stored is never older than what was sent, unless
the store itself was set back, as by a change to a replica that lags: therefore Olm sessions that another process began
only receive, as after a restore (see `key_store`).
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import nio  # type: ignore[import-untyped]

from bot.channels.matrix.crypto.key_memory import KeyMemory
from bot.channels.matrix.crypto.key_seal import SECRET, KeySeal
from bot.channels.matrix.crypto.key_store import (
    DAMAGE,
    NOT_SHARED,
    PICKLE_KEY,
    DeviceKeys,
    KeysLost,
    OlmMachine,
    folder_errors_explained,
    make_client,
    open_key_file,
)
from bot.channels.matrix.login import MatrixSession
from bot.messages import KeyRows, KeyStoreUnusable

log = logging.getLogger(__name__)

_RESTORED = "restored"  # see `KeyRows`


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
                f"in {SECRET}"
            )
        return open_key_file(session, folder)
    file, memory = folder / f"{session.user}_{session.device}.db", KeyMemory(session.user, session.device, PICKLE_KEY)
    make_machine = partial(OlmMachine, session.user, session.device, memory)
    try:
        with folder_errors_explained(folder):
            seal = await asyncio.to_thread(_fill, memory, secret, own, file)
        memory.note_changes(since_ever=not own)
        if _RESTORED in stored:
            memory.database.execute_sql(NOT_SHARED)
        # Thousands of keys take seconds. A new account is saved, which nio's models can do in this thread alone.
        machine = await asyncio.to_thread(make_machine) if memory.load_account() else make_machine()
    except (*DAMAGE, sqlite3.Error) as error:
        raise KeysLost(f"the encryption keys of device {session.device} are damaged ({error})") from error
    outdated = dict.fromkeys(stored.keys() - own.keys())
    return SealedKeys(make_client(session, machine), rows, seal, outdated, file)


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
                name, content = f"{self.client.device_id} {table} {upper}", self._memory.read((table, upper))
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
