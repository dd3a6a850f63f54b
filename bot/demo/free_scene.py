"""The last scene: whoever sits at the keyboard writes as the member, and for the moderator."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable, Mapping

from bot.demo import script
from bot.demo.console import Transcript, typed_lines
from bot.demo.member import DemoMember
from bot.demo.scenes import Cast, Observer, running
from bot.messages import OutgoingReaction, Reply
from bot.reading.calls import cut_call
from bot.store import Outcome

SHOWN_WITHIN = 10.0  # seconds between the bot's decision and its posts
SIGNS = {"/bien": "👍", "/bof": "👎", "/oui": "✅", "/non": "❌", "1": "1️⃣", "2": "2️⃣", "3": "3️⃣"}
IN_ROOM = {"👍", "👎", "➕", "1️⃣", "2️⃣", "3️⃣"}  # these are for what the bot said to members


class FreeScene:
    """The moderator, who is in both rooms, hears the bot."""

    def __init__(self, cast: Cast, transcript: Transcript, observer: Observer) -> None:
        self._cast, self._transcript, self._observer = cast, transcript, observer
        self._posts: dict[str, str] = {}  # the bot's latest one, by room; the room of the latest of all comes last
        self._own: set[str] = set()  # all posts of the bot
        self._shown = 0  # posts of the bot
        self._direct = ""  # the moderator's room with the bot; empty: not made yet
        self._news = asyncio.Condition()
        self._words: Mapping[str, Callable[[str], Awaitable[None]]] = {
            "/salon": self._remark,
            "/repondre": self._answer,
            "/moderation": self._moderate,
            "/prive": self._confide,
            "/aide": self._help,
        }

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
        word, _, text = line.partition(" ")
        if sign := SIGNS.get(line) or (line if _is_emoji(line) else None):
            await self._react(sign)
        elif word in self._words:
            await self._words[word](text.strip())
        elif word.startswith("/"):
            self._transcript.aside(script.UNKNOWN_WORD.format(word=word))
        else:
            await self._ask(line)

    async def _ask(self, text: str) -> None:
        self._echo(script.MEMBER, text, script.BOT)
        is_called = text.startswith("!") or cut_call(text, [script.BOT], is_mentioned=False)[1]
        await self._say(self._cast.asker, self._cast.room, text if is_called else f"{script.BOT} : {text}")

    async def _remark(self, text: str) -> None:
        self._echo(script.MEMBER, text, "salon")
        await self._say(self._cast.asker, self._cast.room, text or "…")

    async def _moderate(self, text: str) -> None:
        self._echo(script.MODERATOR, text, script.MODERATION)
        await self._say(self._cast.moderator, self._cast.moderation, text or "…")

    async def _answer(self, text: str) -> None:
        post = self._posts.get(self._cast.moderation)
        if post is None:
            return self._transcript.aside(script.NO_POST)
        self._echo(script.MODERATOR, text, script.MODERATION)
        await self._say(self._cast.moderator, self._cast.moderation, text or "…", post)

    async def _confide(self, text: str) -> None:
        """The moderator, to the bot alone."""
        self._echo(script.MODERATOR, text, f"{script.BOT}, {script.PRIVATE}")
        self._direct = self._direct or await self._cast.moderator.direct_room(self._cast.bot)
        await self._say(self._cast.moderator, self._direct, text or "…")

    async def _help(self, _: str) -> None:
        self._transcript.step(script.YOURS)

    async def _react(self, key: str) -> None:
        room = self._cast.room if key in IN_ROOM else next(reversed(self._posts), self._cast.room)
        if room not in self._posts:
            return self._transcript.aside(script.NO_POST)
        name, person = script.MODERATOR, self._cast.moderator
        if room == self._cast.room:
            name, person = script.MEMBER, self._cast.asker
        self._transcript.did(name, script.REACTS.format(key=key))
        await self._settle(await person.react(room, self._posts[room], key))

    async def _say(self, person: DemoMember, room: str, text: str, reply_to: str | None = None) -> None:
        await self._settle(await person.say(room, text, reply_to))

    async def _settle(self, event: str) -> None:
        """Until the bot has dealt with the event and its posts are shown; why there are none. Raises TimeoutError."""
        before, outcome = self._shown, await self._observer.outcome(event)
        expected = _count_posts(outcome)
        self._explain(outcome)
        with contextlib.suppress(TimeoutError):  # edits of one post may come as one
            async with asyncio.timeout(SHOWN_WITHIN), self._news:
                await self._news.wait_for(lambda: self._shown >= before + expected)

    def _explain(self, outcome: Outcome) -> None:
        """Why the bot says nothing."""
        if not outcome.posts:
            self._transcript.aside(script.reason(outcome))

    async def _follow(self, since: str) -> None:
        async for room, post in self._cast.moderator.listen(since):
            if post.sender != self._cast.bot:
                continue
            if post.reaction and post.replies_to in self._own:
                continue  # what it offers, its words say
            if post.reaction is None:
                self._own.add(post.id)
                self._transcript.bot(post.text, edited=post.edited, quiet=post.quiet, where=self._name(room))
                self._posts.pop(room, None)
                self._posts[room] = post.id
            else:
                self._transcript.did(script.BOT, script.MARKS_MESSAGE.format(key=post.reaction))
            async with self._news:
                self._shown += 1
                self._news.notify_all()

    def _name(self, room: str) -> str:
        """Empty for the members' room."""
        return {self._cast.room: "", self._cast.moderation: script.MODERATION}.get(room, script.PRIVATE)

    def _echo(self, name: str, text: str, to: str) -> None:
        """What was typed, unless the terminal shows it."""
        if not sys.stdin.isatty():
            self._transcript.person(name, text, to)


def _is_emoji(text: str) -> bool:
    return len(text) <= 3 and not text.isascii() and not any(sign.isalnum() for sign in text)


def _count_posts(outcome: Outcome) -> int:
    """How many of them people will see."""
    note = outcome.ask.note if outcome.ask else None
    posts = [*outcome.posts, *([note] if note else [])]
    return sum(isinstance(post.outgoing, Reply | OutgoingReaction) for post in posts)
