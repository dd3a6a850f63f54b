"""Whole topics: opening one of the bot's own, noting the recent ones for the digest, reading some for `import`."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from bot.channels.channel_kind import ChannelInstance
from bot.channels.discourse import formatting
from bot.channels.discourse.client import DiscourseClient
from bot.channels.discourse.event_parser import is_by_person
from bot.channels.discourse.http import Invalid
from bot.channels.discourse.models import DiscoursePost, DiscourseTopic, Enqueued
from bot.channels.discourse.plain_text import plain_text
from bot.channels.discourse.settings import DiscourseSettings
from bot.channels.discourse.site import Site, position_of
from bot.messages import TOPICS_SEEN, Memory, NetworkRefusal, Reply, TopicPost, WholeTopic

RECENT = timedelta(days=15)  # age of topics that are kept for the digest
MOST_RECENT = 50  # topics kept
MOST_POSTS = 1000  # of a topic that is read whole
MOST_PAGES = 200  # of a category's list, of thirty topics each
_CATEGORY = re.compile(r"(?!.*\n)(?P<url>https?://[^?#]+?)/c/(?:[^/?#]+/)*?(?P<slug>[^/?#]+)/\d+(?:[/?#].*)?")
_ADDRESS = re.compile(r"(?!.*\n)(?P<url>https?://.+?)/t/(?:(?!\d+(?:[/?#]|$))[^/?#]+/)?(?P<id>\d+)(?:[/?#].*)?")


async def open_topic(client: DiscourseClient, slug: str, reply: Reply, transaction: str) -> DiscoursePost | Enqueued:
    """Open a topic and return its first post. Raises as `Channel.send`.

    It opens once, for its `external_id` is unique on the forum (`app/models/topic.rb`).
    """
    category = await client.category(slug)
    if category is None:
        raise NetworkRefusal(f"the forum has no category {slug!r}, or not for the bot")
    title = reply.title or reply.text.partition("\n")[0]
    try:
        return await client.create_topic(title, formatting.raw(reply.text), category.id, external_id(transaction))
    except Invalid as refusal:
        if post := await first_post(client, transaction):
            return post
        raise NetworkRefusal(f"a topic in the category {slug}: {refusal}") from refusal


async def first_post(client: DiscourseClient, transaction: str) -> DiscoursePost | None:
    """Return the first post of a topic that an earlier attempt opened; None if there is none, or it is gone."""
    topic = await client.topic_by_external_id(external_id(transaction))
    return next((post for post in topic.posts if post.post_number == 1), None) if topic else None


def external_id(transaction: str) -> str:
    """Return the id by which a topic that an attempt opened is found again."""
    return f"concierge-{transaction}"


class RecentTopics:
    """Public topics opened lately in the categories of the settings, in the store's memory."""

    def __init__(self, site: Site, memory: Memory, clock: Callable[[], datetime]) -> None:
        self._site, self._memory, self._clock = site, memory, clock

    async def note(self, post: DiscoursePost) -> None:
        """Note the topic of a first post. The caller checks that everybody may read it."""
        if post.post_number != 1 or not post.topic_title:
            return
        topics, url = await self._load(), self._site.link(post.topic_id)
        topic = {"title": post.topic_title, "url": url, "posted": post.created_at.isoformat()}
        if topics.get(url) != topic:
            await self._save(topics | {url: topic})

    async def forget(self, event: str) -> None:
        """Forget the topic of a deleted first post."""
        topic, number = position_of(event) or (0, 0)
        topics = await self._load()
        if number == 1 and topics.pop(self._site.link(topic), {}):
            await self._save(topics)

    async def _load(self) -> dict[str, dict[str, str]]:
        return {topic["url"]: topic for topic in json.loads(await self._memory.get(TOPICS_SEEN) or "[]")}

    async def _save(self, topics: dict[str, dict[str, str]]) -> None:
        oldest = self._clock() - RECENT
        recent = [topic for topic in topics.values() if datetime.fromisoformat(topic["posted"]) > oldest]
        await self._memory.set(TOPICS_SEEN, json.dumps(recent[-MOST_RECENT:]))


