"""The keys of one device, in a SQLite file that matrix-nio keeps; and what nio's machine does not do by itself."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nio  # type: ignore[import-untyped]
import peewee  # type: ignore[import-untyped]
import vodozemac
from nio.crypto import Olm  # type: ignore[import-untyped]

from bot.channels.matrix.client import Json
from bot.channels.matrix.crypto.after_restore import Sessions
from bot.channels.matrix.crypto.decrypted_events import DecryptedEvents
from bot.channels.matrix.login import Session
from bot.messages import ChannelError, KeyStoreUnusable

log = logging.getLogger(__name__)

CURVE = "signed_curve25519"
_BROKEN = (peewee.DatabaseError, vodozemac.PickleException, vodozemac.LibolmPickleException, ValueError)


class KeysLost(ChannelError):
    """This device's keys are not here, or not those that the server gives to others: it cannot be used any more."""


class Replay(nio.EncryptionError):  # type: ignore[misc]
    """What an event says was said by another one before."""


class Machine(Olm):  # type: ignore[misc]
    """nio's takes a key for a second time only from other devices of its own user; this one also from its maker. And
    nio's forgets with each restart what it has read; this one does not."""

    def load(self) -> None:
        super().load()
        self.session_store: Any = Sessions.of(self.session_store)
        self._readings = DecryptedEvents(self.store.database)

    def message_index_ok(self, message_index: int, event: Any) -> bool:
        if self._readings.agree((event.sender_key, event.session_id, message_index), event.event_id):
            return True
        raise Replay(f"{event.event_id} says again what was said before")

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


def open_keys(session: Session, folder: Path) -> nio.Client:
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
def explained() -> Iterator[None]:
    """Trouble with the disk becomes Unusable."""
    try:
        yield
    except peewee.OperationalError as error:
        raise KeyStoreUnusable(f"the encryption keys cannot be kept: {error}") from error


def give(client: Any, kind: Any, answer: Json) -> None:
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


def new_keys(machine: Any) -> Json:
    """What to upload: this device's identity keys, once, and as many one-time keys as are missing there.

    Kept before they are uploaded: other keys under the same names would be refused after a crash.
    """
    body: Json = machine.share_keys()
    machine.save_account()
    return body


def new_fallback_key(machine: Any) -> Json:
    """What to upload so that others can write to this device when its one-time keys have run out. nio makes none."""
    account = machine.account._account
    account.generate_fallback_key()
    keys = {f"{CURVE}:{id}": {"key": key.to_base64(), "fallback": True} for id, key in account.fallback_key.items()}
    machine.save_account()
    by = f"ed25519:{machine.device_id}"
    signed = {id: key | {"signatures": {machine.user_id: {by: machine.sign_json(key)}}} for id, key in keys.items()}
    return {"fallback_keys": signed}


def _opened(session: Session, folder: Path) -> nio.Client:
    config = nio.ClientConfig(encryption_enabled=True, store_sync_tokens=False)
    client = nio.Client(session.user, session.device, str(folder), config)
    client.restore_login(session.user, session.device, session.token)
    client.olm = Machine(session.user, session.device, client.store)
    return client
