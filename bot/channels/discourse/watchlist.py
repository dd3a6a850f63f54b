"""Posts that are looked at again for a day: questions that were replied to, which may be edited or deleted, and our
replies, which somebody may delete. The list of new posts shows neither.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from bot.channels.discourse import event_parser
from bot.channels.discourse.client import DiscourseClient
from bot.channels.discourse.event_parser import JournalledPost
from bot.channels.discourse.http import Forbidden
from bot.channels.discourse.models import DiscoursePost, DiscourseTopic
from bot.channels.discourse.pending_posts import PendingPosts
from bot.channels.discourse.site import event_id, place_of
from bot.messages import Event, Memory, RateLimited, Unreachable

_MEMORY = "discourse.watched"
_MOST = 600  # posts
_AT_ONCE = 5  # topics that are read in one look
_TOLD = 10.0  # seconds between two looks at a topic, when the forum tells that something happened
_DAY = timedelta(days=1)
_GAPS = ((timedelta(minutes=15), 120.0), (timedelta(hours=2), 600.0), (_DAY, 3600.0))
"""Up to which age how many seconds lie between two looks."""


@dataclass(slots=True)
class WatchedPost:
    """`digest`: of the words that were answered; None: not known, after a crash. `answers`: what our post does."""

    post: int | None  # its id
    digest: str | None
    begun: float  # seconds since 1970
    answers: str | None = None
    looked: float = 0.0
    until: float | None = None  # where less than a day matters


class Watchlist:
    def __init__(self, client: DiscourseClient, memory: Memory, clock: Callable[[], datetime]) -> None:
        self._client, self._memory, self._clock = client, memory, clock
        self.held = PendingPosts(memory)
        self._watches: dict[str, WatchedPost] = {}  # by event id
        self._read: dict[str, tuple[int, str]] = {}  # what was read lately: id and digest, by event id
        self._keeping, self._changed = asyncio.Lock(), False

    async def open(self) -> None:
        await self.held.open()
        kept = json.loads(await self._memory.recall(_MEMORY) or "{}")
        self._watches = {event: WatchedPost(**fields) for event, fields in kept.items()}

    def note(self, said: JournalledPost) -> None:
        """A post that may be replied to."""
        post = said.post
        self._read[event_id(post.topic_id, post.post_number)] = post.id, event_parser.digest(post)
        for event in list(self._read)[: -2 * _MOST]:
            del self._read[event]

    def wait_for(self, said: JournalledPost, seconds: float) -> None:
        """A post that will be replied to soon, unless it is gone by then."""
        now = self._clock().timestamp()
        watch = WatchedPost(said.post.id, event_parser.digest(said.post), now, looked=now, until=now + seconds)
        self._watches.setdefault(event_id(said.post.topic_id, said.post.post_number), watch)

    async def replied(self, question: str | None, reply: str, post: int | None) -> None:
        """Both are watched from now on."""
        now = self._clock().timestamp()
        self._watches[reply] = WatchedPost(post, None, now, answers=question or "", looked=now)
        if question:
            id, digest = self._read.get(question, (None, None))
            self._watches[question] = WatchedPost(id, digest, now, looked=now)
        self._changed = True
        await self.keep()

    def post_of(self, event: str) -> int | None:
        """Its id, where that is known."""
        return self._watches[event].post if event in self._watches else None

    async def forget(self, event: str) -> None:
        self._changed |= self._watches.pop(event, None) is not None
        await self.keep()

    async def keep(self) -> None:
        """To be called once the events of a look are journalled."""
        async with self._keeping:
            while self._changed:
                self._changed = False
                kept = {event: asdict(watch) for event, watch in self._watches.items() if watch.until is None}
                await self._memory.remember(_MEMORY, json.dumps(kept))

    async def look(self, told: bool) -> list[Event]:
        """What happened to those whose turn it is; with `told` to all newer ones. Raises Unreachable, TooFast."""
        self._drop_old()
        now = self._clock().timestamp()
        topics: dict[int, dict[str, WatchedPost]] = defaultdict(dict)
        for event, watch in self._watches.items():
            if place := place_of(event):
                topics[place[0]][event] = watch
        due = [topic for topic, watches in topics.items() if any(_due(one, now, told) for one in watches.values())]
        due.sort(key=lambda topic: min(watch.looked for watch in topics[topic].values()))
        events: list[Event] = []
        for topic in due[:_AT_ONCE]:
            try:
                events += await self._look_at(topic, topics[topic])
            except (Unreachable, RateLimited):
                if not events:
                    raise
                break  # what was found must not be lost
        return events

    async def _look_at(self, number: int, watches: dict[str, WatchedPost]) -> list[Event]:
        """First all that is to be asked, then what follows from it: trouble in between leaves everything as it was."""
        try:
            topic = await self._client.topic(number)
        except Forbidden:  # closed to us: nobody deleted anything
            return self._leave(watches)
        shown = {post.post_number: post for post in topic.posts} if topic else {}
        found = {event: await self._found(topic, event, watch, shown) for event, watch in watches.items()}
        self._leave([event for event, (_, moved) in found.items() if moved])
        posts = {event: post for event, (post, _) in found.items() if event in self._watches}
        gone = {event for event, post in posts.items() if post is None or post.gone}
        events: list[Event] = []
        for event, post in posts.items():
            watch = self._watches[event]
            watch.looked = self._clock().timestamp()
            if topic and post and event not in gone and watch.answers is None:
                events += self._edited(topic, post, watch)
        return [*events, *self._deleted(gone, whole=topic is None)]

    def _leave(self, events: Iterable[str]) -> list[Event]:
        for event in list(events):
            self._changed |= self._watches.pop(event, None) is not None
        return []

    async def _found(
        self, topic: DiscourseTopic | None, event: str, watch: WatchedPost, shown: dict[int, DiscoursePost]
    ) -> tuple[DiscoursePost | None, bool]:
        """The post as it is now, and whether it was moved elsewhere. Of a topic only its first posts come at once."""
        number = (place_of(event) or (0, 0))[1]
        if topic is None or number in shown:
            return shown.get(number), False
        try:
            if watch.post is None:
                post = await self._client.post_by_number(topic.id, number)
            else:
                post = await self._client.post(watch.post)
        except Forbidden:
            return None, True
        return post, post is not None and post.topic_id != topic.id

    def _edited(self, topic: DiscourseTopic, post: DiscoursePost, watch: WatchedPost) -> Iterator[Event]:
        post = post.model_copy(update={"topic_title": topic.title, "category_id": topic.category_id})
        before, watch.digest, watch.post = watch.digest, event_parser.digest(post), post.id
        self._changed |= before != watch.digest
        if before != watch.digest and (before or _was_edited(post)):
            yield event_parser.edited(JournalledPost(post, direct=topic.private))

    def _deleted(self, gone: set[str], whole: bool) -> Iterator[Event]:
        """A reply that went with its question, or with its topic, was not deleted for its own sake."""
        for event in gone:
            answers = self._watches.pop(event).answers
            self._changed = True
            topic, number = place_of(event) or (0, 0)
            if answers is None:
                yield event_parser.deleted(topic, number, "", self._clock())
            elif not whole and answers not in gone:
                yield event_parser.deleted(topic, number, f"{event}/deleted", self._clock())

    def _drop_old(self) -> None:
        now = self._clock().timestamp()
        old = [
            event for event, watch in self._watches.items() if now > (watch.until or watch.begun + _DAY.total_seconds())
        ]
        for event in [*old, *_oldest(self._watches)]:
            self._changed |= self._watches.pop(event, None) is not None


def _oldest(watches: dict[str, WatchedPost]) -> Sequence[str]:
    return sorted(watches, key=lambda event: watches[event].begun)[:-_MOST]


def _due(watch: WatchedPost, now: float, told: bool) -> bool:
    age, since = timedelta(seconds=now - watch.begun), now - watch.looked
    if watch.until or (told and age < _GAPS[1][0]):
        return since >= _TOLD
    return since >= next((gap for longest, gap in _GAPS if age < longest), _GAPS[-1][1])


def _was_edited(post: DiscoursePost) -> bool:
    """Edits within five minutes do not raise the version."""
    return post.version > 1 or post.updated_at > post.created_at
