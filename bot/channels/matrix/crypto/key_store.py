"""The keys of one device, in a SQLite file that matrix-nio keeps; and what nio's Olm machine does not do by itself.

Client-Server API, "End-to-End Encryption": "Key algorithms", "One-time and fallback keys", "Messaging Algorithms".

Keys restored from a backup: an Olm session ratchets with each message, and may have sent some since the backup. Using
it again would reuse message keys, and its peer could decrypt nothing. So restored sessions only receive, and a new one
is begun with each device that is written to. One-time keys on the server may be newer than the backup, and nothing
encrypted with them could be read: `KeyExchange.compare` replaces them. Outbound Megolm sessions are never stored.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import nio  # type: ignore[import-untyped]
import peewee  # type: ignore[import-untyped]
import vodozemac
from nio.crypto import Olm, SessionStore  # type: ignore[import-untyped]
from nio.store import DefaultStore  # type: ignore[import-untyped]

from bot.channels.matrix.login import MatrixSession
from bot.channels.matrix.schema import Json
from bot.messages import ChannelError, KeyStoreUnusable

log = logging.getLogger(__name__)

SIGNED_CURVE25519 = "signed_curve25519"
_DAMAGE = (peewee.DatabaseError, vodozemac.PickleException, vodozemac.LibolmPickleException, ValueError)
_RESTORED = "1970-01-01 00:00:00.000000"
"""Creation time of Olm sessions from before a restore."""
_DECRYPTED_TABLE = "CREATE TABLE IF NOT EXISTS readings (message INTEGER PRIMARY KEY, event INTEGER NOT NULL)"


class KeysLost(ChannelError):
    """This device's keys are missing, or differ from those on the server: it cannot be used any more."""


class ReplayedMessage(nio.EncryptionError):  # type: ignore[misc]
    """An event holds the ciphertext of another one."""


class OlmSessions(SessionStore):  # type: ignore[misc]
    """Olm sessions by the key of the other device. `get` gives the one to send with: none from before a restore."""

    def get(self, sender_key: str) -> Any:
        return next((session for session in self[sender_key] if session.creation_time.year > 1970), None)

    @classmethod
    def copy(cls, sessions: SessionStore) -> OlmSessions:
        copy = cls()
        for key, known in sessions.items():
            for session in known:
                copy.add(key, session)
        return copy


class OlmMachine(Olm):  # type: ignore[misc]
    """Differs from nio's in what it remembers over restarts, and in whose keys it accepts."""

    def load(self) -> None:
        super().load()
        self.session_store: Any = OlmSessions.copy(self.session_store)
        self.store.database.execute_sql(_DECRYPTED_TABLE)

    def message_index_ok(self, message_index: int, event: Any) -> bool:
        """Replay guard ("m.megolm.v1.aes-sha2": which event each index was decrypted from); nio's forgets at a restart.

        Beside the keys, in their file: of a message and of its event a fingerprint of 8 bytes each.
        """
        message, source = _fingerprint(event.sender_key, event.session_id, message_index), _fingerprint(event.event_id)
        execute = self.store.database.execute_sql
        row = execute("SELECT event FROM readings WHERE message = ?", (message,)).fetchone()
        if row is None:
            execute("INSERT INTO readings VALUES (?, ?)", (message, source))
        elif row[0] != source:
            raise ReplayedMessage(f"{event.event_id} replays an earlier event")
        return True

    def decrypt(self, sender: str, sender_key: str, message: Any) -> Any:
        """nio goes on with devices that write with a one-time key which we do not have; this begins a new session.

        Client-Server API, "Recovering from undecryptable messages".
        """
        try:
            return super().decrypt(sender, sender_key, message)
        except vodozemac.SessionCreationException:
            self._mark_device_for_unwedging(sender, sender_key)
            return None

    def _should_accept_forward(self, sender: str, sender_key: str, event: Any) -> bool:
        """nio accepts m.forwarded_room_key only from devices of its own user; this also from the session's maker."""
        request = self.outgoing_key_requests.get(event.session_id)
        maker = event.source["content"].get("sender_key")
        if request is not None and maker == sender_key and request.room_id == event.room_id:
            return True
        is_accepted: bool = super()._should_accept_forward(sender, sender_key, event)
        return is_accepted


