"""A topic as a person reads it: for `propose`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.channels.discourse.client import DiscourseClient
from bot.channels.discourse.models import REGULAR, DiscoursePost
from bot.channels.discourse.plain_text import plain_text

MOST = 1000  # posts that are read
_ADDRESS = re.compile(r"(?!.*\n)(?P<url>https?://.+?)/t/(?:(?!\d+(?:[/?#]|$))[^/?#]+/)?(?P<id>\d+)(?:[/?#].*)?")


@dataclass(frozen=True, slots=True)
class TopicPost:
    author: str
    text: str = field(repr=False)  # without quotes and marks
    html: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class WholeTopic:
    title: str
    posts: tuple[TopicPost, ...]
    private: bool = False  # a private message: its posts are not read


def place(topic: str) -> tuple[str | None, int] | None:
    """The forum's address, where the topic was given by one, and its id; None: it is neither address nor id."""
    if topic.strip().isascii() and topic.strip().isdigit():
        return None, int(topic)
    found = _ADDRESS.fullmatch(topic.strip())
    return (found["url"], int(found["id"])) if found else None


async def read_topic(client: DiscourseClient, number: int) -> WholeTopic | None:
    """With what people wrote there, in order; None: it is gone, or we may not see it. Raises ChannelError."""
    topic = await client.topic(number)
    if topic is None:
        return None
    if topic.private:
        return WholeTopic(topic.title, (), private=True)
    shown = {post.id: post for post in topic.posts}
    rest = [id for id in topic.stream if id not in shown][: MOST - len(shown)]
    posts = [*topic.posts, *(await client.topic_posts(number, rest) if rest else ())]
    return WholeTopic(topic.title, tuple(_written(post) for post in posts if _by_a_person(post)))


def _by_a_person(post: DiscoursePost) -> bool:
    return post.post_type == REGULAR and (post.user_id or 0) > 0 and not post.gone


def _written(post: DiscoursePost) -> TopicPost:
    return TopicPost(post.username, plain_text(post.raw), post.cooked)
