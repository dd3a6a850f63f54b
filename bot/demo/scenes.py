"""The three scenes: questions, a new answer learnt from a moderator, and the weekly digest."""

from __future__ import annotations

import asyncio
import contextlib
import difflib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from bot.app.digest_command import digest_by_command
from bot.config.settings import Settings
from bot.demo import script
from bot.demo.console import Transcript
from bot.demo.member import DemoMember, RoomPost
from bot.knowledge.library import Library
from bot.messages import Event
from bot.store import Outcome

PATIENCE = 60.0  # seconds until a reply must be there; it takes one

T = TypeVar("T")
Futures = dict[str, asyncio.Future[T]]


@dataclass(frozen=True, slots=True)
class Cast:
    """`asker` and `other` are members; the moderator is in both rooms."""

    asker: DemoMember
    other: DemoMember
    moderator: DemoMember
    room: str
    moderation: str
    bot: str


class Observer:
    """What the bot made of each event, which the room does not see."""

    def __init__(self) -> None:
        self._outcomes: Futures[Outcome] = {}
        self.on_later: Callable[[Outcome], None] = lambda outcome: None  # called when an event is dealt with again

    def observe(self, event: Event, outcome: Outcome) -> None:
        """Callback of the bot."""
        if (future := _future(self._outcomes, event.id)).done():
            self.on_later(outcome)
        else:
            future.set_result(outcome)

    async def outcome(self, event: str) -> Outcome:
        """The first one. Raises TimeoutError."""
        return await asyncio.wait_for(asyncio.shield(_future(self._outcomes, event)), PATIENCE)


class QuestionScene:
    """One member in one room with the bot."""

    def __init__(self, cast: Cast, transcript: Transcript, observer: Observer) -> None:
        self._member, self._room, self._bot, self._transcript = cast.asker, cast.room, cast.bot, transcript
        self._observer = observer
        self._replies: Futures[str] = {}
        self.introduced = asyncio.Event()

    @contextlib.asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Show what the bot says."""
        async with running(self._follow(await self._member.position())):
            yield

    async def _follow(self, since: str) -> None:
        async for room, post in self._member.listen(since):
            if room != self._room or post.sender != self._bot or post.reaction:
                continue
            self._transcript.bot(post.text, edited=post.edited, quiet=post.quiet)
            self.introduced.set()
            if post.replies_to:
                _set(self._replies, post.replies_to, post.text)

    async def ask(self, text: str) -> bool:
        """Speak to the bot; whether it replied."""
        self._transcript.person(script.MEMBER, text, script.BOT)
        question = await self._member.say(self._room, f"{script.BOT} : {text}")
        reply = asyncio.wait_for(_future(self._replies, question), PATIENCE)
        return await self._came(reply) is not None

    async def remark(self, text: str) -> bool:
        """Speak to the room, and show why the bot keeps silent; whether it did."""
        self._transcript.person(script.MEMBER, text, "salon")
        outcome = await self._came(self._observer.outcome(await self._member.say(self._room, text)))
        if outcome is None:
            return False
        self._transcript.aside(script.reason(outcome))
        return not outcome.posts and not outcome.retry_at

    async def _came(self, what: Awaitable[T]) -> T | None:
        try:
            return await what
        except TimeoutError:
            self._transcript.fault(script.NOTHING_CAME.format(seconds=int(PATIENCE)))
            return None


def _future(futures: Futures[T], event: str) -> asyncio.Future[T]:
    """Made by whoever is first: the bot may be faster than the response that names the event."""
    return futures.setdefault(event, asyncio.get_running_loop().create_future())


def _set(futures: Futures[T], event: str, result: T) -> None:
    future = _future(futures, event)
    if not future.done():
        future.set_result(result)


@contextlib.asynccontextmanager
async def running(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class ModeratedScene:
    """A scene in both rooms; the bot's posts come through the moderator, who is in both."""

    def __init__(self, cast: Cast, transcript: Transcript) -> None:
        self._cast, self._transcript = cast, transcript
        self._posts: list[tuple[str, RoomPost]] = []
        self._news = asyncio.Condition()

    async def play(self) -> bool:
        """Whether every expected post came."""
        try:
            async with running(self._listen(await self._cast.moderator.position())), asyncio.timeout(PATIENCE):
                await self._play()
        except TimeoutError:
            self._transcript.fault(script.NOTHING_CAME.format(seconds=int(PATIENCE)))
            return False
        return True

    async def _play(self) -> None:
        raise NotImplementedError

    async def _listen(self, since: str) -> None:
        async for room, post in self._cast.moderator.listen(since):
            async with self._news:
                self._posts.append((room, post))
                self._news.notify_all()

    async def _expect(self, room: str, is_expected: Callable[[RoomPost], bool]) -> RoomPost:
        """Wait for a post of the bot and show it."""
        post = await self._wait(room, lambda post: post.reaction is None and is_expected(post))
        where = script.MODERATION if room == self._cast.moderation else ""
        self._transcript.bot(post.text, quiet=post.quiet, where=where)
        return post

    async def _wait(self, room: str, is_expected: Callable[[RoomPost], bool]) -> RoomPost:
        """The first such post or reaction of the bot that was not returned before."""
        async with self._news:
            while True:
                for number, (where, post) in enumerate(self._posts):
                    if where == room and post.sender == self._cast.bot and is_expected(post):
                        del self._posts[number]
                        return post
                await self._news.wait()


