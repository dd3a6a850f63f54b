"""Matrix as a channel of the bot: one account on one homeserver.

In: `sync` journals raw events (`backfill` closes its gaps), which are read here (`event_parser`). Out: `send`. Rooms:
`rooms`, `invites`, `permissions`. Account and keys: `login`, `crypto`. All of them quote sections by their titles in
the Matrix specification v1.19 (https://spec.matrix.org/v1.19/).
"""

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

from bot.channels.channel_kind import ChannelInstance, Runtime
from bot.channels.matrix import event_parser
from bot.channels.matrix.client import MatrixClient
from bot.channels.matrix.crypto.device import Device
from bot.channels.matrix.event_parser import ENCRYPTED, LATEST_EDIT, STICKER, RoomRole
from bot.channels.matrix.invites import Invitations, RoomUpgrades
from bot.channels.matrix.login import Account, fetch_profile, fill_profile
from bot.channels.matrix.permissions import fetch_power_level
from bot.channels.matrix.rooms import Rooms
from bot.channels.matrix.schema import Raw, get_object, get_text
from bot.channels.matrix.send import find_sent, put_event, send_event
from bot.channels.matrix.settings import CAPABILITIES, MatrixSettings, get_server_name
from bot.channels.matrix.sync import SyncLoop
from bot.messages import (
    MODERATOR_POWER,
    Channel,
    Event,
    Incoming,
    Joined,
    NetworkRefusal,
    Outgoing,
    RateLimited,
    Reaction,
    Receive,
    Redaction,
    Renewed,
    Unlocked,
    Unreachable,
)

log = logging.getLogger(__name__)

_LOGIN_WAIT = 10.0  # seconds that work from before a restart waits for the login before it is postponed


