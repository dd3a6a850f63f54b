"""The weekly round of the addresses in the answers. What it found, and when the next one is due, stands in the store.

A round that does not come to its end, or reaches nobody at all, is made again a day later.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from bot.conversation.context import Context
from bot.knowledge.models import Knowledge
from bot.linkcheck.links import LinkChanges, LinkLocation, changes, locations, next_state, verdict
from bot.linkcheck.probe import ProbePolicy, check
from bot.messages import Reply
from bot.replies.link_notes import Row
from bot.store import LinkState, Post, Store

log = logging.getLogger(__name__)

FIRST, AGAIN, WEEK = timedelta(minutes=10), timedelta(days=1), timedelta(days=7)
TICK = 60.0  # seconds between two looks at the clock
LONGEST = 2_000  # bytes of an address: a database's index takes no longer ones
POLITE = ProbePolicy(at_once=2, pause=2.0)


class LinkCheckJob:
    """`load` it before the first answer. One of the `networks` may have a moderators' room; `wake` sends the note."""

    def __init__(
        self,
        store: Store,
        knowledge: Callable[[], Knowledge],
        networks: Mapping[str, Context],
        clock: Callable[[], datetime],
        wake: Callable[[], None],
        web: ProbePolicy | None = None,
    ) -> None:
        self._store, self._knowledge, self._networks = store, knowledge, networks
        self._clock, self._wake, self._web = clock, wake, web or POLITE
        self._dead: frozenset[str] = frozenset()
        self.verdicts: dict[str, int] = {}  # how many addresses of each, at the last look

    def dead(self) -> frozenset[str]:
        return self._dead

    async def load(self) -> None:
        self._take((await self._store.standings()).values())

    def _take(self, standings: Iterable[LinkState]) -> None:
        known = [*standings]
        self._dead = frozenset(standing.url for standing in known if standing.dead)
        self.verdicts = dict(Counter(map(verdict, known)))

    async def run(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            if await self.is_due():
                await self.look()

    async def is_due(self) -> bool:
        """Also on a clock that was a year ahead when it was noted: never more than a week is waited."""
        now, due = self._clock(), await self._store.next_look()
        if due is None or due - now > WEEK:
            due = now + (FIRST if due is None else WEEK)
            await self._store.look_at(due)
        return due <= now

    async def look(self) -> None:
        now = self._clock()
        await self._store.look_at(now + AGAIN)
        found = {place.url: place for place in locations(self._knowledge()) if len(place.url.encode()) <= LONGEST}
        checked = await check(found, web=self._web)
        if checked and not any(one.answered for one in checked):
            log.warning(
                "none of %d links could be reached: is there a network? They are tried again tomorrow", len(checked)
            )
            return
        before = await self._store.standings()
        after = [next_state(before.get(one.url), one, now) for one in checked]
        await self._store.looked(after, now + WEEK, self._note(changes(before, after)), now)
        self._take(after)
        self._wake()
        log.info("%d links looked at, %d dead", len(after), len(self._dead))

    def _note(self, news: LinkChanges) -> Post | None:
        """For the moderators, where something changed and they have a room."""
        here = next((here.moderation for here in self._networks.values()), None)
        if not news or here is None:
            return None
        there, room = here
        known = [*locations(self._knowledge())]
        kinds = [[row for one in kind for row in rows(one, known)] for kind in (news.dead, news.alive, news.moved)]
        text = there.replies.links_news(*kinds)
        return Post(Reply(room, text, quiet=True), "note", channel=there.channel.name)


def rows(standing: LinkState, places: Iterable[LinkLocation]) -> list[Row]:
    """One for each entry that holds the address."""
    return [
        Row(place.title, place.where, place.url, standing.moved_to or "")
        for place in places
        if place.url == standing.url
    ]
