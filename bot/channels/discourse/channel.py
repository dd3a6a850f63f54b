"""Discourse as a channel: reads what people post on a forum, and posts the bot's replies."""

import functools
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from bot.channels.discourse import event_parser
from bot.channels.discourse.categories import Categories, RecentTopics
from bot.channels.discourse.client import DiscourseClient
from bot.channels.discourse.http import outlasts_revocation
from bot.channels.discourse.moderators_topic import ModeratorsTopic
from bot.channels.discourse.poller import Poller, fetch_post
from bot.channels.discourse.publish import DiscoursePublisher
from bot.channels.discourse.rate_limit import PostLimits
from bot.channels.discourse.search import ForumSearch
from bot.channels.discourse.settings import CAPABILITIES
from bot.channels.discourse.site import Site, category, folded, position_of, topic_of
from bot.channels.discourse.watchlist import Watchlist
from bot.messages import Channel, Edit, Event, Incoming, Memory, Outgoing, Receive, Redaction


class DiscourseChannel(Channel):
    """An account on a forum. A topic is a room, a post an event."""

    capabilities = CAPABILITIES

    def __init__(
        self,
        site: Site,
        client: DiscourseClient,
        memory: Memory,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        moderators_opening: tuple[str, str] | None = None,
    ) -> None:
        self.name = site.name
        self._site, self._client = site, client
        self._watchlist = Watchlist(site, client, memory, clock)
        self._recent_topics = RecentTopics(site, memory, clock)
        self._categories = Categories(site, client)
        self._moderators = ModeratorsTopic(site, client, memory, moderators_opening)
        limits = PostLimits()
        self._poller = Poller(site, client, self._watchlist, limits, self._moderators, clock)
        self._publisher = DiscoursePublisher(site, client, self._watchlist, limits, self._moderators)

    @property
    def moderators_room(self) -> str | None:
        return self._moderators.room

    @functools.cached_property
    def topic_search(self) -> ForumSearch:
        """Search as a visitor without an account, sharing the pace of all other requests."""
        visitor = DiscourseClient(self._site.url, pace=self._site.pace, beside=self._client)
        return ForumSearch(visitor, self._site.url, categories=tuple(self._site.regions))

    def poll_now(self) -> None:
        """Poll sooner than planned: a webhook came in."""
        self._poller.poll_now()

    async def start(self) -> None:
        """Load the stored state. No request is made: the very first must be for the newest posts, in `listen`."""
        await self._watchlist.open()
        await self._moderators.open()

    async def listen(self, receive: Receive, since: str | None) -> None:
        async def place(events: Sequence[Event], position: str) -> None:
            await receive([self._moderators.place(event) for event in events], position)

        await self._poller.run(place, since)

    @outlasts_revocation()
    async def read(self, event: Event) -> Incoming | None:
        """Read an event as `Channel.read`.

        Raises Unreachable or RateLimited if the forum had to be asked and did not answer.
        """
        if event.kind == "redaction":
            await self._recent_topics.forget(event.relates_to or "")
            return Redaction(event.channel, event.id, event.room, event.sender, event.relates_to or "")
        if event.kind == "appeared":
            content = json.loads(event.content)
            await self._watchlist.watch_reply(content["answers"], event.id, content["post"])
            return None
        content = event_parser.journalled_post(event)
        post = content.post
        is_moderators = event.room == self.moderators_room
        is_for_us = is_moderators or self._site.direct or not content.direct
        if not event_parser.is_by_person(post, self._site) or not is_for_us:
            return None
        role = await self._categories.role(post.category_id)
        if role.overhears:
            await self._recent_topics.note(post)
        message = event_parser.message(content, role, self._site)
        if is_moderators:
            message = replace(message, room=event.room, moderators_room=True, direct=False)
        elif message.direct and not await self._categories.is_to_us_alone(post):
            message = replace(message, direct=False)
        self._watchlist.note_read(content)
        return Edit(event.id, message) if event.kind == "edit" else message

    @outlasts_revocation()
    async def fetch(self, room: str, event: str) -> Event | None:
        position = position_of(event)
        content = await fetch_post(self._client, *position) if position else None
        return self._moderators.place(event_parser.message_event(content, self._site)) if content else None

    @outlasts_revocation()
    async def send(self, outgoing: Outgoing, transaction: str) -> str:
        return await self._publisher.send(outgoing, transaction)

    async def login(self) -> str:
        """Return a new id each time: a forum knows no transactions, so the topic is read before each further
        attempt."""
        return secrets.token_hex(8)

    @outlasts_revocation()
    async def find_sent(self, outgoing: Outgoing, transaction: str, since: datetime, *others: str) -> Sequence[str]:
        return await self._publisher.find_sent(outgoing, transaction, since)

    async def power(self, room: str, user: str) -> int:
        return 100 if await self.moderates(user) else 0

    @outlasts_revocation()
    async def moderates(self, user: str) -> bool:
        group = self._site.moderators_group
        return folded(user) in map(folded, await self._client.group_members(group) if group else ())

    @outlasts_revocation()
    async def is_private(self, event: Event) -> bool:
        content = event_parser.journalled_post(event)
        return content.direct or (await self._categories.role(content.post.category_id)).private

    def room_named(self, name: str) -> str | None:
        return category(name)

    def is_same_room(self, room: str, other: str) -> bool:
        """Whether two rooms count as one, as any topics do but the moderators' room.

        Ids come from the forum alone, each with its topic: nobody names one from elsewhere, and posts may be moved.
        """
        return room == other or self.moderators_room not in (room, other)

    def link(self, room: str, event: str) -> str:
        return self._site.link(*(position_of(event) or (topic_of(room) or 0, 1)))

    async def stop(self) -> None:
        if "topic_search" in vars(self):
            await self.topic_search.visitor.aclose()
        await self._client.aclose()
