"""The last scene: whoever sits at the keyboard writes as the member, and for the moderator."""

from __future__ import annotations

import asyncio
import contextlib
import sys

from bot.demo import script
from bot.demo.console import Transcript, typed_lines
from bot.demo.member import DemoMember
from bot.demo.scenes import Cast, Observer, running
from bot.messages import OutgoingReaction, Reply
from bot.reading.calls import cut_call
from bot.store import Outcome, Question

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
        if sign := SIGNS.get(line, line if is_emoji else ""):
            return await self._react(sign)
        word, _, text = line.partition(" ")
        text, cast = text.strip() or "…", self._cast
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

    async def _react(self, key: str) -> None:
        room = self._cast.room if key in IN_ROOM else next(reversed(self._posts), self._cast.room)
        if room not in self._posts:
            return self._transcript.aside(script.NO_POST)
        person = self._cast.asker if room == self._cast.room else self._cast.moderator
        self._transcript.did(person.name, script.REACTS.format(key=key))
        await self._settle(await person.react(room, self._posts[room], key))

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
        note = ask.note if ask else None
        posts = [*outcome.posts, *([note] if note else [])]
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
