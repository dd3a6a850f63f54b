"""Posts the digest at each of its places once a week, and edits it afterwards; `content.py` gathers what it says."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Literal, Protocol

from bot.digest import content
from bot.digest.schedule import Schedule, Week
from bot.knowledge.models import Knowledge
from bot.matching.locality import visible
from bot.messages import Channel, Reply, Topic, Venue
from bot.replies import REFUSE, Replies
from bot.replies.digest_post import OPEN, OpenQuestion
from bot.store import DeliveryStatus, Post, Published, Store

WEEKS = 13  # whose posts are searched for withdrawn questions: the default retention of questions
MATURE = timedelta(days=1)
FRESH = timedelta(days=1)  # after that, by hand, new words make the next digest instead of an edit of the last one
CHECKED = 50  # most-asked questions whose forum topics are checked
PublishResult = Published | Literal["empty", "unknown"]
"""`empty`: nothing to post; `unknown`: the room was not entered yet."""
Composed = tuple[str | None, str, tuple[str, ...]]
"""Title where it is a topic's, text, and ids of the events that it quotes."""
StillOpen = Callable[[Sequence[Topic]], Awaitable[Sequence[Topic]]]
"""Filters forum topics: those that a visitor can still read, and reply to after logging in."""


@dataclass(frozen=True, slots=True)
class DigestTarget:
    """`name`: room or category as in the settings. `work`: the moderators' room, which gets the list of their work."""

    channel: str
    name: str
    work: bool = False

    @property
    def label(self) -> str:
        """For people: empty for the moderators' room, whose name here is an id."""
        return "" if self.work else self.name


class DigestVoice(Protocol):
    """How the bot writes on a network."""

    @property
    def channel(self) -> Channel: ...

    @property
    def replies(self) -> Replies: ...


async def unfiltered(topics: Sequence[Topic]) -> Sequence[Topic]:
    """A `StillOpen` that does not ask the forum."""
    return topics


