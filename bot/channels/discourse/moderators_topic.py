"""The moderators' room of a forum: a private message to their group, in which everything for them is posted.

To the rest of the bot it is one room, even if a message was closed and a new one had to be opened. Its first post is no
note of the bot: to remove it the whole message would have to be deleted, which members may not do once somebody replied
(`lib/guardian/topic_guardian.rb#can_delete_topic?`). Discourse's limit of posts in a row does not hold in private
messages (`lib/validators/post_validator.rb#force_edit_last_validator`).
"""

import json
from contextlib import suppress
from dataclasses import replace

from bot.channels.discourse.client import DiscourseClient
from bot.channels.discourse.http import Forbidden, Invalid
from bot.channels.discourse.models import DiscourseTopic, Enqueued
from bot.channels.discourse.site import Site, external_id, group, position_of, topic_of
from bot.messages import Event, Memory, NetworkRefusal, Reply, Unreachable

_TOPICS_KEY = "discourse.moderators"  # in the store's memory


class ModeratorsTopic:
    """The moderators' private message. `opening` is its title and first post; None if their room is elsewhere."""

    def __init__(self, site: Site, client: DiscourseClient, memory: Memory, opening: tuple[str, str] | None) -> None:
        self._group, self._opening = site.moderators_group or "", opening or ("", "")
        self.room = group(self._group) if opening and self._group else None
        self._client, self._memory = client, memory
        self._topics: list[int] = []  # the last one is in use

    async def open(self) -> None:
        self._topics = json.loads(await self._memory.get(_TOPICS_KEY) or "[]")

    def holds(self, topic: int | None) -> bool:
        return self.room is not None and topic in self._topics

    def place(self, event: Event) -> Event:
        """Return the event, in the moderators' room if it belongs there."""
        return replace(event, room=self.room) if self.room and self.holds(topic_of(event.room)) else event

    def topic_of(self, reply: Reply) -> int | None:
        """Return the topic for a reply: that of the post that it answers, else the last one, if there is one."""
        answered = position_of(reply.to or "")
        if answered and self.holds(answered[0]):
            return answered[0]
        return self._topics[-1] if self._topics else None

    async def topic_for(self, reply: Reply) -> int:
        """Return a topic for a reply that takes posts, begun if need be. Raises as `Channel.send`.

        One that an earlier attempt began, or the store of an earlier bot, is found by its external id.
        """
        number = self.topic_of(reply)
        while True:
            topic: DiscourseTopic | None = None
            with suppress(Forbidden):  # the bot does not take part any longer
                topic = await self._client.topic(number) if number else None
            if topic and not topic.closed and not topic.archived:
                return topic.id
            id, found = external_id(f"moderators-{len(self._topics) + 1}"), None
            try:
                post = await self._client.create_message(*self._opening, self._group, id)
            except Invalid as refusal:
                found = await self._client.first_post(id)
                if found is None:
                    raise NetworkRefusal(f"a private message to the group {self._group}: {refusal}") from refusal
                post = found
            if isinstance(post, Enqueued):
                raise Unreachable("the private message to the moderators waits for an approval")
            number = post.topic_id
            self._topics = [*self._topics, number]
            await self._memory.set(_TOPICS_KEY, json.dumps(self._topics))
            if found is None:
                return number
