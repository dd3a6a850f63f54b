"""The keys of one device, in a SQLite file that matrix-nio keeps; and what nio's machine does not do by itself."""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import nio  # type: ignore[import-untyped]
import peewee  # type: ignore[import-untyped]
import vodozemac
from nio.crypto import Olm, SessionStore  # type: ignore[import-untyped]
from nio.crypto import Session as OlmSession

from bot.channels.matrix.client import Json
from bot.channels.matrix.login import Session
from bot.messages import ChannelError, KeyStoreUnusable

log = logging.getLogger(__name__)


SIGNED_CURVE25519 = "signed_curve25519"
_BROKEN = (peewee.DatabaseError, vodozemac.PickleException, vodozemac.LibolmPickleException, ValueError)


class KeysLost(ChannelError):
    """This device's keys are not here, or not those that the server gives to others: it cannot be used any more."""


class ReplayedMessage(nio.EncryptionError):  # type: ignore[misc]
    """What an event says was said by another one before."""


class OlmMachine(Olm):  # type: ignore[misc]
    """nio's takes a key for a second time only from other devices of its own user; this one also from its maker. And
    nio's forgets with each restart what it has read; this one does not."""

    def load(self) -> None:
        super().load()
        self.session_store: Any = OlmSessions.of(self.session_store)
        self._readings = DecryptedEvents(self.store.database)

    def message_index_ok(self, message_index: int, event: Any) -> bool:
        if self._readings.agree((event.sender_key, event.session_id, message_index), event.event_id):
            return True
        raise ReplayedMessage(f"{event.event_id} says again what was said before")

    def decrypt(self, sender: str, sender_key: str, message: Any) -> Any:
        """nio's goes on with devices that write with a one-time key which we do not have; this one begins anew."""
        try:
            return super().decrypt(sender, sender_key, message)
        except vodozemac.SessionCreationException:
            self._mark_device_for_unwedging(sender, sender_key)
            return None

    def _should_accept_forward(self, sender: str, sender_key: str, event: Any) -> bool:
        asked = self.outgoing_key_requests.get(event.session_id)
        maker = event.source["content"].get("sender_key")
        if asked is not None and maker == sender_key and asked.room_id == event.room_id:
            return True
        accepted: bool = super()._should_accept_forward(sender, sender_key, event)
        return accepted


def open_key_store(session: Session, folder: Path) -> nio.Client:
    """The file in `folder`, readable by its owner alone, made if need be. Raises Unusable, KeysLost."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        return _opened(session, folder)
    except (OSError, peewee.OperationalError) as error:
        raise KeyStoreUnusable(f"the encryption keys cannot be kept in {folder}: {error}") from error
    except _BROKEN as error:
        raise KeysLost(f"the file of encryption keys in {folder} is damaged ({error})") from error


@contextmanager
def disk_errors_explained() -> Iterator[None]:
    """Trouble with the disk becomes Unusable."""
    try:
        yield
    except peewee.OperationalError as error:
        raise KeyStoreUnusable(f"the encryption keys cannot be kept: {error}") from error


def feed_response(client: Any, kind: Any, answer: Json) -> None:
    """Let nio take in what the server sent. What somebody's device made up is passed over."""
    try:
        response = kind.from_dict(answer)
        if isinstance(response, kind):
            client.receive_response(response)
            return
    except peewee.OperationalError:  # the disk: if this were passed over, keys would be lost
        raise
    except Exception:
        log.exception("the encryption chokes on what the homeserver sent")
    log.warning("the encryption cannot use a part of what the homeserver sent (%s)", kind.__name__)


def make_device_keys(machine: Any) -> Json:
    """What to upload: this device's identity keys, once, and as many one-time keys as are missing there.

    Kept before they are uploaded: other keys under the same names would be refused after a crash.
    """
    body: Json = machine.share_keys()
    machine.save_account()
    return body


def make_fallback_key(machine: Any) -> Json:
    """What to upload so that others can write to this device when its one-time keys have run out. nio makes none."""
    account = machine.account._account
    account.generate_fallback_key()
    keys = {
        f"{SIGNED_CURVE25519}:{id}": {"key": key.to_base64(), "fallback": True}
        for id, key in account.fallback_key.items()
    }
    machine.save_account()
    by = f"ed25519:{machine.device_id}"
    signed = {id: key | {"signatures": {machine.user_id: {by: machine.sign_json(key)}}} for id, key in keys.items()}
    return {"fallback_keys": signed}


def _opened(session: Session, folder: Path) -> nio.Client:
    config = nio.ClientConfig(encryption_enabled=True, store_sync_tokens=False)
    client = nio.Client(session.user, session.device, str(folder), config)
    client.restore_login(session.user, session.device, session.token)
    client.olm = OlmMachine(session.user, session.device, client.store)
    return client


_MARK = "1970-01-01 00:00:00.000000"
"""As the moment when a session was made: that it comes from before a restore."""


class OlmSessions(SessionStore):  # type: ignore[misc]
    """Olm sessions by the key of the other device. `get` gives the one to send with."""

    def get(self, sender_key: str) -> OlmSession | None:
        return next(filter(_sends, self[sender_key]), None)

    @classmethod
    def of(cls, sessions: SessionStore) -> OlmSessions:
        made = cls()
        for key, known in sessions.items():
            for session in known:
                made.add(key, session)
        return made


def mark_restored(file: Path) -> None:
    """A key file as it was in a backup, before its first use. Raises Unusable.

    `shared` says whether the server gives our keys to others: as if not, so that those it has are replaced.
    """
    try:
        with closing(sqlite3.connect(file)) as keys, keys:
            keys.execute("UPDATE olmsessions SET creation_time = ?", (_MARK,))
            keys.execute("UPDATE accounts SET shared = 0")
    except sqlite3.Error as error:
        raise KeyStoreUnusable(f"the file of encryption keys {file.name} is damaged: {error}") from None


def _sends(session: OlmSession) -> bool:
    return bool(session.creation_time.year > 1970)


_TABLE = "CREATE TABLE IF NOT EXISTS readings (message INTEGER PRIMARY KEY, event INTEGER NOT NULL)"


class DecryptedEvents:
    def __init__(self, database: Any) -> None:
        """`database`: peewee's. Raises peewee.OperationalError, here as below."""
        self._database = database
        database.execute_sql(_TABLE)

    def agree(self, message: tuple[str, str, int], event: str) -> bool:
        """Whether it is read for the first time, or from the same event again. `message`: maker, session and place."""
        place, source = _fingerprint(*map(str, message)), _fingerprint(event)
        row = self._database.execute_sql("SELECT event FROM readings WHERE message = ?", (place,)).fetchone()
        if row is None:
            self._database.execute_sql("INSERT INTO readings VALUES (?, ?)", (place, source))
        return row is None or row[0] == source


def _fingerprint(*words: str) -> int:
    digest = hashlib.blake2b("\0".join(words).encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