class KeyFile(DefaultStore):  # type: ignore[misc]
    """nio's file of keys, closed if it cannot be opened as one."""

    def __post_init__(self) -> None:
        try:
            super().__post_init__()
        except BaseException:
            self.database.close()
            raise


def open_key_store(session: MatrixSession, folder: Path) -> nio.Client:
    """The file in `folder`, readable by its owner alone, made if need be. Raises KeyStoreUnusable, KeysLost."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        return _open_client(session, folder)
    except (OSError, peewee.OperationalError) as error:
        is_own = all(os.access(place, os.R_OK | os.W_OK) for place in (folder, *folder.glob("*")))
        hint = "" if is_own else f" (`chown -R {os.getuid()} {folder}`)"
        raise KeyStoreUnusable(f"the encryption keys cannot be kept in {folder}: {error}{hint}") from error
    except _DAMAGE as error:
        raise KeysLost(f"the file of encryption keys in {folder} is damaged ({error})") from error


def mark_restored(file: Path) -> None:
    """A key file as it was in a backup, before its first use. Raises KeyStoreUnusable.

    `shared` says whether the server gives our keys to others: as if not, so that those it has are replaced.
    """
    try:
        with closing(sqlite3.connect(file)) as keys, keys:
            keys.execute("UPDATE olmsessions SET creation_time = ?", (_RESTORED,))
            keys.execute("UPDATE accounts SET shared = 0")
    except sqlite3.Error as error:
        raise KeyStoreUnusable(f"the file of encryption keys {file.name} is damaged: {error}") from None


@contextmanager
def disk_errors_explained() -> Iterator[None]:
    """Errors of the disk become KeyStoreUnusable."""
    try:
        yield
    except peewee.OperationalError as error:
        raise KeyStoreUnusable(f"the encryption keys cannot be kept: {error}") from error


def feed_response(client: Any, kind: Any, answer: Json) -> None:
    """Let nio process what the server sent. What somebody's device made up is passed over."""
    try:
        response = kind.from_dict(answer)
        if isinstance(response, kind):
            client.receive_response(response)
            return
    except peewee.OperationalError:  # the disk: if this were passed over, keys would be lost
        raise
    except Exception:
        log.exception("matrix-nio fails on what the homeserver sent")
    log.warning("the encryption cannot use a part of what the homeserver sent (%s)", kind.__name__)


def make_device_keys(machine: Any) -> Json:
    """Body of POST /keys/upload: this device's identity keys, once, and as many one-time keys as are missing there.

    Stored before they are uploaded: other keys under the same names would be refused after a crash.
    """
    body: Json = machine.share_keys()
    machine.save_account()
    return body


def make_fallback_key(machine: Any) -> Json:
    """Body of POST /keys/upload: the key that others get when the one-time keys have run out (MSC2732). nio makes
    none."""
    account = machine.account._account
    account.generate_fallback_key()
    keys = {id: {"key": key.to_base64(), "fallback": True} for id, key in account.fallback_key.items()}
    machine.save_account()
    signed = {f"{SIGNED_CURVE25519}:{id}": key | {"signatures": _sign(machine, key)} for id, key in keys.items()}
    return {"fallback_keys": signed}


def _sign(machine: Any, key: Json) -> Json:
    """Appendices, "Signing JSON"."""
    return {machine.user_id: {f"ed25519:{machine.device_id}": machine.sign_json(key)}}


def _open_client(session: MatrixSession, folder: Path) -> nio.Client:
    config = nio.ClientConfig(store=KeyFile, encryption_enabled=True, store_sync_tokens=False)
    client = nio.Client(session.user, session.device, str(folder), config)
    try:
        client.restore_login(session.user, session.device, session.token)
        client.olm = OlmMachine(session.user, session.device, client.store)
    except BaseException:
        if client.store:
            client.store.database.close()
        raise
    return client


def _fingerprint(*parts: object) -> int:
    digest = hashlib.blake2b("\0".join(map(str, parts)).encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
