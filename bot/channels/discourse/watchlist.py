"""Posts that are checked again, since lists of new posts show neither edits nor deletions.

For a day: questions that got a reply, which may be edited or deleted, and our replies, which somebody may delete. Until
they appear: replies of ours that wait for a moderator's approval, whose place in the topic is not known yet.
"""

import asyncio
import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from bot.channels.discourse import event_parser
from bot.channels.discourse.client import DiscourseClient
from bot.channels.discourse.event_parser import JournalledPost
from bot.channels.discourse.formatting import answered_number, normalized, variants
from bot.channels.discourse.http import Forbidden
from bot.channels.discourse.models import DiscoursePost, DiscourseTopic
from bot.channels.discourse.site import Site, event_id, position_of, topic_of
from bot.messages import Event, Memory, RateLimited, Reply, Unreachable

_PENDING_KEY, _WATCHED_KEY = "discourse.held", "discourse.watched"  # in the store's memory
_MOST_PENDING, _MOST_WATCHED = 200, 600  # posts
_AT_ONCE = 5  # topics read in one round
_PUSHED = 10.0  # seconds between two checks of a topic while webhooks come in
_DAY = timedelta(days=1)  # how long posts are watched
_INTERVALS = ((timedelta(minutes=15), 120.0), (timedelta(hours=2), 600.0), (_DAY, 3600.0))
"""Age up to which so many seconds lie between two checks."""


@dataclass(frozen=True, slots=True)
class PendingReply:
    """Features of one of our posts. `topic` is None for a topic of our own; `answers` is a post number.

    `said` holds hashes of the texts that it may have.
    """

    us: str
    topic: int | None
    answers: int | None
    said: list[str]

    def matches(self, post: DiscoursePost) -> bool:
        is_reply = (post.topic_id, post.reply_to_post_number) == (self.topic, self.answers)
        is_own_topic = self.topic is None and post.post_number == 1
        return (is_reply or is_own_topic) and post.username.casefold() == self.us and _hash(post.raw) in self.said


def _hash(raw: str) -> str:
    return hashlib.sha256(normalized(raw).encode("utf-8", "replace")).hexdigest()[:16]


@dataclass(slots=True)
class WatchedPost:
    """A post that is checked again.

    `digest` is of the text that was answered, None if unknown after a crash. `answers` is the event that our post
    answers.
    """

    post: int | None  # its id
    digest: str | None
    begun: float  # seconds since 1970
    answers: str | None = None
    looked: float = 0.0
    until: float | None = None  # if less than a day matters


