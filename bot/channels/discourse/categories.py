"""The forum's categories: where new topics are overheard, and what not everybody may read: nothing where the whole
forum wants a login."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from bot.channels.discourse.client import DiscourseClient
from bot.channels.discourse.event_parser import CategoryRole
from bot.channels.discourse.models import DiscoursePost
from bot.channels.discourse.site import Site
from bot.messages import NetworkRefusal

log = logging.getLogger(__name__)

KEPT = 300.0  # seconds: a category, or the forum, may be closed to the public at any time
PRIVATE = CategoryRole(private=True)


class Categories:
    def __init__(self, site: Site, client: DiscourseClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._site, self._client, self._clock = site, client, clock
        self._places: dict[int, CategoryRole] = {}
        self._asked: float | None = None
        self._asking = asyncio.Lock()

    async def of(self, category: int | None) -> CategoryRole:
        """One that we do not know counts as private, and so does none: only messages stand outside of the categories.

        Raises Unreachable, TooFast.
        """
        async with self._asking:
            if self._asked is None or self._clock() - self._asked > KEPT:
                await self._ask()
        return PRIVATE if category is None else self._places.get(category, PRIVATE)

    async def is_to_us_alone(self, post: DiscoursePost) -> bool:
        """Of a private message, in which more may take part; its first post was sent to the bot, too."""
        try:
            topic = None if post.post_number == 1 else await self._client.topic(post.topic_id)
        except NetworkRefusal:
            topic = None
        return topic is None or not (len(topic.details.allowed_users) > 2 or topic.details.allowed_groups)

    async def _ask(self) -> None:
        try:
            closed = (await self._client.basic_info()).login_required
            categories = await self._client.categories()
        except NetworkRefusal as refusal:
            log.warning("nothing is overheard on the forum, its categories are not to be read: %s", refusal)
            self._places = {}
        else:
            self._places = {one.id: self._place(one.slug, closed or one.read_restricted) for one in categories}
            self._report({one.slug for one in categories})
        self._asked = self._clock()

    def _place(self, slug: str, restricted: bool) -> CategoryRole:
        return CategoryRole(overhears=slug in self._site.categories and not restricted, private=restricted)

    def _report(self, slugs: set[str]) -> None:
        missing = [slug for slug in self._site.categories if slug not in slugs]
        if missing and self._asked is None:
            log.warning("no such category on the forum, or not for us: %s", ", ".join(missing))
