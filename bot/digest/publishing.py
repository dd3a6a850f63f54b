"""The digest in its places: composed for each, posted once in a week, edited when it is published again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from bot.digest import material
from bot.digest.when import Schedule
from bot.digest.when import Week as When
from bot.knowledge import Knowledge
from bot.messages import Channel, Reply
from bot.replies import Replies
from bot.store import Post, Published, Store

FORUM = "discourse"


@dataclass(frozen=True, slots=True)
class Spot:
    """`name`: as the settings name it, a room or a category. `work`: the moderators' room, for what waits for them."""

    channel: str
    name: str
    work: bool = False

    @property
    def forum(self) -> bool:
        return self.channel == FORUM


class Voice(Protocol):
    """How the bot speaks on a network."""

    @property
    def channel(self) -> Channel: ...

    @property
    def replies(self) -> Replies: ...


class Publishing:
    """`networks`: by the names of their channels."""

    def __init__(
        self,
        store: Store,
        knowledge: Callable[[], Knowledge],
        networks: Mapping[str, Voice],
        schedule: Schedule,
        spots: tuple[Spot, ...],
        dead: Callable[[], Set[str]] = frozenset,
    ) -> None:
        self._store, self._knowledge, self._networks = store, knowledge, networks
        self._schedule, self._spots, self._dead = schedule, spots, dead

    async def publish(self, week: When, now: datetime, edit: bool = True) -> dict[str, Published | str]:
        """What became of it in each place; `empty`: nothing to tell, `unknown`: the room was not entered yet.

        `edit`: give new words to what is posted already.
        """
        return {spot.name: await self._at(spot, week, now, edit) for spot in self.places()}

    async def text(self, spot: Spot, room: str, since: datetime, day: date, now: datetime) -> str:
        """Empty: nothing to tell there."""
        here = self._networks[spot.channel]
        if spot.work:
            return here.replies.digest_work(await material.work(self._store, self._knowledge(), self._dead(), now), day)

        def is_here(channel: str, place: str) -> bool:
            return channel == spot.channel and (spot.forum or place == room)

        found = await material.week(self._store, self._knowledge(), since, is_here, self._link)
        return here.replies.digest(found, day, titled=not spot.forum)

    async def shown(self, spot: Spot, since: datetime, now: datetime) -> str:
        """As `text`, of the week whose moment was last; without a room, what is open there is not known."""
        room = spot.name if spot.work else self._networks[spot.channel].channel.room_named(spot.name)
        day = self._schedule.last(now).day(self._schedule.weekday)
        return await self.text(spot, room or "", since, day, now)

    def places(self) -> Iterator[Spot]:
        """Those of the settings, and the moderators' room."""
        yield from (spot for spot in self._spots if spot.channel in self._networks)
        for name, here in self._networks.items():
            if room := here.channel.moderators_room:
                yield Spot(name, room, work=True)

    async def _at(self, spot: Spot, week: When, now: datetime, edit: bool) -> Published | str:
        here = self._networks[spot.channel]
        room = spot.name if spot.work else here.channel.room_named(spot.name)
        if room is None:
            return "unknown"
        day = week.day(self._schedule.weekday)
        text = await self.text(spot, room, self.since(week), day, now)
        if not text:
            return "empty"
        title = here.replies.digest_title(day) if spot.forum else None
        post = Post(Reply(room, text, quiet=True, title=title), "digest")
        return await self._store.publish(spot.channel, post, f"digest {week} {key(spot)}", now, edit)

    def since(self, week: When) -> datetime:
        """The moment of the week before."""
        return self._schedule.moment(week.before)

    def _link(self, channel: str, room: str, event: str) -> str:
        return self._networks[channel].channel.link(room, event) if channel in self._networks else ""


def key(spot: Spot) -> str:
    """Part of a post's key, which must not change while it may be posted."""
    return f"{spot.channel} {'work' if spot.work else spot.name}"