class LearningScene(ModeratedScene):
    """A question without an answer, a moderator's reply, and the entry that the bot makes of it."""

    def __init__(self, cast: Cast, shipped: Path, copy: Path, transcript: Transcript) -> None:
        """`copy`: the folder that the bot works with; `shipped` stays as it is."""
        super().__init__(cast, transcript)
        self._shipped, self._copy = shipped, copy

    async def play(self) -> bool:
        """Whether, besides, the files gained lines and lost none."""
        return await super().play() and self._compare()

    async def _play(self) -> None:
        cast = self._cast
        question = await self._ask(cast.asker, script.MEMBER, script.UNKNOWN)
        await self._expect(cast.room, lambda post: post.replies_to == question)
        note = await self._expect(cast.moderation, lambda post: script.NOTE in post.text)
        self._transcript.person(script.MODERATOR, script.ANSWER, script.BOT)
        await cast.moderator.say(cast.moderation, script.ANSWER, reply_to=note.id)
        await self._expect(cast.room, lambda post: script.RELAYED in post.text)
        draft = await self._expect(cast.moderation, lambda post: script.DRAFT in post.text)
        self._transcript.person(script.MODERATOR, script.THEME, script.BOT)
        await cast.moderator.say(cast.moderation, script.THEME, reply_to=draft.id)
        await self._expect(cast.moderation, lambda post: script.KEPT in post.text)
        again = await self._ask(cast.other, script.OTHER, script.AGAIN)
        await self._expect(cast.room, lambda post: post.replies_to == again)

    async def _ask(self, member: DemoMember, name: str, text: str) -> str:
        self._transcript.person(name, text, script.BOT)
        return await member.say(self._cast.room, f"{script.BOT} : {text}")

    def _compare(self) -> bool:
        """Show the difference of the files; whether lines were added and none removed."""
        changes = [line for path in sorted(self._copy.glob("*.yaml")) for line in self._difference(path)]
        self._transcript.step(script.DIFFERENCE)
        self._transcript.lines("\n".join(changes))
        return bool(changes) and not any(line.startswith("-") and not line.startswith("---") for line in changes)

    def _difference(self, path: Path) -> list[str]:
        before = self._shipped / path.name
        old = before.read_text(encoding="utf-8").splitlines() if before.exists() else []
        new = path.read_text(encoding="utf-8").splitlines()
        return list(difflib.unified_diff(old, new, f"a/{path.name}", f"b/{path.name}", lineterm="", n=1))


class DigestScene(ModeratedScene):
    """The digest of the week, as `concierge digest --publish` posts it beside the bot."""

    def __init__(self, cast: Cast, settings: Settings, transcript: Transcript) -> None:
        super().__init__(cast, transcript)
        self._settings = settings

    async def _play(self) -> None:
        self._transcript.did(script.MODERATOR, script.PUBLISHES)
        today = datetime.now(self._settings.timezone).date()
        knowledge = Library(self._settings.knowledge).load(today).knowledge
        async with digest_by_command(self._settings, knowledge, post=True) as command:
            await command.publish()
        await self._expect(self._cast.room, lambda post: script.WEEK in post.text)
