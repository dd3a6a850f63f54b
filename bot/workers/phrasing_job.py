"""Weekly list of new phrasings for moderators: polls the clock, which may jump, and posts each week's list once."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.conversation.context import Context
from bot.conversation.moderation import phrasings
from bot.digest.schedule import Schedule
from bot.messages import ChannelError
from bot.store import PhrasingList, Store
from bot.workers.loops import survive

log = logging.getLogger(__name__)

PAUSE = 60.0  # seconds between two checks of the clock
LAST = "phrasings: last"  # in the store: the week listed last


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
            await asyncio.sleep(PAUSE)
            await survive(self.look(begun), "the list of new phrasings", None)

    async def look(self, begun: datetime) -> None:
        """Post the list if it is due."""
        week = self.schedule.due(self.clock(), begun)
        ctx = next((ctx for ctx in self.networks.values() if ctx.moderation), None)
        if week is None or ctx is None or await self.store.memory.get(LAST) == str(week):
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
        await self.store.memory.set(LAST, str(week))
