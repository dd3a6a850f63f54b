"""Search for public topics, as a visitor without an account: nothing private can come out of it."""

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date

from bot.channels.discourse.client import DiscourseClient
from bot.channels.discourse.models import PRIVATE_MESSAGE, ListedTopic
from bot.channels.discourse.site import event_id, room
from bot.messages import ChannelError, NetworkRefusal, SolvedTopic, Topic

log = logging.getLogger(__name__)

MOST = 3  # topics that are offered
MAX_AGE = 600.0  # seconds for which a result is reused
REMEMBERED = 200  # searches
PATIENCE = 5.0  # seconds: somebody waits for the reply
SHORTEST = 3  # letters of a word worth searching for: `min_search_term_length`
UNHURRIED = 90.0  # seconds: nobody waits for the weekly digest


@asynccontextmanager
async def _in_time(seconds: float, failure: str) -> AsyncIterator[None]:
    """Leave the block after so long, or if the forum is down or asks for a pause; log the failure, with its reason."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except (ChannelError, TimeoutError) as error:
        log.info(failure, str(error) or "it takes too long")


@dataclass
class ForumSearch:
    """Implementation of `TopicSearch` for a forum.

    `visitor` is a client without a key, `url` the forum's address, `categories` the slugs of the settings.
    """

    visitor: DiscourseClient
    url: str
    categories: Collection[str] = ()
    _results: dict[tuple[str, ...], tuple[float, Sequence[Topic]]] = field(default_factory=dict, init=False)
    # by the topic's address; None: not open
    _states: dict[str, tuple[float, Topic | None]] = field(default_factory=dict, init=False)

    async def __call__(self, words: Sequence[str]) -> Sequence[Topic]:
        """Search with all the words, then with fewer, until there is a result: each has all the words of its query.

        Empty also while the forum is down or asks for a pause: a reply does not depend on the search.
        """
        key = tuple(word for word in words if len(word) >= SHORTEST)
        cached = self._results.get(key)
        if cached and time.monotonic() - cached[0] < MAX_AGE:
            return cached[1]
        result: list[Topic] = []
        async with _in_time(PATIENCE, "the forum's search does not help at present: %s"):
            # all the words, then the three and the two rarest
            for size in sorted({len(key), *(size for size in (3, 2) if size < len(key))} - {0}, reverse=True):
                found = [one for one in await self.visitor.search(" ".join(key[:size])) if _is_offered(one)]
                result = [Topic(topic.title, f"{self.url}/t/-/{topic.id}") for topic in found[:MOST]]
                if result:
                    break
            self._results[key] = time.monotonic(), result
            for oldest in [*self._results][:-REMEMBERED]:
                del self._results[oldest]
        return result

    async def still_open(self, topics: Sequence[Topic]) -> Sequence[Topic]:
        """Return the topics that are neither closed, unlisted nor gone, with their present titles.

        A topic that cannot be checked, because the forum is down or asks for a pause, is left out: it may be private by
        now.
        """
        result: list[Topic] = []
        async with _in_time(UNHURRIED, "not all new topics of the forum could be checked: %s"):
            for topic in topics:
                moment, state = self._states.get(topic.url, (None, None))
                if moment is None or time.monotonic() - moment > MAX_AGE:
                    state = await self._fetch_if_open(topic)
                    self._states[topic.url] = time.monotonic(), state
                result += [state] if state else []
        return result

    async def solved(self, since: date, known: Collection[str], most: int) -> Sequence[SolvedTopic]:
        """Return solved topics as `TopicSearch.solved`, with one search, and one request for each topic that is not
        known.

        `status:solved` is a search filter where discourse-solved is installed (its `register_filters.rb`); elsewhere it
        finds nothing.
        """
        if not self.categories:
            return ()
        query = f"status:solved category:{','.join(self.categories)} after:{since} order:latest_topic"
        result: list[SolvedTopic] = []
        async with _in_time(UNHURRIED, "solved topics of the forum cannot be looked for now: %s"):
            found = [one for one in await self.visitor.search(query) if one.has_accepted_answer]
            new = [one.id for one in found if _is_offered(one) and room(one.id) not in known]
            for number in new[:most]:
                topic = await self.visitor.topic(number)
                if topic and not topic.private and topic.solution is not None:
                    question, answer = event_id(number, 1), event_id(number, topic.solution)
                    result.append(SolvedTopic(room(number), question, answer))
        return result

    async def _fetch_if_open(self, topic: Topic) -> Topic | None:
        number = re.search(r"/t/-/(\d+)", topic.url)
        try:
            current = await self.visitor.topic(int(number[1])) if number else None
        except NetworkRefusal:
            return None
        if current is None or current.private or current.closed or current.archived or current.deleted_at:
            return None
        first = current.numbered(1)
        is_there = current.visible and first and not first.gone  # one that its author deleted stays as a notice
        return Topic(current.title or topic.title, topic.url) if is_there else None


def _is_offered(topic: ListedTopic) -> bool:
    return topic.archetype != PRIVATE_MESSAGE and topic.visible and bool(topic.title)
