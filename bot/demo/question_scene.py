"""One member in one room with the bot, and what is seen of it on the terminal."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from bot.demo import script
from bot.demo.member import DemoMember
from bot.demo.transcript import Transcript
from bot.messages import Event
from bot.store import Outcome

PATIENCE = 60.0  # seconds until a reply must be there; it takes one
CHOICE = "1️⃣"

T = TypeVar("T")
Futures = dict[str, asyncio.Future[T]]


class QuestionScene:
    def __init__(self, member: DemoMember, room: str, bot: str, transcript: Transcript) -> None:
        self._member, self._room, self._bot, self._transcript = member, room, bot, transcript
        self._settled: Futures[Outcome] = {}
        self._answered: Futures[str] = {}
        self._offer: str | None = None  # the bot's latest message, if one can choose from it
        self.introduced = asyncio.Event()

    def observe(self, event: Event, outcome: Outcome) -> None:
        """What the bot made of a message: the demo alone hears of it, the room does not."""
        _set(self._settled, event.id, outcome)

    async def follow(self, since: str) -> None:
        """Show what the bot says, for ever."""
        async for heard in self._member.listen(self._room, since):
            if heard.sender != self._bot or heard.reaction:
                continue
            self._transcript.bot(heard.text, edited=heard.edited, quiet=heard.quiet)
            self.introduced.set()
            self._offer = heard.id if CHOICE in heard.text and not heard.edited else None
            if heard.replies_to:
                _set(self._answered, heard.replies_to, heard.text)

    async def ask(self, text: str) -> bool:
        """Speak to the bot, or choose from what it offered; whether it reacted."""
        offer, self._offer = self._offer, None
        self._transcript.member(text, script.BOT)
        if offer and text in {"1", "2", "3"}:
            return await self._wait(self._settled, await self._member.say(self._room, text, reply_to=offer))
        return await self._wait(self._answered, await self._member.say(self._room, f"{script.BOT} : {text}"))

    async def remark(self, text: str) -> bool:
        """Say something to the room, and tell in grey why the bot keeps silent; whether it does."""
        self._transcript.member(text, "salon")
        event = await self._member.say(self._room, text)
        if not await self._wait(self._settled, event):
            return False
        outcome = self._settled[event].result()
        self._transcript.aside(script.reason(outcome))
        return not outcome.posts and not outcome.retry_at

    async def _wait(self, futures: Futures[T], event: str) -> bool:
        try:
            await asyncio.wait_for(asyncio.shield(_future(futures, event)), PATIENCE)
        except TimeoutError:
            self._transcript.fault(script.NOTHING_CAME.format(seconds=int(PATIENCE)))
            return False
        return True


def _future(futures: Futures[T], event: str) -> asyncio.Future[T]:
    """The bot may be faster than the homeserver's answer that names the event: whoever comes first makes it."""
    return futures.setdefault(event, asyncio.get_running_loop().create_future())


def _set(futures: Futures[T], event: str, result: T) -> None:
    future = _future(futures, event)
    if not future.done():
        future.set_result(result)
