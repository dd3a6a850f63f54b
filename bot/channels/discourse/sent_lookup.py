"""Looking in a topic for what an earlier attempt to send may have left there.

A forum knows an identical post again for two minutes only, and promises not even that.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

from bot.channels.discourse import formatting
from bot.channels.discourse.client import DiscourseClient
from bot.channels.discourse.create_topic import first_post
from bot.channels.discourse.models import DiscoursePost, DiscourseTopic
from bot.channels.discourse.site import HELD, Site, category_of, event_id, topic_of
from bot.messages import Outgoing, Reply

_CLOCKS = timedelta(hours=1)  # how far the forum's clock may be from ours
_PAGE = 20


async def find_sent(
    site: Site, client: DiscourseClient, outgoing: Outgoing, transaction: str, since: datetime
) -> Sequence[tuple[str, int | None]]:
    """Event and post id of our own posts in answer to the same post: those that say the same, then others; in the end
    what says the same and answers nothing.

    Edits and deletions are not looked for: a second one changes nothing.
    """
    if not isinstance(outgoing, Reply) or outgoing.replaces:
        return []
    number = topic_of(outgoing.room)
    if number is None:
        return await find_opened(site, client, outgoing, transaction) if category_of(outgoing.room) else []
    topic = await client.topic(number)
    if topic is None:
        return []
    bodies = [formatting.words(body) for body in formatting.variants(site, outgoing)]
    ours = [post async for post in _since(client, topic, since - _CLOCKS) if site.is_us(post.username)]
    same = [post for post in ours if formatting.words(post.raw) in bodies]
    answers = [post for post in ours if outgoing.to and post.reply_to_post_number == formatting.answered(outgoing)]
    to_nobody = [post for post in same if post.reply_to_post_number is None]
    posts = [post for group in (same, answers) for post in group if post in answers] + to_nobody
    found = {event_id(post.topic_id, post.post_number): post.id for post in posts}
    return [*found.items()] or await _held(site, client, topic, bodies)


async def find_opened(
    site: Site, client: DiscourseClient, reply: Reply, transaction: str
) -> Sequence[tuple[str, int | None]]:
    """The first post of a topic of ours, which is known by the id that we gave it; or it waits for a moderator."""
    if post := await first_post(client, transaction):
        return [(event_id(post.topic_id, post.post_number), post.id)]
    waiting = await client.pending_posts(site.username)
    bodies = [formatting.words(formatting.raw(reply.text))]
    return [(f"{HELD}{post.id}", None) for post in waiting if formatting.words(post.raw) in bodies]


async def _since(client: DiscourseClient, topic: DiscourseTopic, since: datetime) -> AsyncIterator[DiscoursePost]:
    """The posts of a topic, the newest first."""
    shown = {post.id: post for post in topic.posts}
    rest = [id for id in topic.stream if id not in shown]
    while rest:
        page = await client.topic_posts(topic.id, rest[-_PAGE:])
        for post in reversed(page):
            yield post
        if page and page[0].created_at < since:
            return
        del rest[-_PAGE:]
    for post in reversed(topic.posts):
        if post.created_at >= since:
            yield post


async def _held(
    site: Site, client: DiscourseClient, topic: DiscourseTopic, bodies: Sequence[str]
) -> Sequence[tuple[str, int | None]]:
    """What waits for a moderator."""
    waiting = [*topic.pending_posts, *await client.pending_posts(site.username)]
    found = {f"{HELD}{post.id}": None for post in waiting if formatting.words(post.raw) in bodies}
    return [(event, None) for event in found]
