"""The scenes: questions, a new answer learnt from a moderator, the weekly digest; in the last one, whoever sits at the
keyboard writes as the member, and for the moderator."""

import asyncio
import contextlib
import difflib
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.app.digest_command import digest_by_command
from bot.config.settings import Settings
from bot.demo import script
from bot.demo.console import Transcript, typed_lines
from bot.demo.member import DemoMember, RoomPost
from bot.knowledge.library import Library
from bot.messages import Event, OutgoingReaction, Reply
from bot.reading.calls import cut_call
from bot.store import Outcome, Question

PATIENCE = 60.0  # seconds until a reply must be there; it takes one
SHOWN_WITHIN = 10.0  # seconds between the bot's decision and its posts
SIGNS = {"/bien": "👍", "/bof": "👎", "/oui": "✅", "/non": "❌", "1": "1️⃣", "2": "2️⃣", "3": "3️⃣"}
IN_ROOM = {"👍", "👎", "➕", "1️⃣", "2️⃣", "3️⃣"}  # these are for what the bot said to members


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
    """Keeps the outcome of each event, which the room does not see."""

    def __init__(self) -> None:
        # Each made by whoever is first: the bot may be faster than the response that names the event.
        self._outcomes = defaultdict[str, asyncio.Future[Outcome]](asyncio.Future)
        self.on_later: Callable[[Outcome], None] = lambda outcome: None  # called when an event is dealt with again

    def observe(self, event: Event, outcome: Outcome) -> None:
        """Callback of the bot."""
        if (future := self._outcomes[event.id]).done():
            self.on_later(outcome)
        else:
            future.set_result(outcome)

    async def outcome(self, event: str) -> Outcome:
        """The first one. Raises TimeoutError."""
        return await asyncio.wait_for(asyncio.shield(self._outcomes[event]), PATIENCE)