class Watchlist:
    def __init__(self, site: Site, client: DiscourseClient, memory: Memory, clock: Callable[[], datetime]) -> None:
        self._site, self._client, self._memory, self._clock = site, client, memory, clock
        self._pending: dict[str, PendingReply] = {}  # by event id
        self._watches: dict[str, WatchedPost] = {}  # by event id
        self._recently_read: dict[str, tuple[int, str]] = {}  # post id and digest, by event id
        self._saving, self._is_changed = asyncio.Lock(), False

    async def open(self) -> None:
        pending = json.loads(await self._memory.get(_PENDING_KEY) or "{}")
        self._pending = {event: PendingReply(**fields) for event, fields in pending.items()}
        watched = json.loads(await self._memory.get(_WATCHED_KEY) or "{}")
        self._watches = {event: WatchedPost(**fields) for event, fields in watched.items()}

    async def note_pending(self, event: str, reply: Reply) -> None:
        """Note a reply that waits for approval."""
        texts = [_hash(body) for body in variants(self._site, reply)]
        us = self._site.username.casefold()
        self._pending[event] = PendingReply(us, topic_of(reply.room), answered_number(reply), texts)
        self._pending = dict([*self._pending.items()][-_MOST_PENDING:])
        stored = {event: asdict(reply) for event, reply in self._pending.items()}
        await self._memory.set(_PENDING_KEY, json.dumps(stored))

    def appeared_in(self, posts: Iterable[DiscoursePost]) -> Iterator[Event]:
        """Yield the event of each reply that appeared, once; one that is not journalled then appears again after a
        restart."""
        for post in posts:
            event = next((event for event, reply in self._pending.items() if reply.matches(post)), None)
            if event:
                del self._pending[event]
                yield event_parser.appearance_event(post, event, self._site)

    def note_read(self, content: JournalledPost) -> None:
        """Note a post that may get a reply."""
        post = content.post
        self._recently_read[event_id(post.topic_id, post.post_number)] = post.id, event_parser.text_digest(post)
        for event in list(self._recently_read)[: -2 * _MOST_WATCHED]:
            del self._recently_read[event]

    def watch_until_answered(self, content: JournalledPost, seconds: float) -> None:
        """Watch a post that will soon get a reply, unless it is gone by then."""
        now, post = self._clock().timestamp(), content.post
        watch = WatchedPost(post.id, event_parser.text_digest(post), now, looked=now, until=now + seconds)
        self._watches.setdefault(event_id(post.topic_id, post.post_number), watch)

    async def watch_reply(self, question: str | None, reply: str, post: int | None) -> None:
        """Watch the reply and its question."""
        now = self._clock().timestamp()
        self._watches[reply] = WatchedPost(post, None, now, answers=question or "", looked=now)
        if question:
            id, digest = self._recently_read.get(question, (None, None))
            self._watches[question] = WatchedPost(id, digest, now, looked=now)
        self._is_changed = True
        await self.save()

    def post_id(self, event: str) -> int | None:
        """Return the post's id, None if unknown."""
        return self._watches[event].post if event in self._watches else None

    async def forget(self, event: str) -> None:
        self._drop([event])
        await self.save()

    async def save(self) -> None:
        """Store the list. Call once the events of a round are journalled."""
        async with self._saving:
            while self._is_changed:
                self._is_changed = False
                stored = {event: asdict(watch) for event, watch in self._watches.items() if watch.until is None}
                await self._memory.set(_WATCHED_KEY, json.dumps(stored))

    async def poll(self, is_pushed: bool) -> list[Event]:
        """Return events of the posts that are due; after a webhook, of all young ones. Raises Unreachable,
        RateLimited."""
        now, day = self._clock().timestamp(), _DAY.total_seconds()
        old = [event for event, watch in self._watches.items() if now > (watch.until or watch.begun + day)]
        oldest = sorted(self._watches, key=lambda event: self._watches[event].begun)[:-_MOST_WATCHED]
        self._drop([*old, *oldest])
        topics: dict[int, dict[str, WatchedPost]] = defaultdict(dict)
        for event, watch in self._watches.items():
            if position := position_of(event):
                topics[position[0]][event] = watch
        due = [topic for topic, posts in topics.items() if any(_is_due(one, now, is_pushed) for one in posts.values())]
        due.sort(key=lambda topic: min(watch.looked for watch in topics[topic].values()))
        events: list[Event] = []
        for topic in due[:_AT_ONCE]:
            try:
                events += await self._check_topic(topic, topics[topic])
            except (Unreachable, RateLimited):
                if not events:
                    raise
                break  # events of the topics before it must not be lost
        return events

    async def _check_topic(self, number: int, watches: dict[str, WatchedPost]) -> list[Event]:
        """Check a topic. All requests come before their effects: an error in between leaves everything as it was."""
        try:
            topic = await self._client.topic(number)
        except Forbidden:  # closed to us: nobody deleted anything
            self._drop(watches)
            return []
        current = {event: await self._current(topic, event, watch) for event, watch in watches.items()}
        self._drop([event for event, (_, is_moved) in current.items() if is_moved])
        events, gone = list[Event](), set[str]()
        for event, (post, _) in current.items():
            if (watch := self._watches.get(event)) is None:  # moved, or dropped meanwhile
                continue
            watch.looked = self._clock().timestamp()
            if topic is None or post is None or post.gone:
                gone.add(event)
            elif watch.answers is None:
                # an edit within `editing_grace_period` (five minutes) raises no version
                post = post.model_copy(update={"topic_title": topic.title, "category_id": topic.category_id})
                before, watch.digest, watch.post = watch.digest, event_parser.text_digest(post), post.id
                self._is_changed |= before != watch.digest
                if before != watch.digest and (before or post.version > 1 or post.updated_at > post.created_at):
                    events.append(event_parser.edit_event(JournalledPost(post, direct=topic.private), self._site))
        for event in gone:
            place, answers = position_of(event) or (0, 0), self._watches.pop(event).answers
            self._is_changed = True
            if answers is None:
                events.append(event_parser.redaction_event(*place, "", self._clock(), self._site))
            elif topic and answers not in gone:  # else it went with its topic or question, not for its own sake
                events.append(event_parser.redaction_event(*place, f"{event}/deleted", self._clock(), self._site))
        return events

    async def _current(
        self, topic: DiscourseTopic | None, event: str, watch: WatchedPost
    ) -> tuple[DiscoursePost | None, bool]:
        """Return the post as it is now, and whether it was moved to another topic.

        A topic comes with its first posts only.
        """
        number = (position_of(event) or (0, 0))[1]
        shown = topic.numbered(number) if topic else None
        if topic is None or shown:
            return shown, False
        try:
            if watch.post is None:
                post = await self._client.post_by_number(topic.id, number)
            else:
                post = await self._client.post(watch.post)
        except Forbidden:
            return None, True
        return post, post is not None and post.topic_id != topic.id

    def _drop(self, events: Iterable[str]) -> None:
        for event in list(events):
            self._is_changed |= self._watches.pop(event, None) is not None


def _is_due(watch: WatchedPost, now: float, is_pushed: bool) -> bool:
    age, since = timedelta(seconds=now - watch.begun), now - watch.looked
    if watch.until or (is_pushed and age < _INTERVALS[1][0]):
        return since >= _PUSHED
    return since >= next((seconds for longest, seconds in _INTERVALS if age < longest), _INTERVALS[-1][1])