def locate_topic(topic: str) -> tuple[str | None, int] | None:
    """Return the forum's address, None if only an id is given, and the topic's id; None for any other text."""
    if topic.strip().isascii() and topic.strip().isdigit():
        return None, int(topic)
    match = _ADDRESS.fullmatch(topic.strip())
    return (match["url"], int(match["id"])) if match else None


def locate_category(address: str) -> tuple[str, str] | None:
    """Return the forum's address and the category's slug; None for any other text."""
    match = _CATEGORY.fullmatch(address.strip())
    return (match["url"], match["slug"]) if match else None


Forum = ChannelInstance[DiscourseSettings]


async def read_topic(url: str, number: int, forum: Forum | None) -> WholeTopic | None:
    """Return people's posts in a topic, in order; None if it is gone, or not visible to the bot.

    `forum` is the settings' forum, if `url` is its address; other forums are read without an account. Raises
    ChannelError.
    """
    async with open_client(url, forum) as client:
        topic = await client.topic(number)
        return await _whole(client, url, topic, forum) if topic else None


async def read_category(
    url: str, slug: str, forum: Forum | None, on_topic: Callable[[int, int], None]
) -> list[WholeTopic] | None:
    """Return topics with a reply, newest first; None if there is no such category, or not everybody may read it.

    `forum` is as for `read_topic`; `on_topic` receives how many were read, of how many. Raises ChannelError.
    """
    async with open_client(url, forum) as client:
        numbers = await numbers_of_category(client, slug, least_posts=2)
        if numbers is None:
            return None
        return [await _whole(client, url, topic, forum) async for topic in topics_of(client, numbers, on_topic)]


async def topics_of(
    client: DiscourseClient, numbers: Sequence[int], on_topic: Callable[[int, int], None]
) -> AsyncIterator[DiscourseTopic]:
    for done, number in enumerate(numbers, start=1):
        if topic := await client.topic(number):
            yield topic
        on_topic(done, len(numbers))


async def numbers_of_category(client: DiscourseClient, slug: str, least_posts: int) -> list[int] | None:
    """Return the ids of topics with at least so many posts, newest first; None as in `read_category`.

    Pinned topics are on each page.
    """
    category = await client.category(slug)
    if category is None or category.read_restricted:
        return None
    numbers: dict[int, None] = {}
    for page in range(MOST_PAGES):
        topics = await client.category_topics(category, page)
        new = [topic.id for topic in topics if topic.posts_count >= least_posts and topic.id not in numbers]
        numbers |= dict.fromkeys(new)
        if not topics or not new:
            break
    return [*numbers]


@asynccontextmanager
async def open_client(url: str, forum: Forum | None) -> AsyncIterator[DiscourseClient]:
    key = forum.secrets.get("api_key") if forum else None
    client = DiscourseClient(url, forum.settings.username, key) if forum and key else DiscourseClient(url)
    try:
        yield client
    finally:
        await client.close()


def site_of(settings: DiscourseSettings | None) -> Site:
    """Return the bot's account and the users that it ignores; none if the settings have no forum."""
    return Site(**dict(settings)) if settings else Site.model_construct(url="", username="", ignore=(), name="")


async def _whole(client: DiscourseClient, url: str, topic: DiscourseTopic, forum: Forum | None) -> WholeTopic:
    site = site_of(forum.settings if forum else None)
    posts = [] if topic.private else await all_posts(client, topic)
    people = [post for post in posts if is_by_person(post, site)]
    texts = tuple(TopicPost(post.username, plain_text(post.raw), post.cooked) for post in people)
    return WholeTopic(topic.title, f"{url}/t/-/{topic.id}", texts, topic.private)


async def all_posts(client: DiscourseClient, topic: DiscourseTopic) -> list[DiscoursePost]:
    shown = {post.id: post for post in topic.posts}
    rest = [id for id in topic.stream if id not in shown][: MOST_POSTS - len(shown)]
    return [*topic.posts, *(await client.topic_posts(topic.id, rest) if rest else ())]
