"""Discourse: brings in what people post on a forum, and posts what the bot says."""

from __future__ import annotations

import functools
import json
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ParamSpec, TypeVar

from bot.channels.discourse import event_parser
from bot.channels.discourse.categories import Categories
from bot.channels.discourse.client import DiscourseClient
from bot.channels.discourse.poller import Poller, reread
from bot.channels.discourse.post_limits import PostLimits
from bot.channels.discourse.publish import DiscoursePublisher
from bot.channels.discourse.recent_topics import RecentTopics
from bot.channels.discourse.search import ForumSearch
from bot.channels.discourse.sent_lookup import find_sent
from bot.channels.discourse.settings import CAPABILITIES
from bot.channels.discourse.site import CHANNEL, Site, category, folded, place_of, topic_of
from bot.channels.discourse.watchlist import Watchlist
from bot.messages import AuthenticationFailed, Event, Incoming, Memory, Outgoing, Receive, Reply, Unreachable

__all__ = ["DiscourseChannel", "DiscourseClient", "ForumSearch", "Site"]


Given = ParamSpec("Given")
Result = TypeVar("Result")


def while_it_runs(method: Callable[Given, Awaitable[Result]]) -> Callable[Given, Coroutine[Any, Any, Result]]:
    """A key that is not accepted any more is waited for: it must not end the bot on other networks."""

    @functools.wraps(method)
    async def waiting(*args: Given.args, **named: Given.kwargs) -> Result:
        try:
            return await method(*args, **named)
        except AuthenticationFailed as refusal:
            raise Unreachable(str(refusal)) from refusal

    return waiting


def _now() -> datetime:
    return datetime.now(UTC)


class DiscourseChannel:
    """One account on one forum. A topic is a room, `<topic>/<post number>` an event."""

    capabilities = CAPABILITIES
    moderators_room: str | None = None

    def __init__(
        self,
        site: Site,
        client: DiscourseClient,
        memory: Memory,
        clock: Callable[[], datetime] = _now,
        name: str = CHANNEL,
    ) -> None:
        self.name = name
        self._site, self._client = site, client
        self._watched = Watchlist(client, memory, clock)
        self._opened = RecentTopics(site, memory, clock)
        self._places = Categories(site, client)
        self._turns = PostLimits()
        self._looking = Poller(site, client, self._watched, self._turns, clock)
        self._sending = DiscoursePublisher(site, client, self._watched, self._turns)

    @functools.cached_property
    def topic_search(self) -> ForumSearch:
        """As a visitor without an account, at one pace with all other requests."""
        visitor = DiscourseClient(self._site.url, pace=self._site.pace, beside=self._client)
        return ForumSearch(visitor, self._site.url)

    def look_now(self) -> None:
        """The forum told that something happened there: look sooner than at the next turn."""
        self._looking.look_now()

    async def start(self) -> None:
        """Asks nothing: the very first request must be the one for the newest posts, in `listen`."""
        await self._watched.open()

    async def listen(self, receive: Receive, since: str | None) -> None:
        await self._looking.run(receive, since)

    @while_it_runs
    async def read(self, event: Event) -> Incoming | None:
        """Raises Unreachable or TooFast when the forum had to be asked and did not answer."""
        if event.kind == "redaction":
            await self._opened.forget(event.relates_to or "")
            return event_parser.redaction(event)
        if event.kind == "appeared":
            content = json.loads(event.content)
            await self._watched.replied(content["answers"], event.id, content["post"])
            return None
        said = event_parser.said(event)
        if not event_parser.heard(said.post, self._site) or (said.direct and not self._site.direct):
            return None
        place = await self._places.of(said.post.category_id)
        if place.overhears:
            await self._opened.note(said.post)
        message = event_parser.message(said, place, self._site)
        if message.direct and not await self._places.is_to_us_alone(said.post):
            message = replace(message, direct=False)
        self._watched.note(said)
        return event_parser.edit(event, message) if event.kind == "edit" else message

    @while_it_runs
    async def fetch(self, room: str, event: str) -> Event | None:
        place = place_of(event)
        said = await reread(self._client, *place) if place else None
        return event_parser.event(said) if said else None

    @while_it_runs
    async def send(self, outgoing: Outgoing, transaction: str) -> str:
        event = await self._sending.send(outgoing, transaction)
        if isinstance(outgoing, Reply):
            await self._watched.held.note(event, outgoing, self._site)
        return event

    async def login(self) -> str:
        """A new one each time: a forum knows no transactions, so the topic is read before each further attempt."""
        return secrets.token_hex(8)

    @while_it_runs
    async def find_sent(self, outgoing: Outgoing, transaction: str, since: datetime, *others: str) -> Sequence[str]:
        self._turns.check(topic_of(outgoing.room) or 0, outgoing)
        found = await find_sent(self._site, self._client, outgoing, transaction, since)
        if found and isinstance(outgoing, Reply):
            await self._watched.held.note(found[0][0], outgoing, self._site)
            await self._watched.replied(outgoing.to, *found[0])
        return [event for event, _ in found]

    async def power(self, room: str, user: str) -> int:
        return 100 if await self.moderates(user) else 0

    @while_it_runs
    async def moderates(self, user: str) -> bool:
        group = self._site.moderators_group
        members = await self._client.group_members(group) if group else ()
        return folded(user) in {folded(member.username) for member in members}

    async def is_encrypted(self, room: str) -> bool:
        return False

    @while_it_runs
    async def is_private(self, event: Event) -> bool:
        said = event_parser.said(event)
        return said.direct or (await self._places.of(said.post.category_id)).private

    async def name_of(self, user: str) -> str:
        return user

    async def recall(self) -> None:
        """Nothing is needed."""

    def room_named(self, name: str) -> str | None:
        return category(name)

    def is_same_room(self, room: str, other: str) -> bool:
        """The forum alone gives ids, each with its topic: nobody names one from elsewhere."""
        return True

    def link(self, room: str, event: str) -> str:
        return self._site.link(*(place_of(event) or (topic_of(room) or 0, 1)))

    async def stop(self) -> None:
        if "topic_search" in vars(self):
            await self.topic_search.close()
        await self._client.close()