class MatrixChannel(Channel):
    """An account on a homeserver. The bot's name is that of the account and of its device."""

    capabilities = CAPABILITIES

    def __init__(self, instance: ChannelInstance[MatrixSettings], runtime: Runtime) -> None:
        self.name, self._settings, self._runtime = instance.name, instance.settings, runtime
        callbacks = (runtime.on_time, runtime.on_rate_limited, runtime.seconds_left)
        self._server = MatrixClient(instance.settings.homeserver, *callbacks)
        self._rooms = Rooms(instance.settings, self._server, runtime.memory)
        self._upgrades = RoomUpgrades(self._server, runtime.memory, self._rooms)
        self._device = Device(Account(instance.settings.user, **instance.secrets), self._server, runtime)
        self._started = asyncio.Event()

    @property
    def user(self) -> str:
        """The bot's own user id, once started."""
        return self._device.session.user

    @property
    def moderators_room(self) -> str | None:
        return self._rooms.moderators_room

    async def start(self) -> None:
        await self._device.open()
        await self._rooms.load()
        await self._upgrades.load()
        self._started.set()
        await fill_profile(self._server, self.user, self._runtime.bot_name)
        try:
            await self._rooms.join_all()
        except (Unreachable, RateLimited) as error:
            log.warning("not in all rooms yet, trying again soon: %s", error)

    async def listen(self, receive: Receive, since: str | None) -> None:
        invitations = Invitations(self._settings, self._server, self._runtime.memory, self._rooms, self.user)
        await invitations.load()
        loop = SyncLoop(self._server, self._rooms, invitations, self._upgrades, self._device, self._settings.ignore)

        async def receive_ours(events: Sequence[Event], position: str) -> None:
            await receive([replace(event, channel=self.name) for event in events], position)

        await loop.run(receive_ours, since)

    async def read(self, event: Event) -> Incoming | None:
        if event.kind == "renewed":
            return Renewed(event.channel, event.id, tuple(json.loads(event.content)))
        await self._wait_for_login()
        role = await self._role(event.room)
        if role is None or not event_parser.is_relevant(event, self.user, self._settings.ignore):
            return None
        match event.kind:
            case "joined":
                return Joined(event.channel, event.id, event.room, role.listen)
            case "key":
                return Unlocked(event.channel, event.id, event.room)
            case "redaction":
                return Redaction(event.channel, event.id, event.room, event.sender, event.relates_to or "")
            case "reaction":
                key = get_text(get_object(json.loads(event.content), "content", "m.relates_to"), "key")
                said = event.channel, event.id, event.room, event.sender, event.relates_to or ""
                return Reaction(*said, key, role.venue) if key else None
        return await self._read_message(event, role)

    async def fetch(self, room: str, event: str) -> Event | None:
        """Fetch an event with its latest edit, which the homeserver bundles; it counts if its sender made it."""
        await self._wait_for_login()
        raw = await self._fetch_raw(room, event)
        original = event_parser.parse_event(raw, room) if raw else None
        if raw is None or original is None:
            return None
        content, edit = original.content, get_object(raw, "unsigned", "m.relations", "m.replace")
        if edit.get("sender") == original.sender and isinstance(edit.get("content"), dict):
            bare = {key: value for key, value in edit.items() if key != "unsigned"}
            content = json.dumps(json.loads(content) | {LATEST_EDIT: bare}, ensure_ascii=False)
        return replace(original, channel=self.name, content=content)

    async def send(self, outgoing: Outgoing, transaction: str) -> str:
        await self._wait_for_login()
        outgoing = self._rooms.redirect(outgoing)
        if self._rooms.is_closed(outgoing.room):
            raise Unreachable("the room does not let the bot in yet")
        return await send_event(self._server, self._device, outgoing, transaction)

    async def login(self) -> str:
        await self._wait_for_login()
        return self._device.session.device

    async def find_sent(self, outgoing: Outgoing, transaction: str, since: datetime, *others: str) -> Sequence[str]:
        await self._wait_for_login()
        return await find_sent(self._server, self.user, self._rooms.redirect(outgoing), (transaction, *others), since)

    async def power(self, room: str, user: str) -> int:
        await self._wait_for_login()
        return await fetch_power_level(self._server, room, user)

    async def moderates(self, user: str) -> bool:
        room = self.moderators_room
        return room is not None and await self.power(room, user) >= MODERATOR_POWER

    async def is_encrypted(self, room: str) -> bool:
        await self._wait_for_login()
        return await self._device.is_encrypted(room)

    async def is_private(self, event: Event) -> bool:
        await self._wait_for_login()
        role = await self._role(event.room)
        return role is None or role.private

    async def name_of(self, id: str) -> str:
        await self._wait_for_login()
        name: object = None
        if id.startswith("!"):  # else a room is named by its alias, which people know
            name = (await self._server.look("rooms", id, "state", "m.room.name") or {}).get("name")
        elif id.startswith("@"):
            name = await fetch_profile(self._server, id, "displayname")
        return name if isinstance(name, str) and name.strip() else id

    async def recall(self) -> None:
        await self._rooms.load()

    def room_named(self, name: str) -> str | None:
        return self._rooms.find_id(name)

    def is_same_room(self, room: str, other: str) -> bool:
        return self._rooms.resolve(room) == self._rooms.resolve(other)

    def link(self, room: str, event: str) -> str:
        """Return the address of an event (Appendices, "matrix.to navigation").

        `via` is needed since ids of version-12 rooms name no server (MSC4291).
        """
        server = quote(get_server_name(self.user), safe=":")
        return f"https://matrix.to/#/{quote(room, safe='!:')}/{quote(event, safe='$:')}?via={server}"

    async def stop(self) -> None:
        self._device.close()
        await self._server.close()

    async def _wait_for_login(self) -> None:
        try:
            await asyncio.wait_for(self._started.wait(), _LOGIN_WAIT)
        except TimeoutError:
            raise Unreachable("not logged in yet") from None

    async def _role(self, room: str) -> RoomRole | None:
        """Return the room's role; None if the bot has no business there, or is no longer in it."""
        if self._rooms.is_unverified(room):
            raise Unreachable(f"{room} is not verified yet as the successor of a room")
        role = self._rooms.get_role(room)
        if role is None:
            return None
        try:
            encrypted = await self._device.is_encrypted(room)
        except NetworkRefusal:
            return None
        return replace(role, private=role.private or encrypted, encrypted=encrypted)

    async def _read_message(self, event: Event, role: RoomRole) -> Incoming | None:
        """Read a message, an edit ("Event replacements", MSC2676) or a step of a verification."""
        raw = json.loads(event.content)
        decrypted = await self._device.decrypt(raw, event.room)
        if decrypted and (step := event_parser.find_verification_step(decrypted)):
            try:
                for type, answer in await self._device.verify(raw, decrypted["content"], step, role.direct):
                    await put_event(self._server, self._device, event.room, type, answer, f"{event.id} {type}")
            except NetworkRefusal as refusal:
                log.warning("a verification is left unanswered: %s", refusal)
            return None
        if decrypted is None or decrypted.get("type") not in ("m.room.message", STICKER):
            return None
        if event.kind != "edit":
            content, edit = decrypted["content"], raw.get(LATEST_EDIT)
            latest = await self._device.decrypt(edit, event.room) if edit and may_replace(edit, raw) else None
            if latest and (new := get_object(latest, "content", "m.new_content")):
                content = new | {"m.relates_to": get_object(content, "m.relates_to")}
            return event_parser.parse_message(event, content, role, self.user)
        original = await self._fetch_raw(event.room, event.relates_to or "")
        if original is None or not may_replace(raw, original):
            return None
        return event_parser.parse_edit(event, decrypted["content"], original, role, self.user)

    async def _fetch_raw(self, room: str, id: str) -> Raw | None:
        """Fetch an event; None also for one of another room: a server need not check that it is in this one."""
        raw = await self._server.look("rooms", room, "event", id)
        return raw if raw and raw.get("room_id", room) == room else None


def may_replace(edit: Raw, original: Raw) -> bool:
    """Whether an edit may replace the text. Plain text may not replace an encrypted one: it may come from somebody who
    got hold of the account alone."""
    return original.get("type") != ENCRYPTED or edit.get("type") == ENCRYPTED
