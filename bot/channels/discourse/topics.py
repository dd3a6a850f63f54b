"""Whole topics, for `import`, and past messages, for `rehearse`: by the API, or from saved JSON."""

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import aclosing
from typing import Any

from bot.channels.channel_kind import OnRead
from bot.channels.discourse.client import DiscourseClient
from bot.channels.discourse.event_parser import CategoryRole, JournalledPost, is_by_person, message
from bot.channels.discourse.formatting import plain_text
from bot.channels.discourse.models import REGULAR, DiscoursePost, DiscourseTopic, many, part
from bot.channels.discourse.settings import DiscourseSettings, Forum
from bot.channels.discourse.site import Site
from bot.messages import Message, Past, Skipped, TopicPost, Unreachable, WholeTopic
from bot.text.html import spoken_text

MOST_POSTS = 1000  # of a topic that is read whole
MOST_PAGES = 200  # of a category's list, of thirty topics each
_CATEGORY = re.compile(r"(?!.*\n)(?P<url>https?://[^?#]+?)/c/(?:[^/?#]+/)*?(?P<slug>[^/?#]+)/\d+(?:[/?#].*)?")
_ADDRESS = re.compile(r"(?!.*\n)(?P<url>https?://.+?)/t/(?:(?!\d+(?:[/?#]|$))[^/?#]+/)?(?P<id>\d+)(?:[/?#].*)?")
_ROLE = CategoryRole(overhears=True)  # in a category that is rehearsed, each first post may be a question


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


async def read_topic(url: str, number: int, forum: Forum | None) -> WholeTopic | None:
    """Return people's posts in a topic, in order; None if it is gone, or not visible to the bot.

    `forum` is the settings' forum, if `url` is its address; other forums are read without an account. Raises
    ChannelError.
    """
    async with _client(url, forum) as client:
        topic = await client.topic(number)
        return await _whole(client, url, topic, forum) if topic else None


async def read_category(url: str, slug: str, forum: Forum | None, on_read: OnRead) -> list[WholeTopic] | None:
    """Return topics with a reply, newest first; None if there is no such category, or not everybody may read it.

    `forum` is as for `read_topic`. Raises ChannelError.
    """
    async with _client(url, forum) as client:
        if (numbers := await _numbers_of_category(client, slug, least_posts=2)) is None:
            return None
        return [await _whole(client, url, topic, forum) async for topic in _topics(client, numbers, on_read)]


async def past_of_category(url: str, slug: str, forum: Forum | None, on_read: OnRead) -> Past | None:
    """Read a category as `read_category`, including topics without a reply, oldest first."""
    reader = _PostReader(_site_of(forum.settings if forum else None))
    async with _client(url, forum) as client:
        if (numbers := await _numbers_of_category(client, slug, least_posts=1)) is None:
            return None
        async for topic in _topics(client, numbers, on_read):
            reader.take(await _all_posts(client, topic), topic)
        return reader.past()


def past_of_export(raw: Any, settings: DiscourseSettings | None) -> Past | None:
    """Read saved JSON (`/t/<id>.json`, `/posts.json`): a topic, topics, or posts; None if it is none of these."""
    items = raw if isinstance(raw, list) else part(raw, "latest_posts") or [raw]
    if not isinstance(items, list):
        return None
    topics, posts = ([one for one in items if part(one, key) is not None] for key in ("post_stream", "post_number"))
    if not (topics or posts):
        return None
    reader = _PostReader(_site_of(settings))
    try:
        for topic in many(DiscourseTopic, topics):
            reader.take(topic.posts, topic)
        reader.take(many(DiscoursePost, posts))
    except Unreachable:  # raised if no item has the fields
        return None
    reader.skipped["unreadable"] += len(items) - len(topics) - len(posts)
    return reader.past()


class _PostReader:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._messages: dict[str, Message] = {}
        self.skipped = Counter[Skipped]()

    def take(self, posts: Iterable[DiscoursePost], topic: DiscourseTopic | None = None) -> None:
        """Take posts, of this topic if they are listed with it. Saved pages hold only HTML."""
        for post in posts:
            if why := "private" if topic and topic.private else self._why_not(post):
                self.skipped[why] += 1
                continue
            known = {"topic_title": topic.title} if topic else {}
            words = {} if post.raw else {"raw": spoken_text(post.cooked)}
            said = message(JournalledPost(post.model_copy(update=known | words), direct=False), _ROLE, self._site)
            self._messages.setdefault(said.id, said)

    def _why_not(self, post: DiscoursePost) -> Skipped | None:
        if is_by_person(post, self._site):
            return None if post.raw or post.cooked else "empty"
        return "deleted" if post.gone else "robot" if post.post_type == REGULAR else "notice"

    def past(self) -> Past:
        return Past(sorted(self._messages.values(), key=lambda one: one.sent), dict(+self.skipped))


def _client(url: str, forum: Forum | None) -> aclosing[DiscourseClient]:
    user, key = (forum.settings.username, forum.secrets.get("api_key")) if forum else (None, None)
    return aclosing(DiscourseClient(url, user, key))


def _site_of(settings: DiscourseSettings | None) -> Site:
    """Return the bot's account and the users that it ignores; none if the settings have no forum."""
    return Site(**dict(settings)) if settings else Site.model_construct(url="", username="", ignore=(), name="")


async def _numbers_of_category(client: DiscourseClient, slug: str, least_posts: int) -> list[int] | None:
    """Return the ids of topics with at least so many posts, newest first; None as in `read_category`.

    Pinned topics are on each page.
    """
    category = await client.category(slug)
    if category is None or category.read_restricted:
        return None
    posts: dict[int, int] = {}  # of each topic
    for page in range(MOST_PAGES):
        known = len(posts)
        posts |= {topic.id: topic.posts_count for topic in await client.category_topics(category, page)}
        if len(posts) == known:
            break
    return [number for number, count in posts.items() if count >= least_posts]


async def _topics(client: DiscourseClient, numbers: Sequence[int], on_read: OnRead) -> AsyncIterator[DiscourseTopic]:
    for done, number in enumerate(numbers, start=1):
        if topic := await client.topic(number):
            yield topic
        on_read(done, len(numbers))


async def _all_posts(client: DiscourseClient, topic: DiscourseTopic) -> list[DiscoursePost]:
    shown = {post.id for post in topic.posts}
    rest = [id for id in topic.stream if id not in shown][: MOST_POSTS - len(shown)]
    return [*topic.posts, *await client.topic_posts(topic.id, rest)]


async def _whole(client: DiscourseClient, url: str, topic: DiscourseTopic, forum: Forum | None) -> WholeTopic:
    site = _site_of(forum.settings if forum else None)
    posts = [] if topic.private else await _all_posts(client, topic)
    people = [post for post in posts if is_by_person(post, site)]
    texts = tuple(TopicPost(post.username, plain_text(post.raw), post.cooked) for post in people)
    return WholeTopic(topic.title, f"{url}/t/-/{topic.id}", texts, topic.private)
