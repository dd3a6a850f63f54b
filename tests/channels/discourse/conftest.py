"""The channel of a forum that keeps its rules, with a question that waits there; and posts on paper."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.channels.discourse import channel
from bot.channels.discourse.channel import DiscourseChannel
from bot.channels.discourse.client import DiscourseClient
from bot.channels.discourse.models import DiscoursePost
from bot.channels.discourse.rate_limit import PostLimits
from bot.channels.discourse.site import Site
from bot.messages import Event, OutgoingReaction, Removal, Reply
from tests.channels.at_work import Notes
from tests.forum import Forum
from tests.forum.state import Post
from tests.waiting import PATIENCE, until

ANSWER = "> Où trouver une formation ?\n\nVoici la [fiche](https://fiche.example/), bonne lecture."
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
SITE = Site(url="https://forum.example/f", username="concierge", categories=("formations",), ignore=("Autobot",))


def called(name: str = "concierge") -> str:
    """The HTML of a post that mentions somebody."""
    return f'<p><a class="mention" href="/f/u/{name}">@{name}</a> bonjour</p>'


def a_post(id: int = 101, topic: int = 45, number: int = 2, **more: Any) -> DiscoursePost:
    fields = {
        **{"id": id, "topic_id": topic, "post_number": number, "topic_title": "Se former à la facilitation"},
        **{"category_id": 5, "user_id": 7, "username": "ana", "post_type": 1, "created_at": NOW.isoformat()},
        **{"raw": "Où trouver une formation ?", "cooked": "<p>Où trouver une formation ?</p>"},
    }
    return DiscoursePost.model_validate(fields | more)


class Notebook(Notes):
    """Stands where the store stands: journal and position, both or neither. Remembers what channels ask it to."""

    def __init__(self) -> None:
        super().__init__()
        self.events: dict[str, Event] = {}
        self.position: str | None = None

    async def receive(self, events: Sequence[Event], position: str) -> None:
        for event in events:
            self.events.setdefault(event.id, event)
        self.position = position

    @property
    def heard(self) -> list[str]:
        """The ids of messages, in the order in which they came."""
        return [event.id for event in self.events.values() if event.kind == "message"]


@dataclass
class Desk:
    """A forum with a question by ana, and the bot's channel there. `ahead`: seconds by which the bot's clock is."""

    forum: Forum
    question: Post
    memory: Notebook = field(default_factory=Notebook)
    ahead: float = 0.0
    started: list[DiscourseChannel] = field(default_factory=list)
    listening: asyncio.Task[None] | None = None

    async def start(self, opening: tuple[str, str] | None = None, **more: Any) -> DiscourseChannel:
        """The channel as after a start with these settings. `opening`: of the moderators' message, if they have one."""
        await self.down()
        settings = {"categories": ("formations",), "moderators_group": "equipe", "poll": 0.005} | more
        # Its further tries follow each other at once.
        self.client = DiscourseClient(
            self.forum.url, "concierge", self.forum.key, 1000, clock=self.seconds, sleep=lambda _: asyncio.sleep(0)
        )
        site = Site(url=self.forum.url, username="concierge", **settings)
        self.channel = DiscourseChannel(site, self.client, self.memory, self.forum.clock, opening)
        await self.channel.start()
        self.started.append(self.channel)
        return self.channel

    async def listen(self) -> None:
        """Until it knows from where on posts are new."""
        self.listening = asyncio.create_task(self.channel.listen(self.memory.receive, self.memory.position))
        await until(lambda: self.memory.position is not None)

    async def down(self) -> None:
        if self.listening:
            self.listening.cancel()
            await asyncio.gather(self.listening, return_exceptions=True)
        self.listening = None

    @property
    def rounds(self) -> int:
        """How often it began to look."""
        return sum((asked.path, asked.query) == ("/posts.json", "") for asked in self.forum.requests)

    async def look(self) -> list[Event]:
        """The events that a whole round brings."""
        known, before = set(self.memory.events), self.rounds
        async with asyncio.timeout(PATIENCE):
            while self.rounds < before + 2:
                assert self.listening is not None
                assert not self.listening.done()
                await asyncio.sleep(0.001)
        return [event for id, event in self.memory.events.items() if id not in known]

    def seconds(self) -> float:
        return time.monotonic() + self.ahead

    def wait(self, seconds: float) -> None:
        self.forum.clock.advance(seconds)
        self.ahead += seconds

    @property
    def room(self) -> str:
        return f"topic/{self.question.topic.id}"

    def event(self, post: Post | None = None) -> str:
        post = post or self.question
        return f"{post.topic.id}/{post.number}"

    def reply(self, text: str = ANSWER, to: Post | None = None, replaces: str | None = None) -> Reply:
        post = to or self.question
        return Reply(f"topic/{post.topic.id}", text, to=self.event(post), mentions=("ana",), replaces=replaces)

    async def send(self, outgoing: Reply | Removal | OutgoingReaction) -> str:
        return await self.channel.send(outgoing, "t1")

    async def find(self, outgoing: Reply | Removal) -> list[str]:
        return list(await self.channel.find_sent(outgoing, "t1", datetime.now(UTC) - timedelta(minutes=1)))

    @property
    def ours(self) -> list[Post]:
        return self.forum.posts_of("concierge")

    def delete(self, post: Post) -> None:
        """As a moderator does: at once."""
        self.forum.delete(post, by=self.forum.user("chef", moderator=True))


@pytest.fixture
async def desk(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    async with Forum() as forum:
        for slug in ("annonces", "formations"):
            forum.category(slug)
        question = forum.say("ana", "formations", "Où trouver une formation ?", title="Se former à la facilitation")
        desk = Desk(forum, question)
        monkeypatch.setattr(channel, "PostLimits", lambda: PostLimits(desk.seconds))
        await desk.start()
        yield desk
        await desk.down()
        for one in desk.started:
            await one.stop()
