"""Matrix: brings in what people say in its rooms, and sends what the bot says."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

from bot.channels.matrix import event_parser, permissions, send
from bot.channels.matrix.client import MatrixClient, require_text
from bot.channels.matrix.crypto.device import Device
from bot.channels.matrix.event_parser import LATEST_EDIT, Raw, RoomRole
from bot.channels.matrix.invites import Invitations
from bot.channels.matrix.login import Account
from bot.channels.matrix.reader import apply_edit, attach_latest_edit, may_replace
from bot.channels.matrix.room_upgrades import RoomUpgrades
from bot.channels.matrix.rooms import Rooms
from bot.channels.matrix.send import find_sent
from bot.channels.matrix.sync import SyncLoop
from bot.messages import (
    MODERATOR_POWER,
    Event,
    Incoming,
    Joined,
    Memory,
    NetworkRefusal,
    Outgoing,
    RateLimited,
    Receive,
    Removal,
    Renewed,
    Reply,
    Unlocked,
    Unreachable,
)

__all__ = ["Account", "MatrixChannel"]

log = logging.getLogger(__name__)

_LOGIN = 10.0  # seconds that work from before a restart waits for the login before it is put off


class MatrixChannel:
    """One account on one homeserver, in the rooms of its settings and in direct ones. `called` is its own name;
    `told_time` hears what time it is there; `limited` is called whenever the homeserver asks for a pause.
    """

    name = event_parser.CHANNEL
    reacts = True

    def __init__(
        self,
        account: Account,
        memory: Memory,
        called: str,
        told_time: Callable[[datetime], None] = lambda _: None,
        limited: Callable[[], None] = lambda: None,
    ) -> None:
        self._account, self._memory, self._called = account, memory, called
        self._server = MatrixClient(account.homeserver, told_time, limited)
        self._rooms = Rooms(account, self._server, memory)
        self._upgrades = RoomUpgrades(self._server, memory, self._rooms)
        self._device = Device(account, self._server, memory, called)
        self._started = asyncio.Event()

    @property
    def user(self) -> str:
        """The bot's own user id, once started."""
        return self._device.session.user

    @property
    def moderators_room(self) -> str | None:
        return self._rooms.moderators

    async def start(self) -> None:
        await self._device.open()
        await self._rooms.open()
        await self._upgrades.open()
        self._started.set()
        await self._take_name()
        try:
            await self._rooms.enter()
        except (Unreachable, RateLimited) as trouble:
            log.warning("not in all rooms yet, trying again soon: %s", trouble)

    async def listen(self, receive: Receive, since: str | None) -> None:
        invitations = Invitations(self._account, self._server, self._memory, self._rooms, self.user)
        await invitations.open()
        ignored = self._account.ignore
        listening = SyncLoop(self._server, self._rooms, invitations, self._upgrades, self._device, self.user, ignored)
        await listening.run(receive, since)

    async def read(self, event: Event) -> Incoming | None:
        """Raises Unreachable or TooFast when the homeserver had to be asked and did not answer."""
        if event.kind == "renewed":
            return Renewed(event.channel, event.id, tuple(json.loads(event.content)))
        place = await self._place(event.room)
        if place is None or not event_parser.is_relevant(event, self.user, self._account.ignore):
            return None
        match event.kind:
            case "joined":
                return Joined(event.channel, event.id, event.room, place.listen)
            case "key":
                return Unlocked(event.channel, event.id, event.room)
            case "redaction":
                return event_parser.parse_redaction(event)
            case "reaction":
                return event_parser.parse_reaction(event, json.loads(event.content)["content"])
        return await self._read_words(event, place)

    async def fetch(self, room: str, event: str) -> Event | None:
        await self._ready()
        raw = await self._raw(room, event)
        found = event_parser.parse_event(raw, room) if raw else None
        return attach_latest_edit(found, raw) if raw and found else None

    async def send(self, outgoing: Outgoing, transaction: str) -> str:
        await self._ready()
        outgoing = self._today(outgoing)
        room = outgoing.room
        if isinstance(outgoing, Removal):
            path = ["rooms", room, "redact", outgoing.target, transaction]
            return require_text(await self._server.call("PUT", *path, body={}), "event_id")
        type, content = send.build_content(outgoing)
        # Never plain text into an encrypted room; but reactions are never encrypted, in any client.
        if type != "m.reaction" and await self.is_encrypted(room):
            type, content = await self._device.seal(room, type, content)
        sent = await self._server.call("PUT", "rooms", room, "send", type, transaction, body=content)
        return require_text(sent, "event_id")

    async def login(self) -> str:
        await self._ready()
        return self._device.session.device

    async def find_sent(self, outgoing: Outgoing, transaction: str, since: datetime, *others: str) -> Sequence[str]:
        await self._ready()
        return await find_sent(self._server, self.user, self._today(outgoing), (transaction, *others), since)

    async def power(self, room: str, user: str) -> int:
        await self._ready()
        return await permissions.fetch_power_level(self._server, room, user)

    async def moderates(self, user: str) -> bool:
        room = self.moderators_room
        return room is not None and await self.power(room, user) >= MODERATOR_POWER

    async def is_encrypted(self, room: str) -> bool:
        await self._ready()
        return self._device.is_encrypted(room) or await self._rooms.is_encrypted(room)

    async def is_private(self, event: Event) -> bool:
        place = await self._place(event.room)
        return place is None or place.private

    async def name_of(self, user: str) -> str:
        await self._ready()
        try:
            shown = (await self._server.call("GET", "profile", user, "displayname")).get("displayname")
        except NetworkRefusal:
            shown = None
        return shown if isinstance(shown, str) and shown.strip() else user

    async def recall(self) -> None:
        await self._rooms.open()

    def room_named(self, name: str) -> str | None:
        return self._rooms.named(name)

    def is_same_room(self, room: str, other: str) -> bool:
        return self._rooms.today(room) == self._rooms.today(other)

    def link(self, room: str, event: str) -> str:
        # Ids of version-12 rooms name no server: without one the link leads nowhere.
        server = self.user.partition(":")[2]
        return f"https://matrix.to/#/{quote(room, safe='!:')}/{quote(event, safe='$:')}?via={quote(server, safe=':')}"

    async def stop(self) -> None:
        self._device.close()
        await self._server.close()

    def _today(self, outgoing: Outgoing) -> Outgoing:
        """Where a room was replaced, in the new one, which knows nothing of the event that it answers."""
        room = self._rooms.today(outgoing.room)
        if room == outgoing.room or not isinstance(outgoing, Reply) or outgoing.replaces:
            return outgoing
        return replace(outgoing, room=room, to=None, thread=None)

    async def _ready(self) -> None:
        try:
            await asyncio.wait_for(self._started.wait(), _LOGIN)
        except TimeoutError:
            raise Unreachable("not logged in yet") from None

    async def _take_name(self) -> None:
        """Show our name where the account has none but its user id."""
        path = ["profile", self.user, "displayname"]
        try:
            try:
                shown = (await self._server.call("GET", *path)).get("displayname")
            except NetworkRefusal:
                shown = None
            if shown in (None, "", self.user[1:].partition(":")[0]):
                await self._server.call("PUT", *path, body={"displayname": self._called})
        except (Unreachable, RateLimited, NetworkRefusal) as trouble:
            log.warning("the account keeps its old name: %s", trouble)

    async def _place(self, room: str) -> RoomRole | None:
        await self._ready()
        if self._rooms.is_unsure(room):
            raise Unreachable(f"{room} is yet to be looked into")
        place = self._rooms.place(room)
        if place is None:
            return None
        try:
            encrypted = await self.is_encrypted(room)
        except NetworkRefusal:  # we are no longer in it
            return None
        return replace(place, private=place.private or encrypted, encrypted=encrypted)

    async def _read_words(self, event: Event, place: RoomRole) -> Incoming | None:
        raw = json.loads(event.content)
        clear = await self._device.clear(raw, event.room)
        if clear is None or clear.get("type") != "m.room.message":
            return None
        if event.kind != "edit":
            return event_parser.parse_message(event, await self._newest(raw, clear, event.room), place, self.user)
        original = await self._raw(event.room, event.relates_to or "")
        if original is None or not may_replace(raw, original):
            return None
        return event_parser.parse_edit(event, clear["content"], original, place, self.user)

    async def _newest(self, raw: Raw, clear: Raw, room: str) -> Raw:
        """What a message says in its newest words, if it was read again."""
        newer = raw.get(LATEST_EDIT)
        edit = await self._device.clear(newer, room) if newer and may_replace(newer, raw) else None
        content: Raw = clear["content"]
        return (apply_edit(clear, edit) if edit else None) or content

    async def _raw(self, room: str, event: str) -> Raw | None:
        """None too for one that stands in another room: a server need not look whether it does."""
        try:
            raw = await self._server.call("GET", "rooms", room, "event", event)
        except NetworkRefusal:
            return None
        return raw if raw.get("room_id", room) == room else None
