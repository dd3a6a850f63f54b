"""A forum on paper: posts in a list, shown as both generations of servers show them. No network, no time passes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.channels.discourse.channel import DiscourseChannel
from bot.channels.discourse.models import (
    BasicInfo,
    Category,
    DiscoursePost,
    DiscourseTopic,
    Enqueued,
    Notification,
    PendingPost,
)
from bot.channels.discourse.moderators_topic import ModeratorsTopic
from bot.channels.discourse.site import Site
from bot.messages import ChannelError, Event
from tests.waiting import until

PAGE = 50
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
SITE = Site(url="https://forum.example/f", username="concierge", categories=("formations",), ignore=("Autobot",))


def called(name: str = "concierge") -> str:
    """The HTML of a post that mentions somebody."""
    return f'<p><a class="mention" href="/f/u/{name}">@{name}</a> bonjour</p>'


def a_post(id: int = 101, topic: int = 45, number: int = 2, **more: Any) -> DiscoursePost:
    fields = {
        "id": id,
        "topic_id": topic,
        "post_number": number,
        "topic_title": "Se former à la facilitation",
        "category_id": 5,
        "user_id": 7,
        "username": "ana",
        "raw": "Où trouver une formation ?",
        "cooked": "<p>Où trouver une formation ?</p>",
        "created_at": NOW.isoformat(),
        "post_type": 1,
    }
    return DiscoursePost.model_validate(fields | more)


@dataclass
class Paper:
    """Stands where `Client` stands. `trouble`: what the next requests raise, in turn; `asked`: their names."""

    old: bool = False
    login_required: bool = False
    now: datetime = NOW
    posts: list[DiscoursePost] = field(default_factory=list)
    private: list[DiscoursePost] = field(default_factory=list)
    unseen: set[int] = field(default_factory=set)  # ids of posts that are not saved yet, or not in the list
    notes: list[Notification] = field(default_factory=list)
    trouble: list[ChannelError | None] = field(default_factory=list)
    failing: dict[str, ChannelError] = field(default_factory=dict)  # by the name of the request
    asked: list[str] = field(default_factory=list)
    title: str = "Se former à la facilitation"
    next_id: int = 1000

    def clock(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def add(self, *, gap: int = 1, private: bool = False, **fields: object) -> DiscoursePost:
        """A new post; its id is `gap` above that of the last one."""
        self.next_id += gap
        post = a_post(self.next_id, created_at=self.now.isoformat(), **{"number": self.next_id, **fields})  # type: ignore[arg-type]
        (self.private if private else self.posts).append(post)
        return post

    def change(self, post: DiscoursePost, **fields: object) -> None:
        for posts in (self.posts, self.private):
            posts[:] = [one.model_copy(update=fields) if one.id == post.id else one for one in posts]

    def remove(self, post: DiscoursePost) -> None:
        self.posts = [one for one in self.posts if one.id != post.id]

    async def latest_posts(self, before: int | None = None) -> list[DiscoursePost]:
        self._ask("latest_posts")
        return self._page(self.posts, before)

    async def private_posts(self, before: int | None = None) -> list[DiscoursePost]:
        self._ask("private_posts")
        return self._page(self.private, before)

    async def notifications(self) -> list[Notification]:
        self._ask("notifications")
        return sorted(self.notes, key=lambda note: -note.id)[:60]

    async def topic(self, number: int) -> DiscourseTopic | None:
        self._ask("topic")
        posts = self._of(number)
        if not posts:
            return None
        archetype = "private_message" if posts[0] in self.private else "regular"
        stream = {"posts": posts[:20], "stream": [post.id for post in posts]}
        shape = {"id": number, "title": self.title, "archetype": archetype, "category_id": 5, "post_stream": stream}
        return DiscourseTopic.model_validate(shape)

    async def topic_posts(self, number: int, ids: Sequence[int]) -> list[DiscoursePost]:
        self._ask("topic_posts")
        return [post for post in self._of(number) if post.id in ids]

    async def post(self, id: int) -> DiscoursePost | None:
        self._ask("post")
        return next((post for post in (*self.posts, *self.private) if post.id == id), None)

    async def post_by_number(self, topic: int, number: int) -> DiscoursePost | None:
        self._ask("post_by_number")
        return next((post for post in self._of(topic) if post.post_number == number), None)

    async def categories(self) -> list[Category]:
        self._ask("categories")
        staff = Category(id=6, slug="equipe", read_restricted=True)
        return [Category(id=5, slug="formations"), staff, Category(id=7, slug="divers")]

    async def basic_info(self) -> BasicInfo:
        self._ask("basic_info")
        return BasicInfo(login_required=self.login_required)

    async def group_members(self, name: str) -> list[str]:
        self._ask("group_members")
        return ["Moda", "Groß"] if name == "moderateurs" else []

    async def pending_posts(self, username: str) -> list[PendingPost]:
        self._ask("pending_posts")
        return []

    async def create_post(self, topic: int, raw: str, reply_to: int | None = None) -> DiscoursePost | Enqueued:
        self._ask("create_post")
        return self.add(topic=topic, raw=raw, reply_to_post_number=reply_to, username="concierge", user_id=99)

    async def edit_post(self, post: int, raw: str) -> DiscoursePost:
        self._ask("edit_post")
        (found,) = [one for one in self.posts if one.id == post]
        self.change(found, raw=raw, version=found.version + 1)
        return found

    async def delete_post(self, post: int) -> None:
        self._ask("delete_post")
        self.posts = [one for one in self.posts if one.id != post]

    async def check_key(self) -> None:
        self._ask("check_key")

    async def aclose(self) -> None: ...

    def _ask(self, name: str) -> None:
        self.asked.append(name)
        trouble = self.failing.get(name) or (self.trouble.pop(0) if self.trouble else None)
        if trouble:
            raise trouble

    def _of(self, topic: int) -> list[DiscoursePost]:
        found = [post for post in (*self.posts, *self.private) if post.topic_id == topic]
        return sorted(found, key=lambda post: post.post_number)

    def _page(self, posts: Sequence[DiscoursePost], before: int | None) -> list[DiscoursePost]:
        """New: the newest that may be seen. Old: what may be seen of the newest ids."""
        top = self.next_id if before is None else before
        shown = [post for post in posts if post.id <= top and post.id not in self.unseen]
        regular = [post for post in shown if post.post_type == 1]
        if self.old:
            return sorted((post for post in shown if post.id > top - PAGE), key=lambda post: -post.id)
        return sorted(regular, key=lambda post: -post.id)[:PAGE]


@dataclass
class Notebook:
    """Stands where the store stands: journal and position, both or neither. Remembers what channels ask it to."""

    events: dict[str, Event] = field(default_factory=dict)
    position: str | None = None
    memory: dict[str, str] = field(default_factory=dict)

    async def receive(self, events: Sequence[Event], position: str) -> None:
        for event in events:
            self.events.setdefault(event.id, event)
        self.position = position

    async def get(self, name: str) -> str | None:
        return self.memory.get(name)

    async def set(self, name: str, value: str | None) -> None:
        if value is None:
            self.memory.pop(name, None)
        else:
            self.memory[name] = value

    @property
    def heard(self) -> list[str]:
        """The ids of messages, in the order in which they came."""
        return [event.id for event in self.events.values() if event.kind == "message"]


ELSEWHERE = ModeratorsTopic(SITE, Paper(), Notebook(), None)  # type: ignore[arg-type]
"""The moderators have their room on another network."""

QUICK = {"poll": 0.02}
"""Settings of a forum that is asked again at once."""


@asynccontextmanager
async def listening(channel: DiscourseChannel, notebook: Notebook) -> AsyncIterator[None]:
    """It listens, and knows from where on posts are new."""
    task = asyncio.create_task(channel.listen(notebook.receive, notebook.position))
    try:
        await until(lambda: task.done() or notebook.position is not None)
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