@dataclass(frozen=True, slots=True)
class DigestPublisher:
    """`networks`: by channel name; `places`: of the settings; `asks`: whether a text surely is a question."""

    store: Store
    knowledge: Callable[[], Knowledge]
    networks: Mapping[str, DigestVoice]
    schedule: Schedule
    places: tuple[DigestTarget, ...]
    dead: Callable[[], Set[str]] = frozenset
    still_open: StillOpen = unfiltered
    asks: Callable[[str], bool] = lambda text: True

    def targets(self) -> Iterator[DigestTarget]:
        """Return the places of the settings, and the moderators' rooms."""
        yield from (target for target in self.places if target.channel in self.networks)
        for name, network in self.networks.items():
            if room := network.channel.moderators_room:
                yield DigestTarget(name, room, work=True)

    async def publish(self, week: Week, now: datetime, edit: bool = True) -> dict[DigestTarget, PublishResult]:
        """Post the digest of that week. `edit`: update what is posted already."""
        results: dict[DigestTarget, PublishResult] = {}
        for target in self.targets():
            if self._room(target) is None:
                results[target] = "unknown"
            elif not edit and await self.status(target, week):
                results[target] = "same"
            else:
                composed = await self._compose(target, week, now)
                results[target] = await self._put(target, week, now, composed) if composed[1] else "empty"
        return results

    async def status(self, target: DigestTarget, week: Week) -> DeliveryStatus | None:
        """None: nothing was posted there for that week."""
        return await self.store.digests.status(target.channel, key(target, week))

    async def week_by_hand(self, now: datetime) -> Week:
        """The last week that was due, until a place has had its digest for a day; then the next one."""
        last = self.schedule.last(now)
        for target in self.targets():
            updated = await self.store.digests.updated_at(key(target, last))
            if updated and now - updated >= FRESH and await self.status(target, last) == "sent":
                return last.after
        return last

    async def preview(self, week: Week, now: datetime) -> None:
        """Show moderators each question that the digest of that week will ask, as the note about a question."""
        room = next((target for target in self.targets() if target.work), None)
        asked: dict[int, OpenQuestion] = {}
        for target in self.targets():
            if not target.work and self._room(target) and await self.status(target, week) is None:
                asked |= {one.number: one for one in (await self._open_questions(target, week, now))[:OPEN]}
        if room is None or not asked:
            return
        network = self.networks[room.channel]
        choices = (REFUSE,) if network.channel.capabilities.reacts else ()
        posts = [Post(Reply(room.name, network.replies.say("digest_preview"), quiet=True), "note", number=0)]
        for one in asked.values():
            text = network.replies.question_again(one.number, one.text, one.url)
            reply = Reply(room.name, text, quiet=True, choices=choices)
            posts.append(Post(reply, "asked", overheard=True, number=one.number))
        for post in posts:
            await self.store.outbox.post(room.channel, post, f"digest preview {week} {post.number}", now)

    async def remove_withdrawn(self, week: Week, now: datetime) -> bool:
        """Edit the posts that quote questions withdrawn since; whether there were any. `week`: the last one that was
        due; the next one may have been posted by hand.

        A post of an earlier week loses its whole text: the rest of that week's content is no longer known.
        """
        is_changed = False
        for target in self.targets():
            newest = week.after if await self.status(target, week.after) else week
            for one in accumulate(range(WEEKS - 1), lambda one, _: one.before, initial=newest):
                is_newest = one == newest
                if await self.store.digests.quotes_withdrawn(target.channel, key(target, one), or_expired=is_newest):
                    title, text, quotes = await self._compose(target, one, now) if is_newest else (None, "", ())
                    if not text:
                        replies = self.networks[target.channel].replies
                        text = replies.digest_withdrawn(self.schedule.day(one), titled=not self._is_forum(target))
                    await self._put(target, one, now, (title, text, quotes), tells=is_newest)
                    is_changed = True
        return is_changed

    async def text(self, target: DigestTarget, week: Week, now: datetime, since: datetime | None = None) -> str:
        """Empty if there is nothing to post. `since` defaults to the previous digest. Open questions are those of a
        room that was entered."""
        _, text, _ = await self._compose(target, week, now, since)
        return text

    async def _compose(
        self, target: DigestTarget, week: Week, now: datetime, since: datetime | None = None
    ) -> Composed:
        replies, day = self.networks[target.channel].replies, self.schedule.local_day(now)
        if target.work:
            work = await content.moderators_work(self.store, self.knowledge(), self.dead(), now, day, replies.pages)
            return None, replies.digest_work(work, day), ()
        if since is None:  # the previous digest was posted there, or was due
            posted = await self.store.digests.updated_at(key(target, week.before))
            since = posted or self.schedule.moment(week.before)
        topics = await self.still_open(await content.new_topics(self.store, since))
        shown = visible(self.knowledge(), Venue(frozenset({target.name})))
        entries = content.digest_entries(shown, self.dead(), day, replies.pages)
        news = await content.week_content(
            self.store, entries, since, await self._open_questions(target, week, now), topics
        )
        first, is_forum = self.schedule.local_day(since), self._is_forum(target)
        title = replies.digest_title(day, first) if is_forum else None
        quotes = tuple(one.event for one in news.open[:OPEN])
        return title, replies.digest(news, day, first, titled=not is_forum), quotes

    async def _open_questions(self, target: DigestTarget, week: Week, now: datetime) -> list[OpenQuestion]:
        """Each as it was first asked in public at the target: surely a question, and a day old at least, so that
        moderators had time for it. Of a forum those whose topic is still open."""
        channel, room, is_forum = self.networks[target.channel].channel, self._room(target), self._is_forum(target)
        latest = min(now, self.schedule.moment(week)) - MATURE
        found: list[OpenQuestion] = []
        for question in await self.store.queue.questions():
            public = (one for one in question.askings if one.text and not one.private and one.channel == target.channel)
            first = next((one for one in public if is_forum or one.room == room), None)
            if first and first.asked <= latest and self.asks(first.text):
                url = channel.link(first.room, first.event)
                found.append(OpenQuestion(first.text, url, first.event, first.question))
        if not is_forum:  # readers of a room can read what was asked there
            return found
        topics = await self.still_open([Topic(one.text, one.url) for one in found[:CHECKED]])
        urls = {topic.url for topic in topics}
        return [one for one in found if one.url in urls]

    async def _put(
        self, target: DigestTarget, week: Week, now: datetime, composed: Composed, tells: bool = True
    ) -> PublishResult:
        title, text, quotes = composed
        room = self._room(target)
        if room is None:
            return "unknown"
        reply = Reply(room, text, quiet=True, title=title)
        return await self.store.digests.publish(target.channel, reply, key(target, week), now, quotes, tells)

    def _is_forum(self, target: DigestTarget) -> bool:
        return self.networks[target.channel].channel.capabilities.has_topics

    def _room(self, target: DigestTarget) -> str | None:
        return target.name if target.work else self.networks[target.channel].channel.room_named(target.name)


def key(target: DigestTarget, week: Week) -> str:
    """Identifies the post in the store: it must not change while the post may still be made."""
    return f"digest {week} {target.channel} {'work' if target.work else target.name}"
