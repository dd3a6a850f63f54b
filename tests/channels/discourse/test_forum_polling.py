"""Each post of a person is seen once, whatever the forum shows and wherever the bot dies."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.channels.discourse.models import DiscoursePost, Notification
from bot.channels.discourse.moderators_topic import ModeratorsTopic
from bot.channels.discourse.poller import Poller
from bot.channels.discourse.rate_limit import PostLimits
from bot.channels.discourse.site import event_id
from bot.channels.discourse.watchlist import Watchlist
from bot.messages import ChannelError, Event, NetworkRefusal, RateLimited, Unreachable
from tests.channels.discourse.conftest import NOW, SITE, Notebook, a_post

WAYS = ("a person", "we", "the system", "another bot", "a whisper", "flagged", "slowly saved", "in private", "deleted")
FIELDS: dict[str, dict[str, object]] = {
    "we": {"username": "Concierge"},
    "the system": {"user_id": -1},
    "another bot": {"username": "autobot"},
    "a whisper": {"post_type": 4},
    "flagged": {"hidden": True},
}
TROUBLE = (None, Unreachable("down"), RateLimited(3), NetworkRefusal("no"))
PAGE = 50
step = st.one_of(
    st.tuples(st.just("post"), st.sampled_from(WAYS), st.sampled_from((1, 1, 1, 2, 7, 60))),
    st.tuples(st.just("burst"), st.sampled_from(("a person", "we", "a whisper", "in private")), st.integers(1, 130)),
    st.tuples(st.just("look"), st.sampled_from(("", "", "before", "after")), st.just(0)),
    st.tuples(st.just("trouble"), st.sampled_from(TROUBLE), st.integers(0, 3)),
    st.tuples(st.just("saved"), st.just(""), st.just(0)),
    st.tuples(st.just("wait"), st.just(""), st.sampled_from((1, 60, 200))),
)
SLOW_BELOW_A_FULL_PAGE = [
    *(("look", "", 0), ("post", "slowly saved", 1), *[("post", "a person", 1)] * 4, ("look", "", 0)),
    *(("post", "a person", 1), ("post", "a person", 1), ("burst", "a person", 113), ("burst", "a person", 130)),
]


@dataclass
class Paper:
    """Stands where the client of a forum stands: posts in a list, shown as both generations of servers show them.

    `trouble`: what the next requests raise, in turn; `unseen`: ids of posts that are not saved yet.
    """

    old: bool = False
    now: datetime = NOW
    posts: list[DiscoursePost] = field(default_factory=list)
    private: list[DiscoursePost] = field(default_factory=list)
    unseen: set[int] = field(default_factory=set)
    trouble: list[ChannelError | None] = field(default_factory=list)
    next_id: int = 1000

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def add(self, gap: int, private: bool, **fields: object) -> DiscoursePost:
        """A new post; its id is `gap` above that of the last one."""
        self.next_id += gap
        post = a_post(self.next_id, number=self.next_id, created_at=self.now.isoformat(), **fields)
        (self.private if private else self.posts).append(post)
        return post

    async def latest_posts(self, before: int | None = None) -> list[DiscoursePost]:
        return self._page(self.posts, before)

    async def private_posts(self, before: int | None = None) -> list[DiscoursePost]:
        return self._page(self.private, before)

    async def notifications(self) -> list[Notification]:
        self._fail()
        return []

    def _fail(self) -> None:
        if self.trouble and (trouble := self.trouble.pop(0)):
            raise trouble

    def _page(self, posts: Sequence[DiscoursePost], before: int | None) -> list[DiscoursePost]:
        """New: the newest that may be seen. Old: what may be seen of the newest ids."""
        self._fail()
        top = self.next_id if before is None else before
        shown = [post for post in posts if post.id <= top and post.id not in self.unseen]
        regular = [post for post in shown if post.post_type == 1]
        if self.old:
            return sorted((post for post in shown if post.id > top - PAGE), key=lambda post: -post.id)
        return sorted(regular, key=lambda post: -post.id)[:PAGE]


class Killed(BaseException):
    """SIGKILL."""


@dataclass
class Life:
    """A forum, and a bot that is killed and started again beside it."""

    paper: Paper
    notebook: Notebook = field(default_factory=Notebook)
    slow: list[DiscoursePost] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)  # begun before the first start, saved after it
    poller: Poller | None = None

    def post(self, way: str, gap: int) -> None:
        post = self.paper.add(gap, way == "in private", **FIELDS.get(way, {}))
        if self.slow and post.id - self.slow[0].id > 20:
            self.saved()  # so many ids are not given in a moment
        if way == "slowly saved":
            self.paper.unseen.add(post.id)
            self.slow.append(post)
        if way == "deleted":
            self.paper.posts.remove(post)
        if way in ("a person", "slowly saved"):
            known = self.expected if self.notebook.position is not None else self.allowed
            known.append(event_id(post.topic_id, post.post_number))

    def saved(self) -> None:
        if self.notebook.position is None:
            self.allowed = []
        for post in self.slow:
            self.paper.unseen.discard(post.id)
        self.slow.clear()

    async def look(self, kill: str = "") -> None:
        """The bot dies before or after the journal, if it comes that far."""
        if self.notebook.position is None:
            self.paper.wait(61)  # where no id is known, the clock decides, and it may be off by a minute

        async def receive(events: Sequence[Event], position: str) -> None:
            if kill == "before":
                raise Killed
            await self.notebook.receive(events, position)
            if kill == "after":
                raise Killed

        try:
            if self.poller is None:
                paper: Any = self.paper
                clock, elsewhere = lambda: paper.now, ModeratorsTopic(SITE, paper, Notebook(), None)
                watched = Watchlist(SITE, paper, self.notebook, clock)
                self.poller = Poller(SITE, paper, watched, PostLimits(), elsewhere, clock)
                await self.poller.begin(receive, self.notebook.position)
            await self.poller.poll(receive)
        except Killed:
            self.poller = None
        except (Unreachable, RateLimited, NetworkRefusal):
            if self.notebook.position is None:
                self.poller = None


@settings(max_examples=150 if "THOROUGH" in os.environ else 50, deadline=None)
@example(old=False, before=0, steps=SLOW_BELOW_A_FULL_PAGE)
@given(old=st.booleans(), before=st.integers(0, 60), steps=st.lists(step, min_size=10, max_size=40))
async def test_each_new_post_is_seen_once(old: bool, before: int, steps: Sequence[tuple[str, object, int]]) -> None:
    life = Life(Paper(old=old))
    for _ in range(before):
        life.post("a person", 1)
    life.allowed = []
    life.paper.wait(600)
    for what, way, number in steps:
        if what in ("burst", "saved", "wait"):
            life.saved()
        if what in ("post", "burst"):
            for _ in range(number if what == "burst" else 1):
                life.post(str(way), 1 if what == "burst" else number)
        elif what == "look":
            await life.look(str(way))
        elif what == "trouble":
            life.paper.trouble = [*[None] * number, way]  # type: ignore[list-item]
        elif what == "wait":
            life.paper.wait(number)
    # In the end all is saved and works; on an old server a newest post of somebody shows how far the ids go.
    life.saved()
    life.paper.trouble = []
    if life.notebook.position is None:
        await life.look()
    life.post("a person", 1)
    for _ in range(2):
        await life.look()
    assert set(life.notebook.heard) - set(life.allowed) == set(life.expected)
