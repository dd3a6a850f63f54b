"""The forum's categories: where new topics are overheard, and which are private."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from bot.channels.discourse.client import DiscourseClient
from bot.channels.discourse.event_parser import CategoryRole
from bot.channels.discourse.models import DiscoursePost
from bot.channels.discourse.site import Site
from bot.messages import NetworkRefusal, Venue

log = logging.getLogger(__name__)

MAX_AGE = 300.0  # seconds: a category, or the forum, may be closed to the public at any time
PRIVATE = CategoryRole(private=True)  # of unknown categories


class Categories:
    def __init__(self, site: Site, client: DiscourseClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._site, self._client, self._clock = site, client, clock
        self._roles: dict[int, CategoryRole] = {}
        self._fetched_at: float | None = None
        self._fetching = asyncio.Lock()

    async def role(self, category: int | None) -> CategoryRole:
        """Return the role of a category, private if it is unknown or None: only private messages have none.

        Raises Unreachable, RateLimited.
        """
        async with self._fetching:
            if self._fetched_at is None or self._clock() - self._fetched_at > MAX_AGE:
                await self._fetch()
        return PRIVATE if category is None else self._roles.get(category, PRIVATE)

    async def is_to_us_alone(self, post: DiscoursePost) -> bool:
        """Whether nobody else takes part in a private message. Its first post addresses the bot in any case."""
        try:
            topic = None if post.post_number == 1 else await self._client.topic(post.topic_id)
        except NetworkRefusal:
            topic = None
        return topic is None or not (len(topic.details.allowed_users) > 2 or topic.details.allowed_groups)

    async def _fetch(self) -> None:
        """Read the categories; with `login_required` the whole forum is private."""
        try:
            login_required = (await self._client.basic_info()).login_required
            categories = await self._client.categories()
        except NetworkRefusal as refusal:
            log.warning("nothing is overheard on the forum, its categories are not to be read: %s", refusal)
            self._roles = {}
        else:
            regions = self._site.regions
            self._roles = {one.id: CategoryRole(private=login_required or one.read_restricted) for one in categories}
            for one in categories:
                if one.slug in regions:
                    is_private, venue = self._roles[one.id].private, Venue(frozenset({one.slug}), regions[one.slug])
                    self._roles[one.id] = CategoryRole(not is_private, is_private, venue)
            missing = regions.keys() - {one.slug for one in categories}
            if missing and self._fetched_at is None:
                log.warning("no such category on the forum, or not for us: %s", ", ".join(sorted(missing)))
        self._fetched_at = self._clock()
