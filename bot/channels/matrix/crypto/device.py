"""What the bot is on its homeserver: a login, the keys that belong to it, and its own signature on them."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from bot.channels.backoff import Backoff
from bot.channels.matrix import event_parser, login
from bot.channels.matrix.client import Json, MatrixClient
from bot.channels.matrix.crypto import key_store
from bot.channels.matrix.crypto.cross_signing import sign_device
from bot.channels.matrix.crypto.key_store import KeysLost
from bot.channels.matrix.crypto.machine import Encryption
from bot.channels.matrix.event_parser import Raw
from bot.channels.matrix.login import Account, Session
from bot.messages import Event, Loss, Memory, MissingKey, NetworkRefusal, RateLimited, Unreachable

log = logging.getLogger(__name__)

_NEWS = "matrix.news"
T = TypeVar("T")


class Device:
    """`called`: the name under which it is listed. A device whose keys are lost is replaced by a new one."""

    def __init__(self, account: Account, server: MatrixClient, memory: Memory, called: str) -> None:
        self._account, self._server, self._memory, self._called = account, server, memory, called
        self.session = Session(account.user, "", "")  # until it is logged in
        self._encryption: Encryption | None = None
        self._without = "" if account.encryption else "encryption is switched off"  # why it has none, for good
        self._unreadable: set[str] = set()  # rooms with encrypted messages that we cannot read; said once
        self._news: dict[Loss, str] = {}  # what the moderators are to know, and a token for it

    async def open(self) -> None:
        """Log in and have the keys at hand. Waits while the homeserver is unreachable. Raises LoggedOut."""
        self._news = json.loads(await self._memory.recall(_NEWS) or "{}")
        self.session = await _patiently("logging in", self._log_in)
        if not self.session.device:
            self._without = "the access token belongs to no device"
        if not self._without:
            await _patiently("setting up the encryption", self._set_up)

    def close(self) -> None:
        if self._encryption:
            self._encryption.close()
            self._encryption = None

    def take(self, sync: Raw) -> Sequence[tuple[str, str]]:
        """What a sync says about keys; the rooms and sessions that can be read from now on. Raises Unusable."""
        with key_store.disk_errors_explained():
            return self._encryption.take(sync) if self._encryption else ()

    async def look_after(self) -> None:
        """What the keys need after each sync. Raises LoggedOut, Unusable."""
        try:
            with key_store.disk_errors_explained():
                if self._encryption:
                    await self._encryption.look_after()
        except KeysLost as loss:
            await _patiently("a new device", partial(self._replace, loss))

    def news(self) -> list[Event]:
        """What the moderators are to know; given out until `told`."""
        return [event_parser.make_renewal_event(self._news, self.session.user, datetime.now(UTC))] if self._news else []

    async def told(self) -> None:
        if self._news:
            self._news = {}
            await self._memory.remember(_NEWS, None)

    def is_encrypted(self, room: str) -> bool:
        """Whether the room is known to be; otherwise the homeserver knows."""
        return self._encryption is not None and self._encryption.is_encrypted(room)

    async def clear(self, raw: Raw, room: str) -> Json | Raw | None:
        """What an event says in the clear; None: it will never be known. Raises NoKey."""
        if raw["type"] != "m.room.encrypted":
            return raw
        if self._encryption is None:
            self._lacking(room)
            clear = None
        else:
            clear = await self._decrypted(self._encryption, raw, room)
        if clear is None:
            self._complain(room)
        return clear

    async def seal(self, room: str, type: str, content: Json) -> tuple[str, Json]:
        """What to send into an encrypted room instead."""
        if self._encryption is None:
            self._lacking(room)
            raise NetworkRefusal(f"{room} is encrypted, and {self._without}")
        return await self._encryption.encrypt(room, type, content)

    async def _log_in(self) -> Session:
        return await login.resume_session(self._account, self._server, self._memory) or await self._begin()

    async def _begin(self) -> Session:
        session, again = await login.log_in(self._account, self._server, self._memory, self._called)
        if (again or self.session.device) and self._account.encryption:
            await self._note("device", secrets.token_hex(4))
        await login.save_session(self._memory, session)
        return session

    async def _set_up(self) -> None:
        try:
            await self._open_keys()
        except KeysLost as loss:
            await self._replace(loss)

    async def _open_keys(self) -> None:
        encryption = Encryption(self._server, self.session, self._account.key_store)
        try:
            with key_store.disk_errors_explained():
                await encryption.open()
            if await sign_device(self._server, self._account, self._memory, self.session):
                await self._note("identity", secrets.token_hex(4))
        except BaseException:
            encryption.close()
            raise
        self._encryption = encryption

    async def _replace(self, loss: KeysLost) -> None:
        log.error("%s", loss)
        self.close()
        if self._account.password is None:
            self._without = "its keys are lost: set a new CONCIERGE_MATRIX_ACCESS_TOKEN, or CONCIERGE_MATRIX_PASSWORD"
            log.error("encrypted rooms can be neither read nor written in, %s", self._without)
            await self._note("encryption", self.session.device)
            return
        self.session = await self._begin()
        await self._open_keys()

    async def _note(self, loss: Loss, token: str) -> None:
        self._news = self._news | {loss: token}
        await self._memory.remember(_NEWS, json.dumps(self._news))

    async def _decrypted(self, encryption: Encryption, raw: Raw, room: str) -> Json | None:
        try:
            with key_store.disk_errors_explained():
                await encryption.know_sender(raw, room)
                return encryption.decrypt(raw, room)
        except MissingKey:
            self._complain(room)
            await encryption.ask_for_keys()
            raise

    def _lacking(self, room: str) -> None:
        if not self._without:
            raise Unreachable(f"{room} is encrypted, and the keys are not set up yet")

    def _complain(self, room: str) -> None:
        if room not in self._unreadable:
            self._unreadable.add(room)
            log.warning("cannot read encrypted messages in %s%s", room, self._without and f", {self._without}")


async def _patiently(what: str, step: Callable[[], Awaitable[T]]) -> T:
    """Again and again until the homeserver answers."""
    backoff = Backoff(what)
    while True:
        try:
            return await step()
        except (Unreachable, RateLimited) as trouble:
            await backoff.wait(trouble)
