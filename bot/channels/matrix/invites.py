"""Rooms that others ask the bot to enter: by an invitation, or by a room upgrade.

Invitations: a room of the settings or a direct room of somebody we know is entered, any other is declined.
Client-Server API, "Room membership" and "Direct Messaging" (`is_direct`); a sync shows them as `invite_state`.

Upgrades: m.room.tombstone in the old room names the new one, whose m.room.create names its `predecessor` ("Room
Upgrades"). A tombstone can name any room, so the bot checks before it joins. The rule is in docs/security.md.
"""

import json
import logging
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass

from bot.channels.matrix.client import MatrixClient, MatrixNotFound
from bot.channels.matrix.event_parser import has_membership
from bot.channels.matrix.permissions import fetch_predecessor, is_member, is_readable, may_invite, may_upgrade
from bot.channels.matrix.rooms import Rooms, fetch_summary, join_room
from bot.channels.matrix.schema import Raw
from bot.channels.matrix.settings import MatrixSettings, get_server_name
from bot.messages import Memory, NetworkRefusal

log = logging.getLogger(__name__)

TOMBSTONE = "m.room.tombstone"
_UPGRADES = "matrix.upgrades"  # in the store's memory
_ROOM_ID = re.compile("![!-~]{1,254}")  # 255 bytes at most
_CROWD = "there are more than the two of us in it"
_INVITATIONS = "matrix.invitations"  # in the store's memory


@dataclass(frozen=True, slots=True)
class Invitation:
    inviter: str
    direct: bool


def parse_invitation(data: Raw, bot_id: str) -> Invitation | None:
    """Parse the `invite_state` of a sync, which also holds the inviter's own member event. Pure."""
    for raw in data["invite_state"]["events"]:
        inviter = raw.get("sender")
        if has_membership(raw, bot_id, "invite") and isinstance(inviter, str):
            return Invitation(inviter, raw["content"].get("is_direct") is True)
    return None


class Invitations:
    """Invitations, stored until they are answered: a sync shows each once."""

    def __init__(
        self, settings: MatrixSettings, server: MatrixClient, memory: Memory, rooms: Rooms, bot_id: str
    ) -> None:
        self._settings, self._server, self._memory, self._rooms, self._bot_id = settings, server, memory, rooms, bot_id
        self._pending: dict[str, Invitation] = {}  # by room id
        rooms.invited = self._pending.keys()
        self._declined: set[str] = set()

    async def load(self) -> None:
        stored = json.loads(await self._memory.get(_INVITATIONS) or "{}")
        self._pending |= {room: Invitation(one["inviter"], one["direct"]) for room, one in stored.items()}

    async def apply_sync(self, rooms: Mapping[str, Raw]) -> bool:
        """Store the invitations in a sync's `rooms`. Returns True when there are new ones to answer."""
        current = {room: parse_invitation(data, self._bot_id) for room, data in rooms["invite"].items()}
        new = {room: one for room, one in current.items() if one and self._pending.get(room) != one}
        gone = self._pending.keys() & (rooms["leave"].keys() | rooms["join"].keys())
        for room in gone:
            del self._pending[room]
        self._pending |= new
        if new or gone:
            await save_pending(self._memory, _INVITATIONS, self._pending)
        return bool(new)

    async def answer_all(self) -> None:
        """Answer all invitations. Raises Unreachable or RateLimited: those not answered yet stay pending."""
        for room, invitation in list(self._pending.items()):
            if self._rooms.is_unverified(room):
                continue  # it claims to replace one of ours: `RoomUpgrades` enters it, or leaves it to us
            try:
                await self._answer(room, invitation)
            except NetworkRefusal as refusal:
                log.warning("the invitation to %s cannot be answered: %s", room, refusal)
                await self._rooms.set_direct(room, None)
            self._pending.pop(room, None)
            await save_pending(self._memory, _INVITATIONS, self._pending)

    async def _answer(self, room: str, invitation: Invitation) -> None:
        role = self._rooms.get_role(room)
        if role and not role.private:
            await join_room(self._server, room)
            return
        objection = await self._find_objection(room, invitation)
        if objection is None:
            # Before joining: a sync may bring the first messages before the answer comes.
            await self._rooms.set_direct(room, True)
            await join_room(self._server, room)
            answer = await self._server.call("GET", "rooms", room, "members", query={"not_membership": "leave"})
            memberships = [raw["content"].get("membership") for raw in answer.get("chunk", ())]
            if memberships.count("join") + memberships.count("invite") == 2:
                log.info("in a direct room with %s: %s", invitation.inviter, room)
                return
            objection = _CROWD
        await self._rooms.set_direct(room, None)
        if room not in self._declined:
            log.warning("declined the invitation of %s to %s: %s", invitation.inviter, room, objection)
        self._declined.add(room)
        with suppress(MatrixNotFound):
            await self._server.call("POST", "rooms", room, "leave", body={})

    async def _find_objection(self, room: str, invitation: Invitation) -> str | None:
        if not (invitation.direct or self._rooms.is_after_direct(room)):
            return "it is no direct room and not in the settings"
        if not self._settings.direct:
            return "direct rooms are switched off"
        if invitation.inviter in self._settings.ignore:
            return "it comes from another bot"
        if not any([await is_member(self._server, listed, invitation.inviter) for listed in self._rooms.listed]):
            return "the inviter is in none of the bot's rooms"
        # Before joining: any member of a public room can call it direct and invite the bot.
        summary = await fetch_summary(self._server, room, invitation.inviter)
        return _CROWD if summary is not None and summary.get("num_joined_members") != 1 else None