@contextlib.asynccontextmanager
async def running(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class DemoRooms:
    """Both rooms as the moderator, who is in both, hears the bot there. Of its posts those are shown that a scene
    expects."""

    def __init__(self, cast: Cast, transcript: Transcript) -> None:
        self.cast, self.transcript = cast, transcript
        self._posts: list[tuple[str, RoomPost]] = []
        self._news = asyncio.Condition()

    async def listen(self, since: str) -> None:
        async for room, post in self.cast.moderator.listen(since):
            if post.sender == self.cast.bot and post.reaction is None:
                async with self._news:
                    self._posts.append((room, post))
                    self._news.notify_all()

    def begin_scene(self) -> None:
        """Nothing that was said before is expected any more."""
        self._posts.clear()

    async def ask(self, member: DemoMember, text: str) -> None:
        """A question to the bot, and its reply. Raises TimeoutError."""
        self.transcript.person(member.name, text, script.BOT)
        question = await member.say(self.cast.room, f"{script.BOT} : {text}")
        await self.expect(self.cast.room, lambda post: post.replies_to == question)

    async def moderate(self, text: str, reply_to: RoomPost) -> None:
        self.transcript.person(script.MODERATOR, text, script.BOT)
        await self.cast.moderator.say(self.cast.moderation, text, reply_to=reply_to.id)

    async def expect_words(self, room: str, words: str) -> RoomPost:
        return await self.expect(room, lambda post: words in post.text)

    async def expect(self, room: str, is_expected: Callable[[RoomPost], bool]) -> RoomPost:
        """Wait for a post of the bot that was not returned before, and show it. Raises TimeoutError."""

        def found() -> list[tuple[str, RoomPost]]:
            return [one for one in self._posts if one[0] == room and is_expected(one[1])]

        async with asyncio.timeout(PATIENCE), self._news:
            first, *_ = await self._news.wait_for(found)
        self._posts.remove(first)
        where = script.MODERATION if room == self.cast.moderation else ""
        self.transcript.bot(first[1].text, quiet=first[1].quiet, where=where)
        return first[1]


async def ask_questions(rooms: DemoRooms, observer: Observer) -> bool:
    """A member speaks to the bot, and to the room: whether it kept silent there. Raises TimeoutError."""
    cast, silences = rooms.cast, []
    await rooms.expect(cast.room, lambda _: True)  # its introduction
    for text, is_addressed in script.LINES:
        if is_addressed:
            await rooms.ask(cast.asker, text)
        else:
            rooms.transcript.person(script.MEMBER, text, "salon")
            outcome = await observer.outcome(await cast.asker.say(cast.room, text))
            rooms.transcript.aside(script.reason(outcome))
            silences.append(not outcome.posts and not outcome.retry_at)
    return all(silences)


async def learn(rooms: DemoRooms, shipped: Path, copy: Path) -> bool:
    """A question without an answer, a moderator's reply, and the entry that the bot makes of it: whether the files
    gained lines and lost none. `copy`: the folder that the bot works with; `shipped` stays as it is. Raises
    TimeoutError."""
    cast = rooms.cast
    rooms.begin_scene()
    await rooms.ask(cast.asker, script.UNKNOWN)
    await rooms.moderate(script.ANSWER, await rooms.expect_words(cast.moderation, script.NOTE))
    await rooms.expect_words(cast.room, script.RELAYED)
    await rooms.moderate(script.THEME, await rooms.expect_words(cast.moderation, script.DRAFT))
    await rooms.expect_words(cast.moderation, script.KEPT)
    await rooms.ask(cast.other, script.AGAIN)
    changes = _changes(shipped, copy)
    rooms.transcript.step(script.DIFFERENCE)
    rooms.transcript.lines(changes)
    return bool(changes) and not any(line.startswith("-") and not line.startswith("---") for line in changes)


def _changes(before: Path, after: Path) -> list[str]:
    """Lines of unified diffs between two folders."""
    lines: list[str] = []
    for path in sorted(after.glob("*.yaml")):
        shipped = before / path.name
        old = shipped.read_text(encoding="utf-8").splitlines() if shipped.exists() else []
        new = path.read_text(encoding="utf-8").splitlines()
        lines += difflib.unified_diff(old, new, f"a/{path.name}", f"b/{path.name}", lineterm="", n=1)
    return lines


async def publish_week(rooms: DemoRooms, settings: Settings) -> bool:
    """The digest of the week, as `concierge digest --publish` posts it beside the bot. Raises TimeoutError."""
    rooms.begin_scene()
    rooms.transcript.did(script.MODERATOR, script.PUBLISHES)
    knowledge = Library(settings.knowledge).load(datetime.now(settings.timezone).date()).knowledge
    async with digest_by_command(settings, knowledge, post=True) as command:
        await command.publish()
    await rooms.expect_words(rooms.cast.room, script.WEEK)
    return True


class FreeScene:
    """The moderator, who is in both rooms, hears the bot."""

    def __init__(self, cast: Cast, transcript: Transcript, observer: Observer) -> None:
        self._cast, self._transcript, self._observer = cast, transcript, observer
        self._posts: dict[str, str] = {}  # the bot's latest one, by room; the room of the latest of all comes last
        self._own: set[str] = set()  # all posts of the bot
        self._shown = 0  # posts of the bot
        self._direct = ""  # the moderator's room with the bot; empty: not made yet
        self._news = asyncio.Condition()

    async def play(self) -> None:
        """Until Ctrl-D."""
        self._observer.on_later = self._explain
        self._transcript.step(script.YOURS)
        async with running(self._follow(await self._cast.moderator.position())):
            async for line in typed_lines(self._transcript, f"vous → {script.BOT} : "):
                try:
                    await self._take(line)
                except TimeoutError:
                    self._transcript.fault(script.NO_ANSWER)

    async def _take(self, line: str) -> None:
        is_emoji = len(line) <= 3 and not line.isascii() and not any(sign.isalnum() for sign in line)
        cast = self._cast
        if key := SIGNS.get(line, line if is_emoji else ""):
            room = cast.room if key in IN_ROOM else next(reversed(self._posts), cast.room)
            if room not in self._posts:
                return self._transcript.aside(script.NO_POST)
            person = cast.asker if room == cast.room else cast.moderator
            self._transcript.did(person.name, script.REACTS.format(key=key))
            return await self._settle(await person.react(room, self._posts[room], key))
        word, _, text = line.partition(" ")
        text = text.strip() or "…"
        match word:
            case "/salon":
                await self._say(cast.asker, "salon", cast.room, text)
            case "/moderation":
                await self._say(cast.moderator, script.MODERATION, cast.moderation, text)
            case "/repondre" if post := self._posts.get(cast.moderation):
                await self._say(cast.moderator, script.MODERATION, cast.moderation, text, post)
            case "/repondre":
                self._transcript.aside(script.NO_POST)
            case "/prive":
                self._direct = self._direct or await cast.moderator.direct_room(cast.bot)
                await self._say(cast.moderator, f"{script.BOT}, {script.PRIVATE}", self._direct, text)
            case "/aide":
                self._transcript.step(script.YOURS)
            case _ if word.startswith("/"):
                self._transcript.aside(script.UNKNOWN_WORD.format(word=word))
            case _:
                await self._say(cast.asker, script.BOT, cast.room, line)

    async def _say(self, person: DemoMember, to: str, room: str, text: str, reply_to: str | None = None) -> None:
        """Say it, and show it unless the terminal does. The bot is called if it is not yet."""
        if not sys.stdin.isatty():
            self._transcript.person(person.name, text, to)
        is_called = text.startswith("!") or cut_call(text, [script.BOT])[1]
        said = f"{script.BOT} : {text}" if to == script.BOT and not is_called else text
        await self._settle(await person.say(room, said, reply_to))

    async def _settle(self, event: str) -> None:
        """Until the bot has dealt with the event and its posts are shown; why there are none. Raises TimeoutError."""
        before, outcome = self._shown, await self._observer.outcome(event)
        ask = outcome.find(Question)
        posts = [*outcome.posts, *([ask.note] if ask and ask.note else [])]
        expected = sum(isinstance(post.outgoing, Reply | OutgoingReaction) for post in posts)  # that people will see
        self._explain(outcome)
        with contextlib.suppress(TimeoutError):  # edits of one post may come as one
            async with asyncio.timeout(SHOWN_WITHIN), self._news:
                await self._news.wait_for(lambda: self._shown >= before + expected)

    def _explain(self, outcome: Outcome) -> None:
        """Why the bot says nothing."""
        if not outcome.posts:
            self._transcript.aside(script.reason(outcome))

    async def _follow(self, since: str) -> None:
        names = {self._cast.room: "", self._cast.moderation: script.MODERATION}
        async for room, post in self._cast.moderator.listen(since):
            is_offer = post.reaction and post.replies_to in self._own  # its words say it
            if post.sender != self._cast.bot or is_offer:
                continue
            if post.reaction is None:
                self._own.add(post.id)
                where = names.get(room, script.PRIVATE)
                self._transcript.bot(post.text, edited=post.edited, quiet=post.quiet, where=where)
                self._posts.pop(room, None)
                self._posts[room] = post.id
            else:
                self._transcript.did(script.BOT, script.MARKS_MESSAGE.format(key=post.reaction))
            async with self._news:
                self._shown += 1
                self._news.notify_all()
