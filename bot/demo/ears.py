"""What the bot says in the two rooms, waited for with the moderator's ears, who is in both."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from bot.demo import script
from bot.demo.member import DemoMember, Heard
from bot.demo.question_scene import PATIENCE
from bot.demo.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Cast:
    """`asker` and `other` are members; the moderator is in both rooms."""

    asker: DemoMember
    other: DemoMember
    moderator: DemoMember
    room: str
    moderation: str
    bot: str


class Ears:
    def __init__(self, cast: Cast, transcript: Transcript) -> None:
        self._cast, self._transcript = cast, transcript
        self._heard: list[tuple[str, Heard]] = []
        self._news = asyncio.Condition()

    async def bot_says(self, room: str, wanted: Callable[[Heard], bool], where: str = "") -> Heard:
        """Shown as it comes. `where`: what the room is called, if it is not the members'."""
        heard = await self.wait(room, lambda one: one.reaction is None and wanted(one))
        self._transcript.bot(heard.text, quiet=heard.quiet, where=where)
        return heard

    async def wait(self, room: str, wanted: Callable[[Heard], bool]) -> Heard:
        """The next thing of the bot there that is wanted; all that came before it is passed over."""
        async with self._news:
            while True:
                for number, (where, heard) in enumerate(self._heard):
                    if where == room and heard.sender == self._cast.bot and wanted(heard):
                        del self._heard[number]
                        return heard
                await self._news.wait()

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """For one scene."""
        task = asyncio.create_task(self._listen(await self._cast.moderator.position()))
        try:
            async with asyncio.timeout(PATIENCE):
                yield
        except TimeoutError:
            self._transcript.fault(script.NOTHING_CAME.format(seconds=int(PATIENCE)))
            raise
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _listen(self, since: str) -> None:
        async for room, heard in self._cast.moderator.listen_everywhere(since):
            async with self._news:
                self._heard.append((room, heard))
                self._news.notify_all()
