"""From the journal to the conversation: each event once, in order within a room, rooms beside each other."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.messages import ChannelError, Event, LoggedOut
from bot.policy import ADDRESSED_AGE
from bot.store import Outcome, Store

log = logging.getLogger(__name__)

RETRY = timedelta(seconds=10)
IDLE = 1.0  # seconds between looks when nobody wakes us

Hear = Callable[[Event], Awaitable[Outcome]]


class Hearing:
    """Takes what is due from the journal and writes down what became of it. `wake` is set when something came in."""

    def __init__(self, store: Store, hear: Hear, clock: Callable[[], datetime], heard: Callable[[], None]) -> None:
        self._store, self._hear, self._clock, self._heard = store, hear, clock, heard
        self.wake = asyncio.Event()

    async def run(self) -> None:
        while True:
            self.wake.clear()
            if not await self.once():
                await self._rest()

    async def once(self) -> int:
        """Hear everything that is due now; the number of events."""
        rooms: dict[tuple[str, str], list[Event]] = defaultdict(list)
        events = await self._store.due(self._clock())
        for event in events:
            rooms[event.channel, event.room].append(event)
        await asyncio.gather(*(self._room(waiting) for waiting in rooms.values()))
        return len(events)

    async def _room(self, events: list[Event]) -> None:
        for event in events:
            outcome = await self._outcome(event)
            log.debug("%s %s: %s", event.kind, event.id, outcome.reason)
            await self._store.finish(event, outcome, self._clock())
            if outcome.posts:
                self._heard()

    async def _outcome(self, event: Event) -> Outcome:
        """A fault in one event must not stop the others: it is looked at again, as long as an answer is worth it."""
        try:
            return await self._hear(event)
        except LoggedOut:
            raise
        except ChannelError as trouble:
            log.warning("%s: trying again: %s", event.id, trouble)
        except Exception:
            log.exception("%s: an error of ours; trying again", event.id)
        if self._clock() - event.sent > ADDRESSED_AGE:
            return Outcome("given up after six hours")
        return Outcome("trying again", later=self._clock() + RETRY)

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self.wake.wait(), IDLE)
        except TimeoutError:
            return
