"""What happens in the rooms, batch after batch, with nothing lost between them.

nio's `sync_forever` has no back-off, keeps its position before anything is done with the batch, and leaves gaps open.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from bot.channels.backoff import Backoff
from bot.channels.matrix import event_parser, room_upgrades
from bot.channels.matrix.backfill import Backfill, Gap, read_back
from bot.channels.matrix.client import Json, MatrixClient, require_text
from bot.channels.matrix.crypto.device import Device
from bot.channels.matrix.event_parser import Raw
from bot.channels.matrix.invites import Invitations
from bot.channels.matrix.room_upgrades import RoomUpgrades
from bot.channels.matrix.rooms import Rooms
from bot.channels.matrix.schema import sanitize_sync
from bot.channels.matrix.send import drop_answered
from bot.messages import AuthenticationFailed, Event, NetworkRefusal, RateLimited, Receive, Unreachable

log = logging.getLogger(__name__)

_POLL = 30.0  # seconds that the server may hold a sync when nothing happens
_MARGIN = 15.0
_AGAIN = 300.0  # seconds between tries to enter rooms that were not to be entered
_OURS = 0.25  # seconds to wait after a batch of nothing but our own words: else each of them costs the server a sync

_STATE = ["m.room.encryption", room_upgrades.TOMBSTONE]
_TYPES = [*event_parser.EVENT_TYPES, *_STATE, "m.room.member"]
_NOTHING = {"not_types": ["*"]}
_FILTER = json.dumps(
    {
        "presence": _NOTHING,
        "account_data": _NOTHING,
        "room": {
            "timeline": {"limit": 100, "types": _TYPES},
            "state": {"types": _STATE, "lazy_load_members": True},  # lazy: also counts the members
            "ephemeral": _NOTHING,
            "account_data": _NOTHING,
        },
    }
)
_MESSAGES_FILTER = json.dumps({"types": _TYPES})


class SyncLoop:
    """The sync loop. Sends nothing into rooms: what is slow or rate-limited must not hold it up."""

    def __init__(
        self,
        server: MatrixClient,
        rooms: Rooms,
        invitations: Invitations,
        upgrades: RoomUpgrades,
        device: Device,
        us: str,
        ignored: Sequence[str],
    ) -> None:
        self._server, self._rooms, self._invitations, self._device = server, rooms, invitations, device
        self._upgrades = upgrades
        self._us, self._ignored = us, frozenset(ignored)
        self._wake = asyncio.Event()
        self._opened = asyncio.Event()  # there may be a new gap
        self._keeping = asyncio.Lock()  # events and position go into the journal together, one batch after the other

    async def run(self, receive: Receive, position: str | None) -> None:
        """For ever. Raises LoggedOut, and whatever `receive` raises.

        Without a position nothing is kept of what happened, perhaps because it is lost.
        """
        self._gaps = Backfill(position)
        self._anew = position is None
        try:
            async with asyncio.TaskGroup() as together:
                together.create_task(self._attend())
                together.create_task(self._read_back(receive))
                await self._follow(receive)
        except BaseExceptionGroup as errors:
            raise _first_of(errors) from errors

    async def _follow(self, receive: Receive) -> None:
        backoff, wait, since = Backoff("sync"), 0.0, self._gaps.since  # at first: what there is already
        while True:
            try:
                batch = await self._sync(since, wait)
            except (Unreachable, RateLimited) as trouble:
                await backoff.wait(trouble)
            except NetworkRefusal as refusal:
                _without_position(refusal, since)
                since = None
            else:
                backoff.reset()
                if not await self._take(batch, since, receive):
                    await asyncio.sleep(_OURS)
                since, wait = batch["next_batch"], _POLL

    async def _sync(self, since: str | None, wait: float) -> Json:
        query = {"filter": _FILTER, "timeout": str(int(wait * 1000))} | ({"since": since} if since else {})
        begun = asyncio.get_running_loop().time()
        batch = await self._server.call("GET", "sync", query=query, patience=_POLL + _MARGIN)
        if require_text(batch, "next_batch") == since and wait and asyncio.get_running_loop().time() - begun < 1:
            raise Unreachable("the homeserver answers each sync at once, with nothing new")
        return batch

    async def _take(self, batch: Json, since: str | None, receive: Receive) -> bool:
        """In this order: a crash between two steps repeats and never skips. Whether there was something for us."""
        position, batch = batch["next_batch"], sanitize_sync(batch)
        came, rooms = self._device.take(batch), batch["rooms"]
        await self._rooms.take(rooms)
        if await self._upgrades.take(rooms) | await self._invitations.take(rooms):
            self._wake.set()
        gap = Gap(since, position, self._anew)
        events = [event for room, data in rooms["join"].items() for event in self._in(room, data, gap)]
        self._anew = False
        async with self._keeping:
            self._gaps.since = position
            await receive([*events, *self._own(came)], self._gaps.position)
        self._opened.set()
        await self._device.told()
        await self._device.look_after()
        return bool(events)

    def _own(self, came: Sequence[tuple[str, str]]) -> list[Event]:
        """What happened to our own device."""
        now = datetime.now(UTC)
        keys = [event_parser.make_key_event(room, key, self._us, now) for room, key in came if self._rooms.place(room)]
        return [*self._device.news(), *keys]

    def _in(self, room: str, data: Raw, gap: Gap) -> list[Event]:
        timeline = data["timeline"]
        whole = not timeline.get("limited") or any(event_parser.is_join(raw, self._us) for raw in timeline["events"])
        if self._rooms.place(room) and (room in self._gaps.open or not whole):
            self._gaps.widen(room, gap)
            return []
        return self._events(room, timeline["events"], gap.anew)

    def _events(self, room: str, happened: Sequence[Raw], anew: bool) -> list[Event]:
        place = self._rooms.place(room)
        if place is None:
            return []
        new = event_parser.drop_before_join(happened, self._us, place.direct)
        events = (self._event(raw, room) for raw in (drop_answered(new, self._us) if anew else new))
        return [event for event in events if event]

    def _event(self, raw: Raw, room: str) -> Event | None:
        if event_parser.is_join(raw, self._us):
            new = room in self._rooms.listed and not self._rooms.is_successor(room)
            return event_parser.make_join_event(raw, room) if new else None
        event = event_parser.parse_event(raw, room)
        return event if event and event_parser.is_relevant(event, self._us, self._ignored) else None

    async def _read_back(self, receive: Receive) -> None:
        """Close what gaps there are, each for itself: a room that the server is slow with holds up no other."""
        under_way: set[str] = set()

        async def close(room: str) -> None:
            while gap := self._gaps.open.get(room):
                happened = await read_back(self._server, room, gap, self._us, _MESSAGES_FILTER)
                events = self._events(room, happened, gap.anew)
                async with self._keeping:
                    self._gaps.close(room, gap)
                    await receive(events, self._gaps.position)
            under_way.discard(room)

        async with asyncio.TaskGroup() as closing:
            while True:
                self._opened.clear()
                for room in self._gaps.open.keys() - under_way:
                    under_way.add(room)
                    closing.create_task(close(room))
                await self._opened.wait()

    async def _attend(self) -> None:
        """Answer invitations, follow upgrades, and try again to enter rooms."""
        backoff = Backoff("rooms and invitations")
        while True:
            self._wake.clear()
            try:
                await self._each(self._rooms.enter, self._upgrades.follow, self._invitations.answer)
            except (Unreachable, RateLimited) as trouble:
                await backoff.wait(trouble)
            else:
                backoff.reset()
                await _first(self._wake.wait(), _AGAIN)

    async def _each(self, *steps: Callable[[], Awaitable[None]]) -> None:
        """All steps, whether or not an earlier one has trouble; then the first trouble."""
        trouble: list[Unreachable | RateLimited] = []
        for step in steps:
            try:
                await step()
            except (Unreachable, RateLimited) as error:
                trouble.append(error)
        if trouble:
            raise trouble[0]


def _without_position(refusal: NetworkRefusal, since: str | None) -> None:
    """A server that was set back does not know our position. When we have none, it refuses the account itself."""
    if since is None:
        raise AuthenticationFailed(f"the homeserver does not tell what happens: {refusal}") from refusal
    log.warning("the homeserver does not know where we stood (%s); reading the last hours again", refusal)


def _first_of(error: BaseException) -> BaseException:
    """Groups may stand in groups."""
    return _first_of(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error


async def _first(waiting: Awaitable[object], seconds: float) -> None:
    """Until it happens, or the seconds are over."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await waiting
