"""The digest by the clock: looked at often enough for a clock that jumps, posted once however often it is looked at."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import datetime

from bot.digest.publisher import DigestPublisher
from bot.digest.schedule import Schedule, Week
from bot.store import Store, StoreError

log = logging.getLogger(__name__)

TICK = 60.0  # seconds between two looks at the clock
START = 3.0  # seconds that the networks have to find their rooms, and to say what time it is
ENTERING = 30.0  # seconds until the next try, while a room was not entered
AGAIN = 600.0  # the same after an error of ours


class DigestJob:
    """`wake` sends what was put into the outbox. `withdrawal`: set when a question was deleted or its asker forgotten;
    then the posts that quote it are edited at once."""

    def __init__(
        self,
        store: Store,
        publishing: DigestPublisher,
        schedule: Schedule,
        clock: Callable[[], datetime],
        wake: Callable[[], None],
        withdrawal: asyncio.Event | None = None,
    ) -> None:
        self._store, self._publishing, self._withdrawal = store, publishing, withdrawal or asyncio.Event()
        self._schedule, self._clock, self._wake = schedule, clock, wake
        self._done: Week | None = None  # published in this run, or nothing to tell
        self._told = ""  # what stands in the log

    async def run(self) -> None:
        await asyncio.sleep(START)
        begun = await self._store.digest_begun(self._clock())
        while True:
            pause = await self.step(begun)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._withdrawal.wait()
            self._withdrawal.clear()

    async def step(self, begun: datetime) -> float:
        """As `look`. An error of ours costs the digest alone, not the bot."""
        try:
            return await self.look(begun)
        except StoreError:
            raise
        except Exception:
            log.exception("an error of ours in the digest; trying again in %d minutes", AGAIN // 60)
            return AGAIN

    async def look(self, begun: datetime) -> float:
        """Publish what is due; how many seconds to wait until the next look."""
        now = self._clock()
        week = self._schedule.due(now, begun)
        if week and week != self._done and not await self._said(week, now):
            return ENTERING
        if await self._publishing.mend(self._schedule.last(now), now):
            self._wake()
        return max(1.0, min(TICK, (self._schedule.next(now) - now).total_seconds()))

    async def _said(self, week: Week, now: datetime) -> bool:
        """Whether that is done, in every place."""
        told = f"digest: {week}"
        if await self._store.recall("digest: last") == told:
            self._done = week
            return True
        found = await self._publishing.publish(week, now, edit=False)
        said = ", ".join(f"{spot.name} {done}" for spot, done in found.items())
        if said != self._told:
            log.info("the digest of %s: %s", week, said)
            self._told = said
        self._wake()
        if "unknown" in found.values():
            return False
        await self._store.remember("digest: last", told)
        self._done = week
        return True
