"""Lookup of the post that an earlier attempt to send may have left in a topic.

The forum recognises an identical post for two minutes only, which is no documented promise (`DistributedMemoizer` in
`app/controllers/posts_controller.rb#create`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime, timedelta

from bot.channels.discourse import formatting
from bot.channels.discourse.client import DiscourseClient
from bot.channels.discourse.models import DiscoursePost, DiscourseTopic, PendingPost
from bot.channels.discourse.site import PENDING, Site, category_of, event_id
from bot.channels.discourse.topics import first_post
from bot.messages import Outgoing, Reply

_CLOCK_SKEW = timedelta(hours=1)  # between the forum's clock and ours
_PAGE = 20  # posts read at once

Sent = Sequence[tuple[str, int | None]]
"""Event and post id of our own posts, likeliest first."""


async def find_sent(
    site: Site, client: DiscourseClient, outgoing: Outgoing, transaction: str, since: datetime, number: int | None
) -> Sent:
    """Find our posts in topic `number`; None if it opens one, or none was begun.

    Posts that answer the same post come first, those with the same text before others; last, posts with the same text
    that answer none. Edits and deletions are not looked for: a second one changes nothing.
    """
    if not isinstance(outgoing, Reply) or outgoing.replaces:
        return []
    if category_of(outgoing.room):
        if post := await first_post(client, transaction):  # by the id that we chose
            return [(event_id(post.topic_id, post.post_number), post.id)]
        text = formatting.normalized(formatting.raw(outgoing.text))
        return _pending(await client.pending_posts(site.username), [text])
    if number is None:
        return []
    topic = await client.topic(number)
    if topic is None:
        return []
    texts = [formatting.normalized(text) for text in formatting.variants(site, outgoing)]
    target = formatting.answered_number(outgoing)
    ours = [post async for post in _newest_first(client, topic, since - _CLOCK_SKEW) if site.is_us(post.username)]
    same = [post for post in ours if formatting.normalized(post.raw) in texts]
    answers = [post for post in ours if outgoing.to and post.reply_to_post_number == target]
    to_nobody = [post for post in same if post.reply_to_post_number is None]
    posts = [post for group in (same, answers) for post in group if post in answers] + to_nobody
    sent = {event_id(post.topic_id, post.post_number): post.id for post in posts}
    return [*sent.items()] or _pending([*topic.pending_posts, *await client.pending_posts(site.username)], texts)


async def _newest_first(
    client: DiscourseClient, topic: DiscourseTopic, since: datetime
) -> AsyncIterator[DiscoursePost]:
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


def _pending(posts: Iterable[PendingPost], texts: Sequence[str]) -> Sent:
    events = dict.fromkeys(f"{PENDING}{post.id}" for post in posts if formatting.normalized(post.raw) in texts)
    return [(event, None) for event in events]
