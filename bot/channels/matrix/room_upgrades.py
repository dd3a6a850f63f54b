"""Rooms that were replaced by a new one (m.room.tombstone): whether the bot goes along.

It looks before it joins: a tombstone can name any room. The rule stands in docs/security.md.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from bot.channels.matrix.client import MatrixClient
from bot.channels.matrix.event_parser import Raw
from bot.channels.matrix.permissions import fetch_predecessor, is_readable, may_invite, may_replace
from bot.channels.matrix.rooms import JOIN_TIMEOUT, Rooms, fetch_summary, get_server_name
from bot.messages import Memory, NetworkRefusal

log = logging.getLogger(__name__)

TOMBSTONE = "m.room.tombstone"
_UPGRADES = "matrix.upgrades"
_ROOM_ID = re.compile("![!-~]{1,254}")


@dataclass(frozen=True, slots=True)
class RoomUpgrade:
    """`by` says that the room `to` takes the place of another."""

    to: str
    by: str


def parse_tombstone(data: Raw) -> RoomUpgrade | None:
    """The latest one in a room's part of a sync, in its state or in its timeline. Pure."""
    events = [*data["state"]["events"], *data["timeline"]["events"]]
    stones = [raw for raw in events if raw.get("type") == TOMBSTONE and raw.get("state_key") == ""]
    if not stones:
        return None
    to, by = stones[-1]["content"].get("replacement_room"), stones[-1].get("sender")
    return RoomUpgrade(to, by) if isinstance(to, str) and _ROOM_ID.fullmatch(to) and isinstance(by, str) else None


class RoomUpgrades:
    """A sync tells of each once: they are kept in the memory until the bot has gone along, or knows that it must not.

    Into a room that is closed to it, or of which it sees nothing from outside, the bot goes when it is invited.
    """

    def __init__(self, server: MatrixClient, memory: Memory, rooms: Rooms) -> None:
        self._server, self._memory, self._rooms = server, memory, rooms
        self._waiting: dict[str, RoomUpgrade] = {}  # by the old room's id
        self._told: set[str] = set()  # new rooms whose trouble stands in the log

    async def open(self) -> None:
        kept = json.loads(await self._memory.recall(_UPGRADES) or "{}")
        self._wait_for({room: RoomUpgrade(**one) for room, one in kept.items()})

    async def take(self, rooms: Mapping[str, Raw]) -> bool:
        """Note those of a sync's `rooms`; True when there are new ones to follow."""
        ours = {room: data for room, data in rooms.get("join", {}).items() if self._rooms.is_ours(room)}
        found = {room: parse_tombstone(data) for room, data in ours.items()}
        new = {room: one for room, one in found.items() if one and one.to != room and self._waiting.get(room) != one}
        if new:
            await self._keep(self._waiting | new)
        return bool(new)

    async def follow(self) -> None:
        """Go along with all that wait. Raises Unreachable or TooFast: the rest waits on."""
        for old, one in list(self._waiting.items()):
            try:
                await self._follow(old, one)
            except NetworkRefusal as refusal:
                self._tell(old, one, refusal)
            else:
                await self._keep({room: other for room, other in self._waiting.items() if room != old})

    async def _follow(self, old: str, one: RoomUpgrade) -> None:
        if self._rooms.is_direct(old) and not self._rooms.is_ours(one.to):  # anybody can have a direct room, and end it
            raise NetworkRefusal("the one after a direct room takes an invitation")
        if not self._rooms.is_bound(old):  # `Invitations` went along, or it was left
            return
        if objection := await self._enter(old, one) or await self._objection(old, one):
            log.warning("%s says that %s replaces %s, but %s: not followed", one.by, one.to, old, objection)
            return await self._leave(one.to)
        await self._rooms.move(old, one.to)
        log.info("the room %s was replaced by %s: the bot goes on there", old, one.to)

    async def _enter(self, old: str, one: RoomUpgrade) -> str | None:
        """Join, but for an objection that is seen from outside. Refused: as long as the bot is not invited."""
        if await self._is_inside(one.to):
            return None
        if objection := await self._distrust(old, one):
            return objection
        # The new room's id may name no server; that of who made it knows the way.
        via = get_server_name(one.by)
        await self._server.call(
            "POST", "join", one.to, query={"via": via, "server_name": via}, body={}, patience=JOIN_TIMEOUT
        )
        return None

    async def _distrust(self, old: str, one: RoomUpgrade) -> str | None:
        if not await may_replace(self._server, old, one.by):
            return "has no power to say so"
        seen = await fetch_summary(self._server, one.to, one.by)
        if seen is None and one.to not in self._rooms.invited:
            raise NetworkRefusal("nothing is seen of it from outside")
        open_to_all = (
            seen is not None and seen.get("world_readable") is True and await is_readable(self._server, one.to)
        )
        return await self._objection(old, one) if open_to_all else None

    async def _objection(self, old: str, one: RoomUpgrade) -> str | None:
        if not await may_invite(self._server, one.to, one.by):
            return "may not invite there"
        return None if await fetch_predecessor(self._server, one.to) == old else "that room does not say so itself"

    async def _is_inside(self, room: str) -> bool:
        return room in (await self._server.call("GET", "joined_rooms")).get("joined_rooms", ())

    async def _leave(self, room: str) -> None:
        if await self._is_inside(room) and not self._rooms.is_ours(room):
            await self._server.call("POST", "rooms", room, "leave", body={})

    def _tell(self, old: str, one: RoomUpgrade, refusal: NetworkRefusal) -> None:
        if one.to not in self._told:
            said = "the room %s was replaced by %s, which the bot does not enter by itself (%s): invite it there"
            log.warning(said, old, one.to, refusal)
        self._told.add(one.to)

    async def _keep(self, waiting: dict[str, RoomUpgrade]) -> None:
        kept = {room: asdict(one) for room, one in waiting.items()}
        await self._memory.remember(_UPGRADES, json.dumps(kept) if kept else None)
        self._wait_for(waiting)

    def _wait_for(self, waiting: dict[str, RoomUpgrade]) -> None:
        self._waiting = waiting
        bound_last = sorted(waiting, key=self._rooms.is_bound)  # a direct room that names the same takes nobody's place
        self._rooms.expected = {waiting[room].to: room for room in bound_last}
