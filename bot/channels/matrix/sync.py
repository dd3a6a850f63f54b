"""What happens in the rooms, batch after batch, with nothing lost between them.

nio's `sync_forever` has no back-off, keeps its position before anything is done with the batch, and leaves gaps open.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

from bot.channels.matrix import reading, upgrades
from bot.channels.matrix.batch import events as raw_events
from bot.channels.matrix.batch import shaped
from bot.channels.matrix.device import Device
from bot.channels.matrix.invitations import Invitations
from bot.channels.matrix.reading import Raw
from bot.channels.matrix.rooms import Rooms
from bot.channels.matrix.server import Json, Patience, Server, required
from bot.channels.matrix.upgrades import Upgrades
from bot.messages import Event, LoggedOut, Receive, Refused, TooFast, Unreachable

log = logging.getLogger(__name__)

_POLL = 30.0  # seconds that the server may hold a sync when nothing happens
_MARGIN = 15.0
_AGAIN = 300.0  # seconds between tries to enter rooms that were not to be entered
_OURS = 0.25  # seconds to wait after a batch of nothing but our own words: else each of them costs the server a sync
_PAGE = "500"
_PAGES = 400  # of one gap; a server that never ends must not fill the memory
HORIZON = timedelta(hours=6)
"""How far back a room is read in which the bot was before its first sync: older questions are not answered anyway."""

_STATE = ["m.room.encryption", upgrades.TYPE]
_TYPES = [*reading.TYPES, *_STATE, "m.room.member"]
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


class Listening:
    """The sync loop. Sends nothing into rooms: what is slow or rate-limited must not hold it up."""

    def __init__(
        self,
        server: Server,
        rooms: Rooms,
        invitations: Invitations,
        upgrades: Upgrades,
        device: Device,
        us: str,
        ignored: Sequence[str],
    ) -> None:
        self._server, self._rooms, self._invitations, self._device = server, rooms, invitations, device
        self._upgrades = upgrades
        self._us, self._ignored = us, frozenset(ignored)
        self._wake = asyncio.Event()

    async def run(self, receive: Receive, since: str | None) -> None:
        """For ever. Raises LoggedOut, and whatever `receive` raises."""
        try:
            async with asyncio.TaskGroup() as together:
                together.create_task(self._attend())
                await self._follow(receive, since)
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from errors

    async def _follow(self, receive: Receive, since: str | None) -> None:
        patience, wait = Patience("sync"), 0.0  # at first: what there is already
        while True:
            try:
                batch = await self._sync(since, wait)
            except (Unreachable, TooFast) as trouble:
                await patience.wait(trouble)
            except Refused as refusal:
                _without_position(refusal, since)
                since = None
            else:
                patience.over()
                await self._take(batch, since, receive)
                since, wait = batch["next_batch"], _POLL

    async def _sync(self, since: str | None, wait: float) -> Json:
        query = {"filter": _FILTER, "timeout": str(int(wait * 1000))} | ({"since": since} if since else {})
        begun = asyncio.get_running_loop().time()
        batch = await self._server.call("GET", "sync", query=query, patience=_POLL + _MARGIN)
        if required(batch, "next_batch") == since and wait and asyncio.get_running_loop().time() - begun < 1:
            raise Unreachable("the homeserver answers each sync at once, with nothing new")
        return batch

    async def _take(self, batch: Json, since: str | None, receive: Receive) -> bool:
        """In this order: a crash between two steps repeats and never skips. Whether there was something for us."""
        position, batch = batch["next_batch"], shaped(batch)
        came, rooms = self._device.take(batch), batch["rooms"]
        await self._rooms.take(rooms)
        if await self._upgrades.take(rooms) | await self._invitations.take(rooms):
            self._wake.set()
        events = [event for room, data in rooms["join"].items() for event in await self._in(room, data, since)]
        await receive([*events, *self._own(came)], position)
        await self._device.told()
        await self._device.look_after()
        return bool(events)

    def _own(self, came: Sequence[tuple[str, str]]) -> list[Event]:
        """What happened to our own device."""
        now = datetime.now(UTC)
        keys = [reading.unlocked(room, key, self._us, now) for room, key in came if self._rooms.place(room)]
        return [*self._device.news(), *keys]

    async def _in(self, room: str, data: Raw, since: str | None) -> list[Event]:
        place = self._rooms.place(room)
        if place is None:
            return []
        timeline = data["timeline"]
        happened: list[Raw] = timeline["events"]
        if timeline.get("limited") and not any(reading.is_join(raw, self._us) for raw in happened):
            happened = [*await self._gap(room, timeline.get("prev_batch"), since), *happened]
        events = (self._event(raw, room) for raw in reading.since_coming(happened, self._us, place.direct))
        return [event for event in events if event]

    def _event(self, raw: Raw, room: str) -> Event | None:
        if reading.is_join(raw, self._us):
            new = room in self._rooms.listed and not self._rooms.is_successor(room)
            return reading.joined(raw, room) if new else None
        event = reading.event(raw, room)
        return event if event and reading.heard(event, self._us, self._ignored) else None

    async def _gap(self, room: str, before: str | None, since: str | None) -> list[Raw]:
        """What the sync left out, oldest first: back to our position, or to our joining, or a few hours."""
        found: list[Raw] = []
        patience = Patience(f"reading back in {room}")
        for _ in range(_PAGES):
            if not isinstance(before, str):
                break
            try:
                page = await self._page(room, before, since)
            except (Unreachable, TooFast) as trouble:
                await patience.wait(trouble)
                continue
            except Refused as refusal:
                log.warning("what happened in %s cannot be read back: %s", room, refusal)
                break
            chunk = raw_events(page.get("chunk"))
            found += chunk
            before = None if self._far_enough(chunk, since) else page.get("end")
        return found[::-1]

    async def _page(self, room: str, before: str, since: str | None) -> Json:
        query = {"dir": "b", "from": before, "limit": _PAGE, "filter": _MESSAGES_FILTER}
        return await self._server.call("GET", "rooms", room, "messages", query=query | ({"to": since} if since else {}))

    def _far_enough(self, chunk: list[Raw], since: str | None) -> bool:
        if any(reading.is_join(raw, self._us) for raw in chunk):
            return True
        oldest = datetime.now(UTC) - HORIZON
        return since is None and bool(chunk) and all(reading.moment(raw) < oldest for raw in chunk)

    async def _attend(self) -> None:
        """Answer invitations, follow upgrades, and try again to enter rooms."""
        patience = Patience("rooms and invitations")
        while True:
            self._wake.clear()
            try:
                await self._each(self._rooms.enter, self._invitations.answer, self._upgrades.follow)
            except (Unreachable, TooFast) as trouble:
                await patience.wait(trouble)
            else:
                patience.over()
                await _first(self._wake.wait(), _AGAIN)

    async def _each(self, *steps: Callable[[], Awaitable[None]]) -> None:
        """All steps, whether or not an earlier one has trouble; then the first trouble."""
        trouble: list[Unreachable | TooFast] = []
        for step in steps:
            try:
                await step()
            except (Unreachable, TooFast) as error:
                trouble.append(error)
        if trouble:
            raise trouble[0]


def _without_position(refusal: Refused, since: str | None) -> None:
    """A server that was set back does not know our position. When we have none, it refuses the account itself."""
    if since is None:
        raise LoggedOut(f"the homeserver does not tell what happens: {refusal}") from refusal
    log.warning("the homeserver does not know where we stood (%s); reading the last hours again", refusal)


async def _first(waiting: Awaitable[object], seconds: float) -> None:
    """Until it happens, or the seconds are over."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await waiting