@dataclass(frozen=True, slots=True)
class RoomUpgrade:
    """The user `by` claims that the room `to` replaces another."""

    to: str
    by: str


def parse_tombstone(data: Raw) -> RoomUpgrade | None:
    """Return the latest tombstone in a room's part of a sync, in its state or in its timeline. Pure."""
    events = [*data["state"]["events"], *data["timeline"]["events"]]
    tombstones = [raw for raw in events if raw.get("type") == TOMBSTONE and raw.get("state_key") == ""]
    if not tombstones:
        return None
    to, by = tombstones[-1]["content"].get("replacement_room"), tombstones[-1].get("sender")
    return RoomUpgrade(to, by) if isinstance(to, str) and _ROOM_ID.fullmatch(to) and isinstance(by, str) else None


class RoomUpgrades:
    """Upgrades, stored until the bot has followed, or knows that it must not: a sync shows each once.

    A room that is closed to the bot, or that shows nothing to those outside, takes an invitation.
    """

    def __init__(self, server: MatrixClient, memory: Memory, rooms: Rooms) -> None:
        self._server, self._memory, self._rooms = server, memory, rooms
        self._pending: dict[str, RoomUpgrade] = {}  # by the old room's id
        self._logged: set[str] = set()  # new rooms whose failure was logged

    async def load(self) -> None:
        stored = json.loads(await self._memory.get(_UPGRADES) or "{}")
        self._set_pending({room: RoomUpgrade(**fields) for room, fields in stored.items()})

    async def apply_sync(self, rooms: Mapping[str, Raw]) -> bool:
        """Store the upgrades in a sync's `rooms`. Returns True when there are new ones to follow."""
        ours = {room: data for room, data in rooms["join"].items() if self._rooms.is_ours(room)}
        current = {room: parse_tombstone(data) for room, data in ours.items()}
        new = {room: one for room, one in current.items() if one and one.to != room and self._pending.get(room) != one}
        if new:
            await self._store(self._pending | new)
        return bool(new)

    async def follow_all(self) -> None:
        """Follow all upgrades. Raises Unreachable or RateLimited: those not followed yet stay pending."""
        for old, upgrade in list(self._pending.items()):
            try:
                await self._follow(old, upgrade)
            except NetworkRefusal as refusal:
                if upgrade.to not in self._logged:
                    text = (
                        "the room %s was replaced by %s, which the bot does not enter by itself (%s): invite it there"
                    )
                    log.warning(text, old, upgrade.to, refusal)
                self._logged.add(upgrade.to)
            else:
                await self._store({room: other for room, other in self._pending.items() if room != old})

    async def _follow(self, old: str, upgrade: RoomUpgrade) -> None:
        to, by = upgrade.to, upgrade.by
        if self._rooms.is_direct(old) and not self._rooms.is_ours(to):  # anybody can have a direct room, and end it
            raise NetworkRefusal("the one after a direct room takes an invitation")
        if not self._rooms.is_configured(old):  # `Invitations` followed, or the bot left it
            return
        if objection := await self._enter(old, upgrade) or await self._find_objection(old, upgrade):
            log.warning("%s says that %s replaces %s, but %s: not followed", by, to, old, objection)
            if await self._is_inside(to) and not self._rooms.is_ours(to):
                await self._server.call("POST", "rooms", to, "leave", body={})
            return
        await self._rooms.move(old, to)
        log.info("the room %s was replaced by %s: the bot goes on there", old, to)

    async def _enter(self, old: str, upgrade: RoomUpgrade) -> str | None:
        """Join, or return an objection that shows from outside. Raises NetworkRefusal if that takes an invitation."""
        if await self._is_inside(upgrade.to):
            return None
        if not await may_upgrade(self._server, old, upgrade.by):
            return "has no power to say so"
        summary = await fetch_summary(self._server, upgrade.to, upgrade.by)
        if summary is None and upgrade.to not in self._rooms.invited:
            raise NetworkRefusal("nothing is seen of it from outside")
        is_shown = summary is not None and summary.get("world_readable") is True
        if is_shown and await is_readable(self._server, upgrade.to):
            objection = await self._find_objection(old, upgrade)
            if objection:
                return objection
        # Ids of version-12 rooms name no server (MSC4291); the sender's knows the way. `via`: since v1.12 (MSC4156).
        query = dict.fromkeys(("via", "server_name"), get_server_name(upgrade.by))
        await join_room(self._server, upgrade.to, query)
        return None

    async def _find_objection(self, old: str, upgrade: RoomUpgrade) -> str | None:
        if not await may_invite(self._server, upgrade.to, upgrade.by):
            return "may not invite there"
        return None if await fetch_predecessor(self._server, upgrade.to) == old else "that room does not say so itself"

    async def _is_inside(self, room: str) -> bool:
        return room in (await self._server.call("GET", "joined_rooms")).get("joined_rooms", ())

    async def _store(self, pending: dict[str, RoomUpgrade]) -> None:
        await save_pending(self._memory, _UPGRADES, pending)
        self._set_pending(pending)

    def _set_pending(self, pending: dict[str, RoomUpgrade]) -> None:
        self._pending = pending
        bound_last = sorted(pending, key=self._rooms.is_configured)  # a direct room that names the same takes no place
        self._rooms.unverified = {pending[room].to: room for room in bound_last}


async def save_pending(memory: Memory, name: str, pending: Mapping[str, Invitation | RoomUpgrade]) -> None:
    """Store what is still to be done, by room id; nothing if nothing is."""
    fields = {room: asdict(one) for room, one in pending.items()}
    await memory.set(name, json.dumps(fields) if fields else None)
