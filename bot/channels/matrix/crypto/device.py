"""The bot as a device of its account: a login, the keys that belong to it, and its own signature on them.

Client-Server API, "End-to-End Encryption" and "Device Management".
"""

import json
import logging
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

from bot.channels.backoff import Backoff
from bot.channels.channel_kind import Runtime
from bot.channels.matrix import login
from bot.channels.matrix.client import MatrixClient, MatrixNotFound
from bot.channels.matrix.crypto.cross_signing import load_identity, sign_device
from bot.channels.matrix.crypto.key_store import KeysLost, disk_errors_explained
from bot.channels.matrix.crypto.machine import Encryption
from bot.channels.matrix.crypto.sas import Party
from bot.channels.matrix.crypto.sealed_keys import open_keys
from bot.channels.matrix.crypto.verification import Verifications, make_cancellation
from bot.channels.matrix.event_parser import CHANNEL, ENCRYPTED
from bot.channels.matrix.login import Account, MatrixSession
from bot.channels.matrix.schema import Json, Raw
from bot.messages import Event, Loss, MissingKey, NetworkRefusal, RateLimited, Unreachable

log = logging.getLogger(__name__)

_LOSSES = "matrix.news"  # in the store's memory


class Device:
    """A device, listed under the bot's name. If its keys are lost, a new device replaces it."""

    def __init__(self, account: Account, server: MatrixClient, runtime: Runtime) -> None:
        self._account, self._server, self._runtime, self._memory = account, server, runtime, runtime.memory
        self.session = MatrixSession(account.user, "", "")  # until it is logged in
        self._encryption: Encryption | None = None
        self._verifications: Verifications | None = None
        self._reason = ""  # why it has no keys, for good
        self._encrypted: dict[str, bool] = {}  # by room
        self._unreadable: set[str] = set()  # rooms with encrypted messages that we cannot read; logged once
        self._losses: dict[Loss, str] = {}  # with a token each, until the moderators know

    async def open(self) -> None:
        """Log in and open the keys. Waits while the homeserver is unreachable. Raises AuthenticationFailed."""
        self._losses = json.loads(await self._memory.get(_LOSSES) or "{}")
        await Backoff("logging in").retry(self._log_in)

    def close(self) -> None:
        if self._encryption:
            self._encryption.close()
            self._encryption = None

    async def apply_sync(self, sync: Json) -> Sequence[tuple[str, str]]:
        """Take encryption and keys from a sync. Returns rooms and sessions that can be decrypted from now on.

        Raises KeyStoreUnusable.
        """
        for room, data in sync["rooms"]["join"].items():
            events = (*data["state"]["events"], *data["timeline"]["events"])
            if any(raw.get("type") == "m.room.encryption" for raw in events):
                self._encrypted[room] = True
        with disk_errors_explained():
            return await self._encryption.apply_sync(sync) if self._encryption else ()

    async def exchange_keys(self, sync: Json) -> None:
        """Exchange keys after a sync, and answer its verifications. Raises AuthenticationFailed, KeyStoreUnusable."""
        try:
            with disk_errors_explained():
                if self._encryption:
                    await self._encryption.exchange_keys()
        except KeysLost as loss:
            await Backoff("a new device").retry(partial(self._replace, loss))
        for message in sync["to_device"]["events"]:  # each once: a person who gets no answer begins again
            try:
                if self._verifications:
                    await self._verifications.receive_to_device(message)
            except (Unreachable, RateLimited, NetworkRefusal) as error:
                log.warning("a verification is left unanswered: %s", error)

    async def verify(self, raw: Raw, content: Raw, step: str, is_direct: bool) -> list[tuple[str, Json]]:
        """Take a step of a verification in a room: see `Verifications.receive_in_room`. Without keys it is
        cancelled."""
        if self._verifications:
            return await self._verifications.receive_in_room(raw, content, step, is_direct)
        is_for_us = self._reason and step == "request" and content.get("to") == self.session.user
        return [make_cancellation(raw["event_id"], self._reason)] if is_for_us else []

    def make_loss_events(self) -> list[Event]:
        """Return the event that tells the moderators of losses, if there are any; the same until `clear_losses`."""
        if not self._losses:
            return []
        id, content = f"renewed {' '.join(self._losses.values())}", json.dumps(list(self._losses))
        return [Event(CHANNEL, id, "", self.session.user, "renewed", datetime.now(UTC), content)]

    async def clear_losses(self) -> None:
        """Forget the losses once their events are journalled."""
        if self._losses:
            self._losses = {}
            await self._memory.set(_LOSSES, None)

    async def is_encrypted(self, room: str) -> bool:
        """Whether a room is encrypted, by the keys, by a sync, or by the homeserver, asked once.

        Once set it is never cleared ("End-to-End Encryption", m.room.encryption).
        """
        if self._encryption is not None and self._encryption.is_encrypted(room):
            return True
        if room not in self._encrypted:
            try:
                await self._server.call("GET", "rooms", room, "state", "m.room.encryption")
            except MatrixNotFound:
                self._encrypted.setdefault(room, False)
            else:
                self._encrypted[room] = True
        return self._encrypted[room]

    async def decrypt(self, raw: Raw, room: str) -> Json | Raw | None:
        """Return the event in plain text; unchanged if it is not encrypted, None if it never can be. Raises
        MissingKey."""
        if raw["type"] != ENCRYPTED:
            return raw
        encryption = self._encryption  # which another device may replace meanwhile
        if encryption is None:
            self._check_set_up(room)
            self._log_unreadable(room)
            return None
        try:
            with disk_errors_explained():
                decrypted = await encryption.decrypt(raw, room)
        except MissingKey:
            self._log_unreadable(room)
            await encryption.request_missing_keys()
            raise
        if decrypted is None:
            self._log_unreadable(room)
        return decrypted

    async def encrypt(self, room: str, type: str, content: Json) -> tuple[str, Json]:
        """Return type and content to send into an encrypted room instead."""
        if self._encryption is None:
            self._check_set_up(room)
            raise NetworkRefusal(f"{room} is encrypted, and {self._reason}")
        return await self._encryption.encrypt(room, type, content)

    async def _log_in(self) -> None:
        stored = await login.resume_session(self._account, self._server, self._memory)
        self.session = stored or await self._begin_session()
        if not self.session.device:
            self._reason = "the access token belongs to no device"
            return
        try:
            await self._open_keys()
        except KeysLost as loss:
            await self._replace(loss)

    async def _begin_session(self) -> MatrixSession:
        session, had_device = await login.log_in(self._account, self._server, self._memory, self._runtime.bot_name)
        if had_device or self.session.device:
            await self._note_loss("device", secrets.token_hex(4))
        await login.save_session(self._memory, session)
        return session

    async def _open_keys(self) -> None:
        secret, places = self._account.keys_secret, (self._runtime.key_folder, self._runtime.key_rows)
        keys = await open_keys(self.session, secret, *places)
        encryption = Encryption(self._server, keys)
        try:
            with disk_errors_explained():
                await encryption.open()
            identity = await load_identity(self._account, self._memory, self.session.user, keys.seal)
            if await sign_device(self._server, self._account, identity, self.session):
                await self._note_loss("identity", secrets.token_hex(4))
        except BaseException:
            encryption.close()
            raise
        self._encryption, id = encryption, identity.get_key_id("master")
        public = {f"ed25519:{self.session.device}": encryption.fingerprint, id: id.partition(":")[2]}
        self._verifications = Verifications(self._server, Party(self.session.user, self.session.device, public))

    async def _replace(self, loss: KeysLost) -> None:
        log.error("%s", loss)
        self.close()
        if self._account.password is None:
            self._reason = "its keys are lost: set a new access token, or the password (secrets/matrix_password)"
            log.error("encrypted rooms can be neither read nor written in, %s", self._reason)
            await self._note_loss("encryption", self.session.device)
            return
        self.session = await self._begin_session()
        await self._open_keys()

    async def _note_loss(self, loss: Loss, token: str) -> None:
        self._losses = self._losses | {loss: token}
        await self._memory.set(_LOSSES, json.dumps(self._losses))

    def _check_set_up(self, room: str) -> None:
        if not self._reason:
            raise Unreachable(f"{room} is encrypted, and the keys are not set up yet")

    def _log_unreadable(self, room: str) -> None:
        if room not in self._unreadable:
            self._unreadable.add(room)
            log.warning("cannot read encrypted messages in %s%s", room, self._reason and f", {self._reason}")
