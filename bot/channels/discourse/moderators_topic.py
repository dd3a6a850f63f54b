"""The moderators' room of a forum: a private message to their group, in which all that concerns them is posted.

To the rest of the bot it is one room, also where a message was closed and a new one had to be opened. Discourse's limit
of posts in a row does not hold in private messages (`lib/validators/post_validator.rb#force_edit_last_validator`).
"""

from __future__ import annotations

import json
from dataclasses import replace

from bot.channels.discourse import formatting
from bot.channels.discourse.client import DiscourseClient
from bot.channels.discourse.http import Forbidden, Invalid
from bot.channels.discourse.models import DiscoursePost, Enqueued
from bot.channels.discourse.site import Site, group, position_of, topic_of
from bot.channels.discourse.topics import external_id, first_post
from bot.messages import Event, Memory, NetworkRefusal, Reply

_TOPICS_KEY = "discourse.moderators"  # in the store's memory
_MOST_TOPICS = 20


class ModeratorsTopic:
    """`title`: of the private message; empty: the moderators have their room elsewhere."""

    def __init__(self, site: Site, client: DiscourseClient, memory: Memory, title: str) -> None:
        self.room = group(site.moderators_group) if title and site.moderators_group else None
        self._group, self._title = site.moderators_group or "", title
        self._client, self._memory = client, memory
        self._topics: list[int] = []  # the last one is in use

    async def open(self) -> None:
        self._topics = json.loads(await self._memory.get(_TOPICS_KEY) or "[]")

    def holds(self, topic: int | None) -> bool:
        return self.room is not None and topic in self._topics

    def place(self, event: Event) -> Event:
        """The event, in the moderators' room if it stands there."""
        return replace(event, room=self.room) if self.room and self.holds(topic_of(event.room)) else event

    def topic_of(self, reply: Reply) -> int | None:
        """In which it is to be posted: that of the post that it answers, else the last one."""
        answered = position_of(reply.to or "")
        if answered and self.holds(answered[0]):
            return answered[0]
        return self._topics[-1] if self._topics else None

    async def note(self, event: str) -> None:
        """A post of ours stands there: perhaps the first one of a new message."""
        position = position_of(event)
        if position and position[0] not in self._topics:
            self._topics = [*self._topics, position[0]][-_MOST_TOPICS:]
            await self._memory.set(_TOPICS_KEY, json.dumps(self._topics))

    async def takes_posts(self, topic: int) -> bool:
        """Not where it was closed, archived or deleted, or the bot was taken out of it."""
        try:
            current = await self._client.topic(topic)
        except Forbidden:
            return False
        return current is not None and not current.closed and not current.archived

    async def begin(self, reply: Reply, transaction: str) -> DiscoursePost | Enqueued:
        """A new message to the group, with this as its first post. Raises as `Channel.send`."""
        raw = formatting.raw(reply.text)
        try:
            return await self._client.create_message(self._title, raw, self._group, external_id(transaction))
        except Invalid as refusal:
            if post := await first_post(self._client, transaction):
                return post
            raise NetworkRefusal(f"a private message to the group {self._group}: {refusal}") from refusal
