"""The digest, and the moderators' list of new phrasings: they poll the clock, which may jump, and post once a week."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.concurrency import woken
from bot.conversation.context import Context
from bot.conversation.moderation import phrasings
from bot.digest.publisher import DigestPublisher
from bot.digest.schedule import Schedule
from bot.messages import ChannelError
from bot.store import PhrasingList, Store
from bot.workers.loops import survive

log = logging.getLogger(__name__)

TICK = 60.0  # seconds between two checks of the clock
START = 3.0  # seconds for the networks to find their rooms and report the time
ENTERING = 30.0  # seconds until the next try while a room is not joined yet
AGAIN = 600.0  # seconds until the next try after an internal error
PREVIEWED = "digest: previewed"  # in the store: the week whose questions moderators saw last
DIGEST_PUBLISHED = "digest: last"  # in the store: the week published last
PHRASINGS_LISTED = "phrasings: last"  # in the store: the week listed last


@dataclass
class DigestJob:
    """Publishes the digest at its time. `on_posts` is called when posts were put into the outbox.

    `withdrawal` is set when a question was deleted or its asker forgotten, so that posts that quote it are edited at
    once.
    """

    store: Store
    publisher: DigestPublisher
    schedule: Schedule
    clock: Callable[[], datetime]
    on_posts: Callable[[], None]
    withdrawal: asyncio.Event = field(default_factory=asyncio.Event)
    _logged: str = field(default="", init=False)  # the last line of the log, not to be repeated

    async def run(self) -> None:
        await asyncio.sleep(START)
        begun = await self.store.digests.begun_at(self.clock())
        while True:
            await woken(self.withdrawal, await self.step(begun))
            self.withdrawal.clear()

    async def step(self, begun: datetime) -> float:
        """Call `look`, but outlast an internal error."""
        return await survive(self.look(begun), "the digest", AGAIN)

    async def look(self, begun: datetime) -> float:
        """Publish what is due. Returns the seconds until the next look."""
        now = self.clock()
        asking = self.schedule.preview_due(now)
        if asking and await self.store.memory.get(PREVIEWED) != str(asking):
            await self.publisher.preview(asking, now)
            await self.store.memory.set(PREVIEWED, str(asking))
            self.on_posts()
        week = self.schedule.due(now, begun)
        if week and await self.store.memory.get(DIGEST_PUBLISHED) != f"digest: {week}":
            results = await self.publisher.publish(week, now, edit=False)
            summary = ", ".join(f"{target.label or 'moderators'} {result}" for target, result in results.items())
            if summary != self._logged:
                log.info("digest of %s: %s", week, summary)
                self._logged = summary
            self.on_posts()
            if "unknown" in results.values():
                return ENTERING
            await self.store.memory.set(DIGEST_PUBLISHED, f"digest: {week}")
        if await self.publisher.remove_withdrawn(self.schedule.last(now), now):
            self.on_posts()
        return max(1.0, min(TICK, (self.schedule.next(now) - now).total_seconds()))


@dataclass
class PhrasingJob:
    """Posts the list at its time. `networks` are by name; `on_posts` is called when a list was put into the outbox."""

    store: Store
    networks: Mapping[str, Context]
    schedule: Schedule
    clock: Callable[[], datetime]
    on_posts: Callable[[], None]

    async def run(self) -> None:
        begun = self.clock()
        while True:
            await asyncio.sleep(TICK)
            await survive(self.look(begun), "the list of new phrasings", None)

    async def look(self, begun: datetime) -> None:
        """Post the list if it is due."""
        week = self.schedule.due(self.clock(), begun)
        ctx = next((ctx for ctx in self.networks.values() if ctx.moderation), None)
        if week is None or ctx is None or await self.store.memory.get(PHRASINGS_LISTED) == str(week):
            return
        try:
            outcome = await phrasings.weekly(ctx)
        except ChannelError as error:
            log.warning("new phrasings cannot be listed now: %s", error)
            return
        if outcome:
            # a list made again, after a crash, has another key: it is posted, and replaces the first one
            shown = outcome.find(PhrasingList)
            number = shown.number if shown else 0
            await self.store.apply(ctx.channel.name, f"phrasings {week} {number}", outcome, self.clock())
            self.on_posts()
        await self.store.memory.set(PHRASINGS_LISTED, str(week))
