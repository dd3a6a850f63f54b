"""The digest in its places: composed for each, posted once in a week, edited when it is published again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import accumulate
from typing import Literal, Protocol

from bot.digest import content
from bot.digest.schedule import Schedule
from bot.digest.schedule import Week as When
from bot.knowledge.models import Knowledge
from bot.messages import Channel, Reply, Topic
from bot.replies import Replies
from bot.replies.digest_post import OPEN, OpenQuestion
from bot.replies.digest_post import DigestWeek as Found
from bot.store import Post, Published, Store

FORUM = "discourse"
WEEKS = 13  # whose posts are searched for withdrawn questions; by default questions are kept as long
CHECKED = 50  # questions on the forum, those asked most
PublishResult = Published | Literal["empty", "unknown"]
"""`empty`: nothing to tell there; `unknown`: the room was not entered yet."""
Quotes = tuple[str, ...]
"""Events whose words stand in a post."""
StillOpen = Callable[[Sequence[Topic]], Awaitable[Sequence[Topic]]]
"""Of topics of the forum those that a visitor may still read, and answer once logged in."""


@dataclass(frozen=True, slots=True)
class DigestTarget:
    """`name`: as the settings name it, a room or a category. `work`: the moderators' room, for what waits for them."""

    channel: str
    name: str
    work: bool = False

    @property
    def forum(self) -> bool:
        return self.channel == FORUM


class DigestVoice(Protocol):
    """How the bot speaks on a network."""

    @property
    def channel(self) -> Channel: ...

    @property
    def replies(self) -> Replies: ...


async def unfiltered(topics: Sequence[Topic]) -> Sequence[Topic]:
    """Without asking the forum."""
    return topics


class DigestPublisher:
    """`networks`: by the names of their channels."""

    def __init__(
        self,
        store: Store,
        knowledge: Callable[[], Knowledge],
        networks: Mapping[str, DigestVoice],
        schedule: Schedule,
        spots: tuple[DigestTarget, ...],
        dead: Callable[[], Set[str]] = frozenset,
        still_open: StillOpen = unfiltered,
    ) -> None:
        self._store, self._knowledge, self._networks = store, knowledge, networks
        self._schedule, self._spots, self._dead, self._still_open = schedule, spots, dead, still_open

    async def publish(self, week: When, now: datetime, edit: bool = True) -> dict[DigestTarget, PublishResult]:
        """What became of it in each place. `edit`: give new words to what is posted already."""
        return {spot: await self._at(spot, week, now, edit) for spot in self.places()}

    async def mend(self, week: When, now: datetime) -> bool:
        """Take what was deleted meanwhile out of the posts that quote it; whether there was any. A post of an earlier
        week loses all its words: what else that week brought is not known any more."""
        weeks = [*accumulate(range(WEEKS - 1), lambda one, _: one.before, initial=week)]
        posts = [(spot, one) for spot in self.places() for one in weeks]
        gone = self._store.quotes_gone
        quoting = [(spot, one) for spot, one in posts if await gone(spot.channel, key(spot, one), too_old=one == week)]
        return bool([await self._mended(spot, one, now, anew=one == week) for spot, one in quoting])

    async def text(self, spot: DigestTarget, week: When, now: datetime, since: datetime | None = None) -> str:
        """Empty: nothing to tell there. `since`: else what is new since the last one. Without a room that was entered,
        what is open there is not known."""
        text, _ = await self._composed(spot, week, now, since)
        return text

    async def _composed(
        self, spot: DigestTarget, week: When, now: datetime, since: datetime | None
    ) -> tuple[str, Quotes]:
        here, day = self._networks[spot.channel].replies, week.day(self._schedule.weekday)
        if spot.work:
            return here.digest_work(
                await content.moderators_work(self._store, self._knowledge(), self._dead(), now), day
            ), ()
        found = await self._found(spot, day, since or await self._since(spot, week))
        return here.digest(found, day, titled=not spot.forum), tuple(one.event for one in found.open[:OPEN])

    async def _found(self, spot: DigestTarget, day: date, since: datetime) -> Found:
        room = self._room(spot)

        def is_here(channel: str, place: str) -> bool:
            return channel == spot.channel and (spot.forum or place == room)

        topics = await self._still_open(await content.new_topics(self._store, since))
        entries = content.digest_entries(self._knowledge(), self._dead(), day)
        found = await content.week_content(self._store, entries, since, is_here, self._link, topics)
        return replace(found, open=await self._askable(found.open)) if spot.forum else found

    def places(self) -> Iterator[DigestTarget]:
        """Those of the settings, and the moderators' room."""
        yield from (spot for spot in self._spots if spot.channel in self._networks)
        for name, here in self._networks.items():
            if room := here.channel.moderators_room:
                yield DigestTarget(name, room, work=True)

    async def _at(self, spot: DigestTarget, week: When, now: datetime, edit: bool) -> PublishResult:
        if self._room(spot) is None:
            return "unknown"
        if not edit and await self._store.is_published(spot.channel, key(spot, week)):
            return "same"
        text, quotes = await self._composed(spot, week, now, None)
        return await self._put(spot, week, now, text, quotes, edit=edit) if text else "empty"

    async def _mended(self, spot: DigestTarget, week: When, now: datetime, anew: bool) -> PublishResult:
        text, quotes = await self._composed(spot, week, now, None) if anew else ("", ())
        here, day = self._networks[spot.channel].replies, week.day(self._schedule.weekday)
        text = text or here.digest_withdrawn(day, titled=not spot.forum)
        return await self._put(spot, week, now, text, quotes, tells=anew)

    async def _put(
        self,
        spot: DigestTarget,
        week: When,
        now: datetime,
        text: str,
        quotes: Quotes,
        *,
        edit: bool = True,
        tells: bool = True,
    ) -> PublishResult:
        here, room, day = self._networks[spot.channel].replies, self._room(spot), week.day(self._schedule.weekday)
        if room is None:
            return "unknown"
        post = Post(Reply(room, text, quiet=True, title=here.digest_title(day) if spot.forum else None), "digest")
        return await self._store.publish(spot.channel, post, key(spot, week), now, edit, quotes, tells)

    async def _askable(self, questions: Sequence[OpenQuestion]) -> tuple[OpenQuestion, ...]:
        """Of those on the forum; in a room all who read the digest can read what was asked there."""
        topics = await self._still_open([Topic(one.text, one.url) for one in questions[:CHECKED]])
        there = {topic.url for topic in topics}
        return tuple(one for one in questions if one.url in there)

    def _room(self, spot: DigestTarget) -> str | None:
        return spot.name if spot.work else self._networks[spot.channel].channel.room_named(spot.name)

    async def _since(self, spot: DigestTarget, week: When) -> datetime:
        """When the week before was told there last, or else was to be told."""
        return await self._store.told_at(key(spot, week.before)) or self._schedule.moment(week.before)

    def _link(self, channel: str, room: str, event: str) -> str:
        return self._networks[channel].channel.link(room, event) if channel in self._networks else ""


def key(spot: DigestTarget, week: When) -> str:
    """Of a post: it must not change while it may be posted."""
    return f"digest {week} {spot.channel} {'work' if spot.work else spot.name}"
