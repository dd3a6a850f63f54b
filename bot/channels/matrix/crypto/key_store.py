"""Keys of one device, in a SQLite file that matrix-nio keeps; and what nio's Olm machine lacks.

Client-Server API, "End-to-End Encryption": "Key algorithms", "One-time and fallback keys", "Messaging Algorithms".

Keys restored from a backup: an Olm session ratchets with each message, and may have sent some since the backup. Using
it again would reuse message keys, and its peer could decrypt nothing. So restored sessions only receive, and a new one
is begun with each device that is written to. One-time keys on the server may be newer than the backup, and nothing
encrypted with them could be read: `KeyExchange.compare` replaces them. Outbound Megolm sessions are never stored.
"""

import base64
import functools
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
from nacl.exceptions import CryptoError
from nacl.secret import Aead
from nio.crypto import Olm, SessionStore  # type: ignore[import-untyped]
from nio.store import DefaultStore  # type: ignore[import-untyped]

from bot.channels.matrix.login import MatrixSession
from bot.channels.matrix.schema import Json
from bot.messages import ChannelError, KeyStoreUnusable

log = logging.getLogger(__name__)

SECRET = "CONCIERGE_MATRIX_KEYS_SECRET, or secrets/matrix_keys_secret beside the settings"  # noqa: S105 (its name)
SIGNED_CURVE25519 = "signed_curve25519"
PICKLE_KEY = nio.ClientConfig().pickle_key  # nio's default: the one of all files
# Errors of nio on a damaged file.
DAMAGE = (peewee.DatabaseError, vodozemac.PickleException, vodozemac.LibolmPickleException, ValueError)
ONLY_RECEIVE = "UPDATE olmsessions SET creation_time = '1970-01-01 00:00:00.000000'"
"""Marks Olm sessions from before a restore."""
NOT_SHARED = "UPDATE accounts SET shared = 0"
"""`shared` means that the server gives our keys to others; it is cleared, so that those keys are replaced."""
# Fingerprints of decrypted messages and their events, against replays.
DECRYPTED_TABLE = "CREATE TABLE IF NOT EXISTS readings (message INTEGER PRIMARY KEY, event INTEGER NOT NULL)"


class KeySeal:
    """Authenticated encryption (XChaCha20-Poly1305) of texts under their names, with the secret of the settings."""

    def __init__(self, secret: str, user: str) -> None:
        self._aead = Aead(hashlib.blake2b(user.encode(), key=_root(secret), digest_size=32).digest())

    def seal(self, name: str, text: str) -> str:
        return base64.b64encode(self._aead.encrypt(text.encode(), name.encode())).decode()

    def unseal(self, name: str, sealed: str) -> str:
        """Raises KeyStoreUnusable if it was sealed with another secret, or under another name."""
        try:
            return self._aead.decrypt(base64.b64decode(sealed), name.encode()).decode()
        except (CryptoError, ValueError):
            raise KeyStoreUnusable(
                "the encryption keys in the store were encrypted with another secret than the present one: set that in "
                f"{SECRET}; if it is lost, log the bot's device out with its account, and it goes on as a new one"
            ) from None


@functools.cache
def _root(secret: str) -> bytes:
    """scrypt, since a secret made up by a person could otherwise be guessed; once for all networks of a process."""
    return hashlib.scrypt(secret.encode(), salt=b"concierge keys", n=2**14, r=8, p=1, dklen=32)


class KeysLost(ChannelError):
    """This device's keys are missing, or differ from those on the server: it can no longer be used."""


class ReplayedMessage(nio.EncryptionError):  # type: ignore[misc]
    """An event holds the ciphertext of another one."""


class OlmSessions(SessionStore):  # type: ignore[misc]
    """Olm sessions by the key of the other device. `get` returns the one to send with: none from before a restore."""

    def get(self, sender_key: str) -> Any:
        return next((session for session in self[sender_key] if session.creation_time.year > 1970), None)


