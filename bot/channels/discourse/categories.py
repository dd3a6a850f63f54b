"""The forum's categories: where new topics are overheard and noted for the digest, and which are private."""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Set
from datetime import datetime, timedelta

from bot.channels.discourse.client import DiscourseClient
from bot.channels.discourse.event_parser import CategoryRole
from bot.channels.discourse.models import DiscoursePost
from bot.channels.discourse.site import Site, position_of
from bot.messages import NOWHERE, TOPICS_SEEN, Memory, NetworkRefusal, Venue

log = logging.getLogger(__name__)

MAX_AGE = 300.0  # seconds: a category, or the forum, may be closed to the public at any time
PRIVATE = CategoryRole(private=True)  # of unknown categories
RECENT = timedelta(days=15)  # age of topics that are kept for the digest
MOST_RECENT = 50  # topics kept


class Categories:
    def __init__(self, site: Site, client: DiscourseClient) -> None:
        self._site, self._client = site, client
        self._roles: dict[int, CategoryRole] = {}
        self._fetched_at: float | None = None
        self._missing: Set[str] = frozenset()
        self._fetching = asyncio.Lock()

    async def role(self, category: int | None) -> CategoryRole:
        """Return the role of a category, private if it is unknown or None: only private messages have none.

        Raises Unreachable, RateLimited.
        """
        async with self._fetching:
            if self._fetched_at is None or time.monotonic() - self._fetched_at > MAX_AGE:
                await self._fetch()
        return PRIVATE if category is None else self._roles.get(category, PRIVATE)

    async def is_to_us_alone(self, post: DiscoursePost) -> bool:
        """Whether nobody else takes part in a private message. Its first post addresses the bot in any case."""
        try:
            topic = None if post.post_number == 1 else await self._client.topic(post.topic_id)
        except NetworkRefusal:
            topic = None
        return topic is None or not (len(topic.allowed_users) > 2 or topic.allowed_groups)

    async def _fetch(self) -> None:
        """Read the categories; with `login_required` the whole forum is private."""
        regions, roles = self._site.regions, dict[int, CategoryRole]()
        try:
            login_required = (await self._client.basic_info()).login_required
            categories = await self._client.categories()
        except NetworkRefusal as refusal:
            log.warning("nothing is overheard on the forum, its categories are not to be read: %s", refusal)
        else:
            for one in categories:
                private, is_read = login_required or one.read_restricted, one.slug in regions
                venue = Venue(frozenset({one.slug}), regions[one.slug]) if is_read else NOWHERE
                roles[one.id] = CategoryRole(is_read and not private, private, venue)
            missing = regions.keys() - {one.slug for one in categories}
            if missing - self._missing:
                log.warning("no such category on the forum, or not for us: %s", ", ".join(sorted(missing)))
            self._missing = missing
        self._roles, self._fetched_at = roles, time.monotonic()


class RecentTopics:
    """Public topics opened lately in the categories of the settings, in the store's memory."""

    def __init__(self, site: Site, memory: Memory, clock: Callable[[], datetime]) -> None:
        self._site, self._memory, self._clock = site, memory, clock

    async def note(self, post: DiscoursePost) -> None:
        """Note the topic of a first post. The caller checks that everybody may read it."""
        if post.post_number != 1 or not post.topic_title:
            return
        topics, url = await self._load(), self._site.link(post.topic_id)
        topic = {"title": post.topic_title, "url": url, "posted": post.created_at.isoformat()}
        if topics.get(url) != topic:
            await self._save(topics | {url: topic})

    async def forget(self, event: str) -> None:
        """Forget the topic of a deleted first post."""
        topic, number = position_of(event) or (0, 0)
        topics = await self._load()
        if number == 1 and topics.pop(self._site.link(topic), {}):
            await self._save(topics)

    async def _load(self) -> dict[str, dict[str, str]]:
        return {topic["url"]: topic for topic in json.loads(await self._memory.get(TOPICS_SEEN) or "[]")}

    async def _save(self, topics: dict[str, dict[str, str]]) -> None:
        oldest = self._clock() - RECENT
        recent = [topic for topic in topics.values() if datetime.fromisoformat(topic["posted"]) > oldest]
        await self._memory.set(TOPICS_SEEN, json.dumps(recent[-MOST_RECENT:]))
