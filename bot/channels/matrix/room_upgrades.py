"""Room upgrades: rooms that were replaced by a new one, and whether the bot follows.

Client-Server API, "Room Upgrades": m.room.tombstone in the old room names the new one, whose m.room.create names its
`predecessor`. A tombstone can name any room, so the bot checks before it joins. The rule is in docs/security.md.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from bot.channels.matrix.client import MatrixClient
from bot.channels.matrix.permissions import fetch_predecessor, is_readable, may_invite, may_replace
from bot.channels.matrix.rooms import JOIN_TIMEOUT, Rooms, fetch_summary, get_server_name
from bot.channels.matrix.schema import Raw
from bot.messages import Memory, NetworkRefusal

log = logging.getLogger(__name__)

TOMBSTONE = "m.room.tombstone"
_UPGRADES = "matrix.upgrades"  # in the store's memory
_ROOM_ID = re.compile("![!-~]{1,254}")  # 255 bytes at most


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
        ours = {room: data for room, data in rooms.get("join", {}).items() if self._rooms.is_ours(room)}
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
        if not await may_replace(self._server, old, upgrade.by):
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
        via = get_server_name(upgrade.by)
        query = {"via": via, "server_name": via}
        await self._server.call("POST", "join", upgrade.to, query=query, body={}, seconds=JOIN_TIMEOUT)
        return None

    async def _find_objection(self, old: str, upgrade: RoomUpgrade) -> str | None:
        if not await may_invite(self._server, upgrade.to, upgrade.by):
            return "may not invite there"
        return None if await fetch_predecessor(self._server, upgrade.to) == old else "that room does not say so itself"

    async def _is_inside(self, room: str) -> bool:
        return room in (await self._server.call("GET", "joined_rooms")).get("joined_rooms", ())

    async def _store(self, pending: dict[str, RoomUpgrade]) -> None:
        fields = {room: asdict(upgrade) for room, upgrade in pending.items()}
        await self._memory.set(_UPGRADES, json.dumps(fields) if fields else None)
        self._set_pending(pending)

    def _set_pending(self, pending: dict[str, RoomUpgrade]) -> None:
        self._pending = pending
        bound_last = sorted(pending, key=self._rooms.is_configured)  # a direct room that names the same takes no place
        self._rooms.unverified = {pending[room].to: room for room in bound_last}
