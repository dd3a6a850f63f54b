"""The forum as a visitor without an account sees it: nothing that is not public can come out of it."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence

from bot.channels.discourse.client import DiscourseClient
from bot.channels.discourse.models import PRIVATE_MESSAGE, FoundTopic
from bot.channels.discourse.models import DiscourseTopic as Shown
from bot.messages import ChannelError, NetworkRefusal, Topic

log = logging.getLogger(__name__)

MOST = 3  # topics that are offered
KEPT = 600.0  # seconds for which the forum is not asked the same again
REMEMBERED = 200  # questions
PATIENCE = 5.0  # seconds: somebody waits for the reply
SHORTEST = 3  # letters of a word that is searched for
UNHURRIED = 90.0  # seconds: nobody waits for what is told once a week

Words = tuple[str, ...]


class ForumSearch:
    """`visitor`: a client without a key; `url`: the forum's address."""

    def __init__(self, visitor: DiscourseClient, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._visitor, self._url, self._clock = visitor, url.rstrip("/"), clock
        self._found: OrderedDict[Words, tuple[float, Sequence[Topic]]] = OrderedDict()
        self._looked_at: dict[str, tuple[float, Topic | None]] = {}

    async def __call__(self, words: Sequence[str]) -> Sequence[Topic]:
        """Nothing too while the forum is down or wants a pause: the search is a help, no duty."""
        key = tuple(word for word in words if len(word) >= SHORTEST)
        kept = self._found.get(key)
        if kept and self._clock() - kept[0] < KEPT:
            return kept[1]
        try:
            async with asyncio.timeout(PATIENCE):
                found = await self._search(key)
        except (ChannelError, TimeoutError) as trouble:
            log.info("the forum's search does not help at present: %s", trouble or "it takes too long")
            return ()
        self._keep(key, found)
        return found

    async def still_open(self, topics: Sequence[Topic]) -> Sequence[Topic]:
        """Those that are neither closed, unlisted nor gone, by their titles of today. What cannot be checked, because
        the forum is down or wants a pause, is left out: it may be private by now."""
        found: list[Topic] = []
        try:
            async with asyncio.timeout(UNHURRIED):
                for topic in topics:
                    found += filter(None, [await self._today(topic)])
        except (ChannelError, TimeoutError) as trouble:
            log.info("not all new topics of the forum could be checked: %s", trouble or "it takes too long")
        return found

    async def _today(self, topic: Topic) -> Topic | None:
        """Asked once in ten minutes."""
        moment, kept = self._looked_at.get(topic.url, (None, None))
        if moment is None or self._clock() - moment > KEPT:
            kept = await self._look_at(topic)
            self._looked_at[topic.url] = self._clock(), kept
        return kept

    async def _look_at(self, topic: Topic) -> Topic | None:
        number = re.search(r"/t/-/(\d+)", topic.url)
        try:
            found = await self._visitor.topic(int(number[1])) if number else None
        except NetworkRefusal:
            return None
        return Topic(found.title or topic.title, topic.url) if found and _is_open(found) else None

    async def close(self) -> None:
        await self._visitor.close()

    async def _search(self, words: Words) -> Sequence[Topic]:
        """The forum finds only what has all the words: with fewer of them, until something is found."""
        for query in _narrowing(words):
            if found := [topic for topic in await self._visitor.search(query) if _offered(topic)]:
                return [Topic(topic.title, f"{self._url}/t/-/{topic.id}") for topic in found[:MOST]]
        return ()

    def _keep(self, words: Words, found: Sequence[Topic]) -> None:
        self._found[words] = (self._clock(), found)
        self._found.move_to_end(words)
        while len(self._found) > REMEMBERED:
            self._found.popitem(last=False)


def _narrowing(words: Words) -> Iterator[str]:
    """All the words, then the three and the two rarest."""
    sizes = sorted({len(words), *(size for size in (3, 2) if size < len(words))}, reverse=True)
    return (" ".join(words[:size]) for size in sizes if size)


def _is_open(topic: Shown) -> bool:
    """Its first post goes with it: one that its author deleted stands there as a notice for a day."""
    ended = topic.private or topic.closed or topic.archived or topic.deleted_at is not None
    return topic.visible and not ended and any(post.post_number == 1 and not post.gone for post in topic.posts)


def _offered(topic: FoundTopic) -> bool:
    return topic.archetype != PRIVATE_MESSAGE and topic.visible and bool(topic.title)
