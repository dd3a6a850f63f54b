"""Rooms that were replaced by a new one (m.room.tombstone): the bot goes along, if whoever says so may invite there."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from bot.channels.matrix.invitations import are_two
from bot.channels.matrix.power import may_invite
from bot.channels.matrix.reading import Raw
from bot.channels.matrix.rooms import JOIN, Rooms
from bot.channels.matrix.server import Missing, Server
from bot.messages import Memory, Refused

log = logging.getLogger(__name__)

TYPE = "m.room.tombstone"
_UPGRADES = "matrix.upgrades"


@dataclass(frozen=True, slots=True)
class Upgrade:
    """`by` says that the room `to` takes the place of another."""

    to: str
    by: str


def upgrade(data: Raw) -> Upgrade | None:
    """The latest one in a room's part of a sync, in its state or in its timeline. Pure."""
    events = [*data["state"]["events"], *data["timeline"]["events"]]
    stones = [raw for raw in events if raw.get("type") == TYPE and raw.get("state_key") == ""]
    if not stones:
        return None
    to, by = stones[-1]["content"].get("replacement_room"), stones[-1].get("sender")
    return Upgrade(to, by) if isinstance(to, str) and isinstance(by, str) and to else None


class Upgrades:
    """A sync tells of each once: they are kept in the memory until the bot has gone along, or knows that it must not.

    Into a room that is closed to it the bot goes when it is invited.
    """

    def __init__(self, server: Server, memory: Memory, rooms: Rooms) -> None:
        self._server, self._memory, self._rooms = server, memory, rooms
        self._waiting: dict[str, Upgrade] = {}  # by the old room's id
        self._told: set[str] = set()  # new rooms whose trouble stands in the log

    async def open(self) -> None:
        kept = json.loads(await self._memory.recall(_UPGRADES) or "{}")
        self._wait_for({room: Upgrade(**one) for room, one in kept.items()})

    async def take(self, rooms: Mapping[str, Raw]) -> bool:
        """Note those of a sync's `rooms`; True when there are new ones to follow."""
        ours = {room: data for room, data in rooms.get("join", {}).items() if self._is_ours(room)}
        found = {room: upgrade(data) for room, data in ours.items()}
        new = {room: one for room, one in found.items() if one and one.to != room and self._waiting.get(room) != one}
        if new:
            await self._keep(self._waiting | new)
        return bool(new)

    async def follow(self) -> None:
        """Go along with all that wait. Raises Unreachable or TooFast: the rest waits on."""
        for old, one in list(self._waiting.items()):
            try:
                await self._follow(old, one)
            except Refused as refusal:
                self._tell(old, one, refusal)
            else:
                await self._keep({room: other for room, other in self._waiting.items() if room != old})

    async def _follow(self, old: str, one: Upgrade) -> None:
        # The new room's id may name no server; that of who made it knows the way.
        via = one.by.partition(":")[2]
        await self._server.call("POST", "join", one.to, query={"via": via, "server_name": via}, body={}, patience=JOIN)
        if objection := await self._objection(old, one):
            log.warning("%s says that %s replaces %s, but %s: not followed", one.by, one.to, old, objection)
            if not self._is_ours(one.to):
                await self._leave(one.to)
            return
        if self._rooms.is_direct(old):
            await self._rooms.set_direct(one.to, True)
        if self._rooms.is_bound(old):
            await self._rooms.move(old, one.to)
        log.info("the room %s was replaced by %s: the bot goes on there", old, one.to)

    async def _objection(self, old: str, one: Upgrade) -> str | None:
        if not await may_invite(self._server, one.to, one.by):
            return "may not invite there"
        if self._rooms.is_direct(old) and not await are_two(self._server, one.to):
            return "there are more than the two of us in it"
        return None

    def _is_ours(self, room: str) -> bool:
        return self._rooms.is_bound(room) or self._rooms.is_direct(room)

    async def _leave(self, room: str) -> None:
        try:
            await self._server.call("POST", "rooms", room, "leave", body={})
        except Missing:
            return

    def _tell(self, old: str, one: Upgrade, refusal: Refused) -> None:
        if one.to not in self._told:
            said = "the room %s was replaced by %s, which does not let the bot in (%s): invite it; it is tried again"
            log.warning(said, old, one.to, refusal)
        self._told.add(one.to)

    async def _keep(self, waiting: dict[str, Upgrade]) -> None:
        kept = {room: asdict(one) for room, one in waiting.items()}
        await self._memory.remember(_UPGRADES, json.dumps(kept) if kept else None)
        self._wait_for(waiting)

    def _wait_for(self, waiting: dict[str, Upgrade]) -> None:
        self._waiting = waiting
        self._rooms.expected = {one.to: room for room, one in waiting.items()}
