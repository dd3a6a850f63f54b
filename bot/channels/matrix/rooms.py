"""Rooms of the bot: those of the settings, which it enters by itself, and direct ones, to which it was invited.

Client-Server API, "Room aliases", "Joining rooms", "Direct Messaging".
"""

import json
import logging
from collections.abc import Collection, Mapping
from dataclasses import replace

from bot.channels.matrix.client import MatrixClient, MatrixNotFound, require_text
from bot.channels.matrix.event_parser import RoomRole
from bot.channels.matrix.schema import Raw
from bot.channels.matrix.settings import MatrixSettings, get_server_name
from bot.messages import ChannelError, Listen, Memory, NetworkRefusal, Outgoing, RateLimited, Reply, Unreachable, Venue

log = logging.getLogger(__name__)

_JOIN_TIMEOUT = 120.0  # seconds: other servers take part in a join
_ROOMS, _DIRECT, _MOVED = "matrix.rooms", "matrix.direct", "matrix.moved"  # in the store's memory


async def fetch_summary(server: MatrixClient, room: str, user: str) -> Raw | None:
    """Return what the homeserver, or that of the `user`, shows of a room to those outside; None if nothing.

    GET /room_summary, since v1.15 (MSC3266):
    https://spec.matrix.org/v1.15/client-server-api/#get_matrixclientv1room_summaryroomidoralias
    """
    return await server.look("room_summary", room, query={"via": get_server_name(user)}, api="client/v1")


async def join_room(server: MatrixClient, room: str, query: Mapping[str, str] | None = None) -> None:
    """Join a room, by its id or an alias. Raises as `call` does."""
    await server.call("POST", "join", room, query=query, body={}, seconds=_JOIN_TIMEOUT)


