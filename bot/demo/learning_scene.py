"""The second scene: a question that nobody has answered yet, a moderator who answers it once, and a bot that learns."""

from __future__ import annotations

import difflib
from pathlib import Path

from bot.demo import script
from bot.demo.ears import Cast, Ears
from bot.demo.member import DemoMember
from bot.demo.transcript import Transcript

KEEP, YES = "📝", "✅"


class LearningScene:
    def __init__(self, cast: Cast, shipped: Path, copy: Path, transcript: Transcript) -> None:
        """`copy` is the folder that the bot works with; `shipped` stays as it is."""
        self._cast, self._transcript = cast, transcript
        self._shipped, self._copy = shipped, copy
        self._ears = Ears(cast, transcript)

    async def play(self) -> bool:
        """Whether everything came that should, and nothing but new lines stands in the files."""
        try:
            async with self._ears.open():
                await self._play()
        except TimeoutError:
            return False
        return self._compare()

    async def _play(self) -> None:
        cast = self._cast
        question = await self._say(cast.asker, script.MEMBER, script.UNKNOWN)
        await self._ears.bot_says(cast.room, lambda heard: heard.replies_to == question)
        await self._ears.bot_says(cast.moderation, lambda heard: script.NOTE in heard.text, script.MODERATION)
        reply = await self._answer(question)
        await self._mark_under(reply)
        await self._react(cast.room, reply, KEEP, script.KEEPS)
        draft = await self._ears.bot_says(cast.moderation, lambda heard: YES in heard.text, script.MODERATION)
        await self._react(cast.moderation, draft.id, YES, script.AGREES)
        await self._ears.bot_says(cast.moderation, lambda heard: script.KEPT in heard.text, script.MODERATION)
        await self._ears.bot_says(cast.room, lambda heard: script.NEWS in heard.text)
        again = await self._say(cast.other, script.OTHER, script.AGAIN)
        await self._ears.bot_says(cast.room, lambda heard: heard.replies_to == again)

    async def _say(self, member: DemoMember, name: str, text: str) -> str:
        self._transcript.person(name, text, script.BOT)
        return await member.say(self._cast.room, f"{script.BOT} : {text}")

    async def _answer(self, question: str) -> str:
        self._transcript.person(script.MODERATOR, script.ANSWER, script.MEMBER)
        return await self._cast.moderator.say(self._cast.room, script.ANSWER, reply_to=question)

    async def _react(self, room: str, target: str, key: str, what: str) -> None:
        self._transcript.did(script.MODERATOR, what)
        await self._cast.moderator.react(room, target, key)

    async def _mark_under(self, reply: str) -> None:
        await self._ears.wait(self._cast.room, lambda heard: heard.reaction == KEEP and heard.replies_to == reply)
        self._transcript.did(script.BOT, script.MARKS)

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
