"""Past messages of a forum: a category by its API, or saved JSON (`/t/<id>.json`, `/posts.json`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from bot.channels.discourse.event_parser import CategoryRole, JournalledPost, is_by_person, message
from bot.channels.discourse.models import REGULAR, DiscoursePost, DiscourseTopic, many, part
from bot.channels.discourse.settings import DiscourseSettings
from bot.channels.discourse.site import Site
from bot.channels.discourse.topics import Forum, all_posts, numbers_of_category, open_client, site_of, topics_of
from bot.messages import Message, Past, Skipped, Unreachable
from bot.text.html import spoken_text

_ROLE = CategoryRole(overhears=True)  # each first post may be a question


async def past_of_category(
    url: str, slug: str, forum: Forum | None, on_topic: Callable[[int, int], None]
) -> Past | None:
    """Read a category as `topics.read_category`, including topics without a reply, oldest first."""
    reader = _PostReader(site_of(forum.settings if forum else None))
    async with open_client(url, forum) as client:
        if (numbers := await numbers_of_category(client, slug, least_posts=1)) is None:
            return None
        async for topic in topics_of(client, numbers, on_topic):
            reader.take(await all_posts(client, topic), topic)
        return reader.past()


def past_of_export(raw: Any, settings: DiscourseSettings | None) -> Past | None:
    """Read a topic, topics, or posts; None if it is none of these."""
    items = raw if isinstance(raw, list) else part(raw, "latest_posts") or [raw]
    if not isinstance(items, list):
        return None
    topics, posts = ([one for one in items if part(one, key) is not None] for key in ("post_stream", "post_number"))
    if not (topics or posts):
        return None
    reader = _PostReader(site_of(settings))
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

    def past(self) -> Past:
        return Past(sorted(self._messages.values(), key=lambda one: one.sent), dict(+self.skipped))

    def _why_not(self, post: DiscoursePost) -> Skipped | None:
        if is_by_person(post, self._site):
            return None if post.raw or post.cooked else "empty"
        return "deleted" if post.gone else "robot" if post.post_type == REGULAR else "notice"
