"""The sync loop: events of the rooms, batch after batch, with nothing lost between them.

Client-Server API, "Syncing" and "Filtering". nio's `sync_forever` has no back-off, stores its position before the batch
is handled, and leaves gaps open.
"""

import asyncio
import json
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.channels.backoff import Backoff
from bot.channels.matrix import event_parser
from bot.channels.matrix.backfill import Backfill, Gap, drop_answered, read_back
from bot.channels.matrix.client import MatrixClient, require_text
from bot.channels.matrix.crypto.device import Device
from bot.channels.matrix.invites import TOMBSTONE, Invitations, RoomUpgrades
from bot.channels.matrix.rooms import Rooms
from bot.channels.matrix.schema import Json, Raw, sanitize_sync
from bot.concurrency import task_group, woken
from bot.messages import AuthenticationFailed, Event, NetworkRefusal, RateLimited, Receive, Unreachable

log = logging.getLogger(__name__)

_POLL = 30.0  # seconds that the server may hold a sync when nothing happens
_MARGIN = 15.0  # seconds beyond that until a sync counts as failed
_RETRY_ROOMS = 300.0  # seconds between tries to enter rooms that refused the bot
_ECHO_PAUSE = 0.25  # seconds after a batch of only our own posts: else each of them costs the server a sync

_STATE = ["m.room.encryption", TOMBSTONE]
_TYPES = [*event_parser.EVENT_TYPES, *_STATE, "m.room.member"]
_NOTHING = {"not_types": ["*"]}  # filter that lets nothing through
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


@dataclass
class SyncLoop:
    """Receives events of the `device`, which is logged in, and sends nothing into rooms: slow or rate-limited requests
    must not hold it up."""

    server: MatrixClient
    rooms: Rooms
    invitations: Invitations
    upgrades: RoomUpgrades
    device: Device
    ignored: Collection[str]
    # there are invitations or upgrades
    _rooms_changed: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _gaps_changed: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    # events and position go into it together, one batch after the other
    _journal: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def run(self, receive: Receive, position: str | None) -> None:
        """Sync for ever. Raises AuthenticationFailed, and whatever `receive` raises.

        Without a position nothing is stored of what happened before, perhaps because it is lost.
        """
        self._gaps, self._bot_id = Backfill(position), self.device.session.user
        async with task_group() as tasks:
            tasks.create_task(self._maintain_rooms())
            tasks.create_task(self._close_gaps(receive, tasks))
            await self._follow(receive)

    async def _follow(self, receive: Receive) -> None:
        backoff, clock = Backoff("sync"), asyncio.get_running_loop().time
        wait, since = 0.0, self._gaps.since  # at first: what there is already
        while True:
            query = {"filter": _FILTER, "timeout": str(int(wait * 1000))} | ({"since": since} if since else {})
            start = clock()
            try:
                batch = await self.server.call("GET", "sync", query=query, seconds=_POLL + _MARGIN)
                if require_text(batch, "next_batch") == since and wait and clock() - start < 1:
                    raise Unreachable("the homeserver answers each sync at once, with nothing new")
            except (Unreachable, RateLimited) as error:
                await backoff.wait(error)
            except NetworkRefusal as refusal:
                if since is None:  # the account itself is refused
                    raise AuthenticationFailed(f"the homeserver refuses to sync: {refusal}") from refusal
                # As of a server that was set back.
                log.warning("the homeserver does not know our sync token (%s); reading the last hours again", refusal)
                since = None
            else:
                backoff.reset()
                if not await self._receive_batch(batch, since, receive):
                    await asyncio.sleep(_ECHO_PAUSE)
                since, wait = batch["next_batch"], _POLL

    async def _receive_batch(self, batch: Json, since: str | None, receive: Receive) -> bool:
        """Process a batch; True if it holds events for us.

        The order matters: a crash between two steps repeats and never skips.
        """
        position, batch = batch["next_batch"], sanitize_sync(batch)
        keys, rooms = await self.device.apply_sync(batch), batch["rooms"]
        await self.rooms.apply_sync(rooms)
        if await self.upgrades.apply_sync(rooms) | await self.invitations.apply_sync(rooms):
            self._rooms_changed.set()
        gap = Gap(since, position, is_new=self._gaps.since is None)  # new: no sync is stored yet
        events: list[Event] = []
        for room, data in rooms["join"].items():
            raws, is_limited = data["timeline"]["events"], data["timeline"].get("limited")  # it begins with a gap
            is_whole = not is_limited or any(event_parser.is_join(raw, self._bot_id) for raw in raws)
            if self.rooms.get_role(room) and (room in self._gaps.open or not is_whole):
                self._gaps.widen(room, gap)
            else:
                events += self._parse_events(room, raws, gap.is_new)
        for room, session in keys:  # posts of one device in the room can be decrypted from now on
            if self.rooms.get_role(room):
                now = datetime.now(UTC)
                events.append(Event(event_parser.CHANNEL, f"key {session}", room, self._bot_id, "key", now, "{}"))
        async with self._journal:
            self._gaps.since = position
            await receive([*events, *self.device.make_loss_events()], self._gaps.position)
        self._gaps_changed.set()
        await self.device.clear_losses()
        await self.device.exchange_keys(batch)
        return bool(events)

    def _parse_events(self, room: str, raws: Sequence[Raw], is_new: bool) -> list[Event]:
        role = self.rooms.get_role(room)
        if role is None:
            return []
        new = event_parser.drop_before_join(raws, self._bot_id, role.direct)
        introduces_itself = self.rooms.is_configured(room) and not self.rooms.is_successor(room)
        events: list[Event | None] = []
        for raw in drop_answered(new, self._bot_id) if is_new else new:
            if not event_parser.is_join(raw, self._bot_id):
                events.append(event_parser.parse_event(raw, room))
            elif introduces_itself:
                events.append(event_parser.make_event(raw, room, "joined"))
        return [event for event in events if event and event_parser.is_relevant(event, self._bot_id, self.ignored)]

    async def _close_gaps(self, receive: Receive, tasks: asyncio.TaskGroup) -> None:
        """Close each gap in a task of its own: a room for which the server is slow holds up no other."""
        in_progress: set[str] = set()

        async def close(room: str) -> None:
            while gap := self._gaps.open.get(room):
                raws = await read_back(self.server, room, gap, self._bot_id, json.dumps({"types": _TYPES}))
                events = self._parse_events(room, raws, gap.is_new)
                async with self._journal:
                    self._gaps.close(room, gap)
                    await receive(events, self._gaps.position)
            in_progress.discard(room)

        while True:
            self._gaps_changed.clear()
            for room in self._gaps.open.keys() - in_progress:
                in_progress.add(room)
                tasks.create_task(close(room))
            await self._gaps_changed.wait()

    async def _maintain_rooms(self) -> None:
        """Answer invitations, follow upgrades, and try again to enter rooms."""
        backoff = Backoff("rooms and invitations")
        while True:
            self._rooms_changed.clear()
            failure: Unreachable | RateLimited | None = None
            for step in (self.rooms.join_all, self.upgrades.follow_all, self.invitations.answer_all):
                try:
                    await step()
                except (Unreachable, RateLimited) as error:
                    failure = failure or error
            if failure:
                await backoff.wait(failure)
            else:
                backoff.reset()
                await woken(self._rooms_changed, _RETRY_ROOMS)