class Rooms:
    """Rooms, whose ids and replacements are stored, so that events can be read after a restart without the network."""

    def __init__(self, settings: MatrixSettings, server: MatrixClient, memory: Memory) -> None:
        self._server, self._memory = server, memory
        self._listens, self._regions = settings.listening, settings.regions
        self._moderators = settings.moderators_room
        self._outside = list(self._regions)  # names of rooms that are still to be entered
        self._ids: dict[str, str] = {}  # name in the settings -> room id
        self._moved: dict[str, str] = {}  # room id -> id of its replacement
        self.unverified: dict[str, str] = {}  # room id -> id of our room that it claims to replace
        self.invited: Collection[str] = ()  # ids of rooms with an invitation not yet answered
        self._direct: dict[str, bool] = {}  # room id -> whether it has two members
        self._closed: set[str] = set()  # names of rooms that do not let the bot in, which was logged

    async def load(self) -> None:
        ids = json.loads(await self._memory.get(_ROOMS) or "{}")
        self._ids = {name: room for name, room in ids.items() if name in self._regions}
        self._direct = json.loads(await self._memory.get(_DIRECT) or "{}")
        self._moved = json.loads(await self._memory.get(_MOVED) or "{}")

    @property
    def moderators_room(self) -> str | None:
        return self._ids.get(self._moderators) if self._moderators else None

    @property
    def listed(self) -> frozenset[str]:
        """Ids of the rooms in which the bot answers."""
        return frozenset(room for name, room in self._ids.items() if name in self._listens)

    def find_id(self, name: str) -> str | None:
        """Return the id of a room that the bot is in, by its name in the settings or its id."""
        return self._ids.get(name) or next((room for room in self._ids.values() if room == self.resolve(name)), None)

    def is_ours(self, room: str) -> bool:
        return self.is_configured(room) or self.is_direct(room)

    def is_configured(self, room: str) -> bool:
        """Whether it is a room of the settings."""
        return room in self._ids.values()

    def is_closed(self, room: str) -> bool:
        """Whether it is a room of the settings that has not let the bot in yet."""
        return any(self._ids.get(name) == room for name in self._closed)

    def is_direct(self, room: str) -> bool:
        """Whether the bot accepted it as a direct room, whoever joined since."""
        return room in self._direct

    def is_successor(self, room: str) -> bool:
        """Whether it replaced another room, where the bot has introduced itself already."""
        return room in self._moved.values()

    def is_unverified(self, room: str) -> bool:
        """Whether it claims to replace a room of the settings, and the bot has not checked that yet."""
        return self.is_configured(self.unverified.get(room, "")) and not self.is_ours(room)

    def is_after_direct(self, room: str) -> bool:
        """Whether it claims to replace a direct room."""
        return self.is_direct(self.unverified.get(room, ""))

    async def move(self, old: str, new: str) -> None:
        """Move everything stored of the old room to the new one, even if settings or an alias still name the old."""
        self._moved = {room: to for room, to in self._moved.items() if room != new} | {old: new}
        self._ids = {name: new if room == old else room for name, room in self._ids.items()}
        await self._memory.set(_MOVED, json.dumps(self._moved))
        await self._memory.set(_ROOMS, json.dumps(self._ids))

    def resolve(self, room: str) -> str:
        """Return the room that replaced it, if one did. (`move` makes no circles.)"""
        while room in self._moved:
            room = self._moved[room]
        return room

    def redirect(self, outgoing: Outgoing) -> Outgoing:
        """Redirect a new post for a replaced room to its successor, without its relation to an event of the old one."""
        room = self.resolve(outgoing.room)
        if room == outgoing.room or not isinstance(outgoing, Reply) or outgoing.replaces:
            return outgoing
        return replace(outgoing, room=room, to=None, thread=None)

    def get_role(self, room: str) -> RoomRole | None:
        """Return the room's role; None if the bot has no business there, even if somebody put it in.

        Posts of a replaced room can still be deleted, and answered in the new one.
        """
        room = self.resolve(room)
        if self.is_unverified(room):
            return self.get_role(self.unverified[room])
        if self.is_configured(room):
            names = [name for name, id in self._ids.items() if id == room]
            listens: list[Listen] = [self._listens[name] for name in names if name in self._listens]
            venue = Venue(frozenset(names), next(filter(None, map(self._regions.get, names)), None))
            is_moderators = room == self.moderators_room
            return RoomRole(listens[0] if listens else "mentions", moderators=is_moderators, venue=venue)
        if room in self._direct:
            return RoomRole("mentions", direct=self._direct[room], private=True)
        return None

    async def set_direct(self, room: str, has_two: bool | None) -> None:
        """Note whether a direct room has two members; None if it is no longer a direct room of ours."""
        if self._direct.get(room) != has_two:
            self._direct = {id: two for id, two in (self._direct | {room: has_two}).items() if two is not None}
            await self._memory.set(_DIRECT, json.dumps(self._direct))

    async def join_all(self) -> None:
        """Join the rooms of the settings where the bot is not yet; one that fails does not stop the others.

        Raises Unreachable or RateLimited when one of them should be tried again soon.
        """
        if not self._outside:
            return
        joined = set((await self._server.call("GET", "joined_rooms")).get("joined_rooms", ()))
        failure: ChannelError | None = None
        for name in list(self._outside):
            try:
                await self._join(name, joined)
            except (Unreachable, RateLimited) as error:
                failure = error
            except NetworkRefusal as refusal:
                if name not in self._closed:
                    why = "it does not exist" if isinstance(refusal, MatrixNotFound) else "it does not let the bot in"
                    log.warning("cannot enter the room %s: %s (%s); it is tried again later", name, why, refusal)
                self._closed.add(name)
        if failure:
            raise failure

    async def apply_sync(self, rooms: Mapping[str, Raw]) -> None:
        """Note departures and member counts in a sync's `rooms`: its `summary` holds them when they changed."""
        for room, data in rooms["join"].items():
            joined, invited = (data["summary"].get(f"m.{kind}_member_count") for kind in ("joined", "invited"))
            if room in self._direct and joined is not None:
                await self.set_direct(room, joined + (invited or 0) == 2)
        for room, data in rooms["leave"].items():
            await self.set_direct(room, None)
            for name in [name for name, id in self._ids.items() if id == room and name not in self._outside]:
                log.warning("%s", describe_departure(name, data))

    async def _join(self, name: str, joined: set[str]) -> None:
        room = name
        if name.startswith("#"):
            answer = await self._server.call("GET", "directory", "room", name)
            room, before = require_text(answer, "room_id"), self._ids.get(name)
            if before in joined and self.resolve(room) != before:  # others can point an alias elsewhere
                log.warning(
                    "%s now leads to %s, but the bot stays in %s unless that room is replaced by it (a room upgrade). "
                    "To move the bot, put the id of the new room into the settings", name, room, before,
                )  # fmt: skip
                room = before
        current = self.resolve(room)
        # Before joining: a sync may bring the first messages before the answer comes.
        if self._ids.get(name) != current:
            self._ids[name] = current
            await self._memory.set(_ROOMS, json.dumps(self._ids))
        if current not in joined:
            await join_room(self._server, name if current == room else current)
        self._outside.remove(name)
        self._closed.discard(name)
        log.info("in the room %s", name)


def describe_departure(name: str, data: Raw) -> str:
    """Return a sentence for the log, from a room's part of a sync: its last member event is the bot's leaving."""
    events = data["timeline"]["events"]
    last: Raw = next((raw for raw in reversed(events) if raw.get("type") == "m.room.member"), {})
    again = "it comes back when it is invited, or at its next start"
    if last.get("content", {}).get("membership") == "ban":
        return f"{last.get('sender')} has banned the bot from the room {name}; once the ban is lifted, {again}"
    if last and last.get("sender") != last.get("state_key"):
        return f"{last.get('sender')} has removed the bot from the room {name}; {again}"
    return f"the bot is no longer in the room {name}; {again}"