class OlmMachine(Olm):  # type: ignore[misc]
    """nio's machine with a replay guard that outlasts restarts, and other rules for forwarded keys."""

    def load(self) -> None:
        super().load()
        usable = OlmSessions()
        for key, sessions in self.session_store.items():
            for session in sessions:
                usable.add(key, session)
        self.session_store: Any = usable
        self.store.database.execute_sql(DECRYPTED_TABLE)

    def message_index_ok(self, message_index: int, event: Any) -> bool:
        """Guard against replays ("m.megolm.v1.aes-sha2": which event each index was decrypted from).

        nio's guard forgets at a restart. This one stores a fingerprint of 8 bytes each of message and event beside the
        keys.
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
        """Decrypt an Olm message, and begin a new session with a device that used a one-time key which we do not have.

        nio raises an exception instead. Client-Server API, "Recovering from undecryptable messages".
        """
        try:
            return super().decrypt(sender, sender_key, message)
        except vodozemac.SessionCreationException:
            self._mark_device_for_unwedging(sender, sender_key)
            return None

    def create_group_session(self, sender_key: str, sender_fp_key: str, room: str, id: str, key: str) -> None:
        """Add a Megolm session, or leave the known one, if that begins earlier.

        Clients give the same session again, from its present message on, to a device that begins a new Olm session
        with them; nio would then read no earlier message any more.
        """
        known = self.inbound_group_store.get(room, sender_key, id)
        super().create_group_session(sender_key, sender_fp_key, room, id, key)
        new = self.inbound_group_store.get(room, sender_key, id)
        if known and known.first_known_index < new.first_known_index:
            self.inbound_group_store[room][sender_key][id] = known
            self.save_inbound_group_session(known)

    def _should_accept_forward(self, sender: str, sender_key: str, event: Any) -> bool:
        """Accept m.forwarded_room_key from the session's creator as well; nio does so only from its own user's
        devices."""
        request = self.outgoing_key_requests.get(event.session_id)
        maker = event.source["content"].get("sender_key")
        if request is not None and maker == sender_key and request.room_id == event.room_id:
            return True
        return bool(super()._should_accept_forward(sender, sender_key, event))


class KeyFile(DefaultStore):  # type: ignore[misc]
    """nio's file of keys, closed if it cannot be opened as one."""

    def __post_init__(self) -> None:
        try:
            super().__post_init__()
        except BaseException:
            self.database.close()
            raise


class DeviceKeys:
    """nio's client, with its Olm machine, and the store of its keys. A file takes each change at once.

    `seal`: encrypts other secrets of the device as well; None: they are stored as they are.
    """

    def __init__(self, client: nio.Client, seal: KeySeal | None = None) -> None:
        self.client, self.seal = client, seal

    async def flush(self) -> None:
        """Store the changes. Nothing that depends on them may leave before that."""

    def close(self) -> None:
        self.client.store.database.close()


def open_key_file(session: MatrixSession, folder: Path) -> DeviceKeys:
    """Open the file in `folder`, readable by its owner alone, made if need be. Raises KeyStoreUnusable, KeysLost."""
    try:
        with folder_errors_explained(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
            store = KeyFile(session.user, session.device, str(folder), PICKLE_KEY)
            try:
                return DeviceKeys(make_client(session, OlmMachine(session.user, session.device, store)))
            except BaseException:
                store.database.close()
                raise
    except DAMAGE as error:
        raise KeysLost(f"the file of encryption keys in {folder} is damaged ({error})") from error


@contextmanager
def folder_errors_explained(folder: Path) -> Iterator[None]:
    """Turn errors of a folder that cannot be used into KeyStoreUnusable."""
    try:
        yield
    except (OSError, peewee.OperationalError, sqlite3.OperationalError) as error:
        is_own = all(os.access(place, os.R_OK | os.W_OK) for place in (folder, *folder.glob("*")))
        hint = "" if is_own else f" (`chown -R {os.getuid()} {folder}`)"
        raise KeyStoreUnusable(f"the encryption keys cannot be kept in {folder}: {error}{hint}") from error


def mark_restored(file: Path) -> None:
    """Prepare a key file from a backup for its first use. Raises KeyStoreUnusable."""
    try:
        with closing(sqlite3.connect(file)) as keys, keys:
            keys.execute(ONLY_RECEIVE)
            keys.execute(NOT_SHARED)
    except sqlite3.Error as error:
        raise KeyStoreUnusable(f"the file of encryption keys {file.name} is damaged: {error}") from None


@contextmanager
def disk_errors_explained() -> Iterator[None]:
    """Turn errors of the disk into KeyStoreUnusable."""
    try:
        yield
    except peewee.OperationalError as error:
        raise KeyStoreUnusable(f"the encryption keys cannot be kept: {error}") from error


def feed_response(client: Any, kind: Any, answer: Json) -> None:
    """Let nio process an answer of the server. Invalid data that a device made up is skipped with a warning."""
    try:
        response = kind.from_dict(answer)
        if isinstance(response, kind):
            client.receive_response(response)
            return
    except peewee.OperationalError:  # of the disk: ignoring it would lose keys
        raise
    except Exception:
        log.exception("matrix-nio fails on what the homeserver sent")
    log.warning("the encryption cannot use a part of what the homeserver sent (%s)", kind.__name__)


def make_client(session: MatrixSession, machine: OlmMachine) -> nio.Client:
    """Return nio's client with our machine. Its own `restore_login` would load all keys for another one first."""
    client = nio.Client(session.user, session.device)
    client.user_id, client.access_token = session.user, session.token
    client.store, client.olm = machine.store, machine
    client.encrypted_rooms = machine.store.load_encrypted_rooms()
    return client


def _fingerprint(*parts: object) -> int:
    digest = hashlib.blake2b("\0".join(map(str, parts)).encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
