"""The second scene: a question that nobody has answered yet, a moderator who answers it once, and a bot that learns."""

from __future__ import annotations

import asyncio
import contextlib
import difflib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from bot.demo import script
from bot.demo.member import Heard, Member
from bot.demo.scene import PATIENCE
from bot.demo.transcript import Transcript

KEEP, YES = "📝", "✅"


@dataclass(frozen=True, slots=True)
class Cast:
    """`asker` and `other` are members; the moderator is in both rooms."""

    asker: Member
    other: Member
    moderator: Member
    room: str
    moderation: str
    bot: str


class Learning:
    def __init__(self, cast: Cast, shipped: Path, copy: Path, transcript: Transcript) -> None:
        """`copy` is the folder that the bot works with; `shipped` stays as it is."""
        self._cast, self._transcript = cast, transcript
        self._shipped, self._copy = shipped, copy
        self._heard: list[tuple[str, Heard]] = []
        self._news = asyncio.Condition()

    async def play(self) -> bool:
        """Whether everything came that should, and nothing but new lines stands in the files."""
        async with self._listening():
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._play()
            except TimeoutError:
                self._transcript.fault(script.NOTHING_CAME.format(seconds=int(PATIENCE)))
                return False
        return self._compare()

    async def _play(self) -> None:
        cast = self._cast
        question = await self._say(cast.asker, script.MEMBER, script.UNKNOWN)
        await self._bot_says(cast.room, lambda heard: heard.replies_to == question)
        await self._bot_says(cast.moderation, lambda heard: script.NOTE in heard.text, script.MODERATION)
        reply = await self._answer(question)
        await self._mark_under(reply)
        await self._react(cast.room, reply, KEEP, script.KEEPS)
        draft = await self._bot_says(cast.moderation, lambda heard: YES in heard.text, script.MODERATION)
        await self._react(cast.moderation, draft.id, YES, script.AGREES)
        await self._bot_says(cast.moderation, lambda heard: script.KEPT in heard.text, script.MODERATION)
        await self._bot_says(cast.room, lambda heard: script.NEWS in heard.text)
        again = await self._say(cast.other, script.OTHER, script.AGAIN)
        await self._bot_says(cast.room, lambda heard: heard.replies_to == again)

    async def _say(self, member: Member, name: str, text: str) -> str:
        self._transcript.person(name, text, script.BOT)
        return await member.say(self._cast.room, f"{script.BOT} : {text}")

    async def _answer(self, question: str) -> str:
        self._transcript.person(script.MODERATOR, script.ANSWER, script.MEMBER)
        return await self._cast.moderator.say(self._cast.room, script.ANSWER, reply_to=question)

    async def _react(self, room: str, target: str, key: str, what: str) -> None:
        self._transcript.did(script.MODERATOR, what)
        await self._cast.moderator.react(room, target, key)

    async def _mark_under(self, reply: str) -> None:
        await self._wait(self._cast.room, lambda heard: heard.reaction == KEEP and heard.replies_to == reply)
        self._transcript.did(script.BOT, script.MARKS)

    async def _bot_says(self, room: str, wanted: Callable[[Heard], bool], where: str = "") -> Heard:
        heard = await self._wait(room, lambda one: one.reaction is None and wanted(one))
        self._transcript.bot(heard.text, quiet=heard.quiet, where=where)
        return heard

    async def _wait(self, room: str, wanted: Callable[[Heard], bool]) -> Heard:
        """The next thing of the bot there that is wanted; all that came before it is passed over."""
        async with self._news:
            while True:
                for number, (where, heard) in enumerate(self._heard):
                    if where == room and heard.sender == self._cast.bot and wanted(heard):
                        del self._heard[number]
                        return heard
                await self._news.wait()

    @contextlib.asynccontextmanager
    async def _listening(self) -> AsyncIterator[None]:
        """With the moderator's ears, who is in both rooms."""
        task = asyncio.create_task(self._listen(await self._cast.moderator.position()))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _listen(self, since: str) -> None:
        async for room, heard in self._cast.moderator.listen_everywhere(since):
            async with self._news:
                self._heard.append((room, heard))
                self._news.notify_all()

    def _compare(self) -> bool:
        """Show what changed in the files, as `git diff` would; whether lines only came."""
        changed = [line for path in sorted(self._copy.glob("*.yaml")) for line in self._difference(path)]
        self._transcript.step(script.DIFFERENCE)
        self._transcript.lines("\n".join(changed))
        return bool(changed) and not any(line.startswith("-") and not line.startswith("---") for line in changed)

    def _difference(self, path: Path) -> list[str]:
        before = self._shipped / path.name
        old = before.read_text(encoding="utf-8").splitlines() if before.exists() else []
        new = path.read_text(encoding="utf-8").splitlines()
        names = (f"a/{path.name}", f"b/{path.name}")
        return list(difflib.unified_diff(old, new, *names, lineterm="", n=1))
