"""Weekly link check. The store keeps its results and when the next one is due.

A check that is interrupted, or reaches nothing at all, is repeated a day later.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.conversation.context import Context
from bot.knowledge.models import Knowledge
from bot.linkcheck.links import changes, locations, next_state, verdict
from bot.linkcheck.probe import ProbePolicy, check
from bot.messages import Reply
from bot.replies.link_notes import LinkRow
from bot.store import LinkState, Post, Store
from bot.workers.loops import survive

log = logging.getLogger(__name__)

FIRST, RETRY, INTERVAL = timedelta(minutes=10), timedelta(days=1), timedelta(days=7)  # until the next check
TICK = 60.0  # seconds between two checks of the clock
LONGEST = 2_000  # bytes of an address: the limit of a database index
POLITE = ProbePolicy(at_once=2, pause=2.0)


@dataclass
class LinkCheckJob:
    """Checks the links at their time. Call `load` before the first answer.

    `on_note` is called when a check is done, which may have put a note for the moderators into the outbox. `verdicts`:
    the number of links by verdict, at the last check.
    """

    store: Store
    knowledge: Callable[[], Knowledge]
    networks: Mapping[str, Context]
    clock: Callable[[], datetime]
    on_note: Callable[[], None]
    policy: ProbePolicy = field(default_factory=lambda: POLITE)
    verdicts: dict[str, int] = field(default_factory=dict, init=False)
    _dead: frozenset[str] = field(default=frozenset(), init=False)

    def dead(self) -> frozenset[str]:
        return self._dead

    async def load(self) -> None:
        self._use((await self.store.links.states()).values())

    def _use(self, states: Collection[LinkState]) -> None:
        self._dead = frozenset(state.url for state in states if state.is_dead)
        self.verdicts = dict(Counter(map(verdict, states)))

    async def run(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            await self.step()

    async def step(self) -> bool:
        """Check if it is due, and return whether it was. An internal error costs only this check."""
        now, due = self.clock(), await self.store.links.next_check()
        if due is None or due - now > INTERVAL:  # the clock was ahead when the date was stored
            due = now + (FIRST if due is None else INTERVAL)
            await self.store.links.schedule(due)
        if due > now:
            return False
        await survive(self._look(now), "the link check", None)
        return True

    async def _look(self, now: datetime) -> None:
        await self.store.links.schedule(now + RETRY)
        urls = [link.url for link in locations(self.knowledge()) if len(link.url.encode()) <= LONGEST]
        results = await check(urls, policy=self.policy)
        if results and not any(result.answered for result in results):
            log.warning("none of %d links could be reached: no network? Checking again tomorrow", len(results))
            return
        before = await self.store.links.states()
        after = [next_state(before.get(result.url), result, now) for result in results]
        await self.store.links.note_check(after, now + INTERVAL, self._note(*changes(before, after)), now)
        self._use(after)
        self.on_note()
        log.info("%d links checked, %d dead", len(after), len(self._dead))

    def _note(self, *news: list[LinkState]) -> Post | None:
        """Return the note for the moderators' room, if there is news and a room."""
        moderation = next((ctx.moderation for ctx in self.networks.values()), None)
        if not any(news) or moderation is None:
            return None
        ctx, room = moderation
        links = [*locations(self.knowledge())]

        def rows(states: Iterable[LinkState]) -> list[LinkRow]:
            """Return a row for each entry that has one of the links."""
            pairs = ((link, state) for state in states for link in links if link.url == state.url)
            return [LinkRow(link.title, link.where, link.url, state.moved_to or "") for link, state in pairs]

        text = ctx.replies.links_news(*map(rows, news))
        return Post(Reply(room, text, quiet=True), "note", channel=ctx.channel.name)
