"""A topic of the bot's own, opened once: the forum knows it again by an id that we choose."""

from __future__ import annotations

import logging

from bot.channels.discourse import formatting
from bot.channels.discourse.client import DiscourseClient
from bot.channels.discourse.http import Invalid
from bot.channels.discourse.models import DiscoursePost, Enqueued
from bot.messages import NetworkRefusal, Reply

log = logging.getLogger(__name__)


async def open_topic(client: DiscourseClient, slug: str, reply: Reply, transaction: str) -> DiscoursePost | Enqueued:
    """Its first post. Raises as `Channel.send`."""
    categories = await client.categories()
    number = next((one.id for one in categories if one.slug == slug), None)
    if number is None:
        raise NetworkRefusal(f"the forum has no category {slug!r}, or not for the bot")
    title = reply.title or reply.text.partition("\n")[0]
    try:
        return await client.create_topic(title, formatting.raw(reply.text), number, external(transaction))
    except Invalid as refusal:
        if made := await first_post(client, transaction):
            return made
        raise NetworkRefusal(f"a topic in the category {slug}: {refusal}") from refusal


async def first_post(client: DiscourseClient, transaction: str) -> DiscoursePost | None:
    """Of the topic that an earlier attempt opened; None: there is none, or it is gone."""
    topic = await client.topic_by_external_id(external(transaction))
    return next((post for post in topic.posts if post.post_number == 1), None) if topic else None


def external(transaction: str) -> str:
    return f"concierge-{transaction}"
