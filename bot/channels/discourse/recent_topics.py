"""The public topics that were opened lately in the categories of the settings: what a digest may tell of."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.channels.discourse.models import DiscoursePost
from bot.channels.discourse.site import Site, event_id
from bot.messages import TOPICS_SEEN, Memory

KEPT = timedelta(days=15)
MOST = 50


class RecentTopics:
    def __init__(self, site: Site, memory: Memory, clock: Callable[[], datetime]) -> None:
        self._site, self._memory, self._clock = site, memory, clock

    async def note(self, post: DiscoursePost) -> None:
        """Only what everybody may read: that is for the caller to know. Nothing for an answer in a topic."""
        if post.post_number != 1 or not post.topic_title:
            return
        seen = await self._seen()
        url = self._site.link(post.topic_id)
        one = {"title": post.topic_title, "url": url, "posted": post.created_at.isoformat()}
        if seen.get(url) != one:
            await self._keep(seen | {url: one})

    async def forget(self, event: str) -> None:
        """A post was deleted; with the first one its topic goes."""
        seen = await self._seen()
        kept = {url: one for url, one in seen.items() if url != self._link(event)}
        if kept != seen:
            await self._keep(kept)

    def _link(self, event: str) -> str:
        topic = event.partition("/")[0]
        first = topic.isdecimal() and event == event_id(int(topic), 1)
        return self._site.link(int(topic)) if first else ""

    async def _seen(self) -> dict[str, dict[str, str]]:
        return {one["url"]: one for one in json.loads(await self._memory.recall(TOPICS_SEEN) or "[]")}

    async def _keep(self, seen: dict[str, dict[str, str]]) -> None:
        oldest = self._clock() - KEPT
        lately = [one for one in seen.values() if datetime.fromisoformat(one["posted"]) > oldest]
        await self._memory.remember(TOPICS_SEEN, json.dumps(lately[-MOST:]))
