"""A topic as a person reads it: for `propose`."""

from __future__ import annotations

import re

from bot.channels.discourse.client import DiscourseClient
from bot.channels.discourse.models import REGULAR, DiscoursePost, DiscourseTopic
from bot.channels.discourse.plain_text import plain_text
from bot.channels.discourse.settings import DiscourseSettings
from bot.channels.kind import ChannelInstance
from bot.messages import TopicPost, WholeTopic

MOST = 1000  # posts that are read
_ADDRESS = re.compile(r"(?!.*\n)(?P<url>https?://.+?)/t/(?:(?!\d+(?:[/?#]|$))[^/?#]+/)?(?P<id>\d+)(?:[/?#].*)?")


def locate(topic: str) -> tuple[str | None, int] | None:
    """The forum's address, where the topic was given by one, and its id; None: it is neither address nor id."""
    if topic.strip().isascii() and topic.strip().isdigit():
        return None, int(topic)
    found = _ADDRESS.fullmatch(topic.strip())
    return (found["url"], int(found["id"])) if found else None


async def read(url: str, number: int, forum: ChannelInstance[DiscourseSettings] | None) -> WholeTopic | None:
    """With what people wrote there, in order; None: it is gone, or we may not see it. `forum`: the one of the settings,
    if it is that; elsewhere we are a visitor. Raises ChannelError.
    """
    key = forum.secrets.get("api_key") if forum else None
    client = DiscourseClient(url, forum.settings.username, key) if forum and key else DiscourseClient(url)
    try:
        topic = await client.topic(number)
        if topic is None:
            return None
        posts = [] if topic.private else await _posts(client, topic)
    finally:
        await client.close()
    bots = {forum.settings.username.casefold(), *map(str.casefold, forum.settings.ignore)} if forum else set()
    people = [post for post in posts if _by_a_person(post) and post.username.casefold() not in bots]
    return WholeTopic(topic.title, f"{url}/t/-/{number}", tuple(map(_written, people)), topic.private)


async def _posts(client: DiscourseClient, topic: DiscourseTopic) -> list[DiscoursePost]:
    shown = {post.id: post for post in topic.posts}
    rest = [id for id in topic.stream if id not in shown][: MOST - len(shown)]
    return [*topic.posts, *(await client.topic_posts(topic.id, rest) if rest else ())]


def _by_a_person(post: DiscoursePost) -> bool:
    return post.post_type == REGULAR and (post.user_id or 0) > 0 and not post.gone


def _written(post: DiscoursePost) -> TopicPost:
    return TopicPost(post.username, plain_text(post.raw), post.cooked)
