"""The rooms of the bot: those of the settings, which it enters by itself, and direct ones, which it was invited to."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping

from bot.channels.matrix.client import MatrixClient, MatrixNotFound, require_text
from bot.channels.matrix.event_parser import Raw, RoomRole
from bot.channels.matrix.login import Account
from bot.messages import ChannelError, Listen, Memory, NetworkRefusal, RateLimited, Unreachable

log = logging.getLogger(__name__)

JOIN_TIMEOUT = 120.0  # seconds that joining may take: other servers take part in it
_ROOMS, _DIRECT, _MOVED = "matrix.rooms", "matrix.direct", "matrix.moved"


async def fetch_summary(server: MatrixClient, room: str, user: str) -> Raw | None:
    """What the homeserver, or that of the `user`, tells of a room to those outside; None: nothing.

    https://spec.matrix.org/v1.15/client-server-api/#get_matrixclientv1room_summaryroomidoralias
    """
    try:
        return await server.call("GET", "room_summary", room, query={"via": get_server_name(user)}, version="v1")
    except NetworkRefusal:
        return None


def get_server_name(user: str) -> str:
    return user.partition(":")[2]


class Rooms:
    """What was found out is kept in the memory, so that events can be read after a restart without asking again."""

    def __init__(self, account: Account, server: MatrixClient, memory: Memory) -> None:
        self._server, self._memory = server, memory
        self._listens = dict(account.rooms)
        self._moderators = account.moderators_room
        self._outside = list(self._listens)  # names of rooms that are still to be entered
        if self._moderators and self._moderators not in self._listens:
            self._outside.append(self._moderators)
        self._names = frozenset(self._outside)
        self._ids: dict[str, str] = {}  # name in the settings -> room id
        self._moved: dict[str, str] = {}  # room id -> that of the room which took its place
        self.expected: dict[str, str] = {}  # room id -> that of ours which it is said to replace; not yet looked into
        self.invited: dict[str, str] = {}  # room id -> who invites the bot there; not yet answered
        self._direct: dict[str, bool] = {}  # room id -> whether there are two of us
        self._encrypted: dict[str, bool] = {}
        self._told: set[str] = set()  # names whose trouble stands in the log

    async def open(self) -> None:
        kept = json.loads(await self._memory.recall(_ROOMS) or "{}")
        self._ids = {name: room for name, room in kept.items() if name in self._names}
        self._direct = json.loads(await self._memory.recall(_DIRECT) or "{}")
        self._moved = json.loads(await self._memory.recall(_MOVED) or "{}")

    @property
    def moderators(self) -> str | None:
        return self._ids.get(self._moderators) if self._moderators else None

    @property
    def listed(self) -> frozenset[str]:
        """Ids of the rooms in which the bot answers."""
        return frozenset(room for name, room in self._ids.items() if name in self._listens)

    def named(self, name: str) -> str | None:
        """The id of a room that the bot is in, by its name in the settings or its id."""
        return self._ids.get(name) or next((room for room in self._ids.values() if room == self.today(name)), None)

    def is_ours(self, room: str) -> bool:
        return self.is_bound(room) or self.is_direct(room)

    def is_bound(self, room: str) -> bool:
        """Whether it is one of those of the settings."""
        return room in self._ids.values()

    def is_direct(self, room: str) -> bool:
        """Whether the bot was invited into it for a talk of two, whoever came since."""
        return room in self._direct

    def is_successor(self, room: str) -> bool:
        """Whether it took the place of another, where the bot is known already."""
        return room in self._moved.values()

    def is_unsure(self, room: str) -> bool:
        """Whether the bot is yet to find out if it may speak there."""
        return self.is_bound(self.expected.get(room, "")) and not self.is_ours(room)

    def goes_on_from_direct(self, room: str) -> bool:
        """Whether it is said to replace a direct room."""
        return self.is_direct(self.expected.get(room, ""))

    async def move(self, old: str, new: str) -> None:
        """What was said of the old room holds for the new one, also when settings or an alias still name the old."""
        self._moved = {room: to for room, to in self._moved.items() if room != new} | {old: new}
        await self._memory.remember(_MOVED, json.dumps(self._moved))
        self._ids = {name: new if room == old else room for name, room in self._ids.items()}
        await self._memory.remember(_ROOMS, json.dumps(self._ids))

    def today(self, room: str) -> str:
        """The room that took its place, if one did. (`move` makes no circles.)"""
        while room in self._moved:
            room = self._moved[room]
        return room

    def place(self, room: str) -> RoomRole | None:
        """None: the bot has no business there, even if somebody put it in. What was said in a room before it was
        replaced can still be deleted, and answered in the new one."""
        room = self.today(room)
        if self.is_unsure(room):
            return self.place(self.expected[room])
        if self.is_bound(room):
            names = [name for name, id in self._ids.items() if id == room]
            listens: list[Listen] = [self._listens[name] for name in names if name in self._listens]
            return RoomRole(listens[0] if listens else "mentions", moderators=room == self.moderators)
        if room in self._direct:
            return RoomRole("mentions", direct=self._direct[room], private=True)
        return None

    async def set_direct(self, room: str, two: bool | None) -> None:
        """None: no longer a direct room of ours."""
        if self._direct.get(room) != two:
            self._direct = {id: is_two for id, is_two in (self._direct | {room: two}).items() if is_two is not None}
            await self._memory.remember(_DIRECT, json.dumps(self._direct))

    async def is_encrypted(self, room: str) -> bool:
        """Asked of the server once; from then on the sync tells. There is no way back to plain text."""
        if room not in self._encrypted:
            try:
                await self._server.call("GET", "rooms", room, "state", "m.room.encryption")
            except MatrixNotFound:
                self._encrypted.setdefault(room, False)
            else:
                self._encrypted[room] = True
        return self._encrypted[room]

    def mark_encrypted(self, room: str) -> None:
        self._encrypted[room] = True

    async def enter(self) -> None:
        """Go into all rooms of the settings where the bot is not yet; one that fails does not stop the others.

        Raises Unreachable or TooFast when one of them should be tried again soon.
        """
        if not self._outside:
            return
        inside = set((await self._server.call("GET", "joined_rooms")).get("joined_rooms", ()))
        trouble: ChannelError | None = None
        for name in list(self._outside):
            try:
                await self._enter(name, inside)
            except (Unreachable, RateLimited) as error:
                trouble = error
            except NetworkRefusal as refusal:
                self._tell(name, refusal)
        if trouble:
            raise trouble

    async def take(self, rooms: Mapping[str, Raw]) -> None:
        """Note what a sync's `rooms` says of encryption, members and leaving."""
        for room, data in rooms.get("join", {}).items():
            await self._changed(room, data)
        for room, data in rooms.get("leave", {}).items():
            await self._left(room, data)

    async def _enter(self, name: str, inside: set[str]) -> None:
        room = name
        if name.startswith("#"):
            led = require_text(await self._server.call("GET", "directory", "room", name), "room_id")
            room = self._kept(name, led, inside)
        room, named = self.today(room), room
        # Before joining: what is said right after it may be on its way to us already.
        await self._found(name, room)
        if room not in inside:
            await self._server.call("POST", "join", name if room == named else room, body={}, patience=JOIN_TIMEOUT)
        self._outside.remove(name)
        self._told.discard(name)
        log.info("in the room %s", name)

    def _kept(self, name: str, led: str, inside: set[str]) -> str:
        """The room that an alias led to before, while the bot is in it: others can have an alias lead elsewhere."""
        before = self._ids.get(name)
        if before not in inside or self.today(led) == before:
            return led
        log.warning(
            "%s now leads to %s, but the bot stays in %s unless that room is replaced by it (a room upgrade). "
            "To move the bot, put the id of the new room into the settings", name, led, before,
        )  # fmt: skip
        return before

    async def _found(self, name: str, room: str) -> None:
        if self._ids.get(name) != room:
            self._ids[name] = room
            await self._memory.remember(_ROOMS, json.dumps(self._ids))

    def _tell(self, name: str, refusal: NetworkRefusal) -> None:
        if name not in self._told:
            why = "it does not exist" if isinstance(refusal, MatrixNotFound) else "it does not let the bot in"
            log.warning("cannot enter the room %s: %s (%s); it is tried again later", name, why, refusal)
        self._told.add(name)

    async def _changed(self, room: str, data: Raw) -> None:
        if any(
            raw.get("type") == "m.room.encryption" for raw in (*data["state"]["events"], *data["timeline"]["events"])
        ):
            self.mark_encrypted(room)
        summary = data["summary"]
        joined, invited = summary.get("m.joined_member_count"), summary.get("m.invited_member_count")
        if room in self._direct and joined is not None:
            await self.set_direct(room, joined + (invited or 0) == 2)

    async def _left(self, room: str, data: Raw) -> None:
        await self.set_direct(room, None)
        for name in [name for name, id in self._ids.items() if id == room and name not in self._outside]:
            log.warning("%s", describe_departure(name, data))


def describe_departure(name: str, data: Raw) -> str:
    """A sentence for the log, from a room's part of a sync: the last that a member sees there is their own leaving."""
    events = data["timeline"]["events"]
    last: Raw = next((raw for raw in reversed(events) if raw.get("type") == "m.room.member"), {})
    again = "it comes back when it is invited, or at its next start"
    if last.get("content", {}).get("membership") == "ban":
        return f"{last.get('sender')} has banned the bot from the room {name}; once the ban is lifted, {again}"
    if last and last.get("sender") != last.get("state_key"):
        return f"{last.get('sender')} has removed the bot from the room {name}; {again}"
    return f"the bot is no longer in the room {name}; {again}"
