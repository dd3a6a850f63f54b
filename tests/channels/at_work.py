"""The Matrix channel at work on a real homeserver, with a memory and a journal that last over its restarts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.channels.matrix.channel import MatrixChannel
from bot.channels.matrix.login import Account
from bot.demo.homeserver import Credentials
from bot.messages import Event, Incoming
from tests.conftest import NewMember
from tests.member import Member
from tests.waiting import PATIENCE

NewBot = Callable[..., Awaitable["Bot"]]


class Notes:
    """A Memory that lasts as long as the test: over restarts of the bot."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def get(self, name: str) -> str | None:
        return self.kept.get(name)

    async def set(self, name: str, value: str | None) -> None:
        self.kept.pop(name, None)
        if value is not None:
            self.kept[name] = value


class Bot:
    """The channel at work, with a journal that forgets nothing. `stop()` and `start()` restart it."""

    def __init__(self, account: Account, called: str = "Concierge") -> None:
        self.account, self.called, self.memory = account, called, Notes()
        self.events: list[Event] = []
        self.position: str | None = None
        self.batches = 0
        self.listening: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self.channel = MatrixChannel(self.account, self.memory, self.called)
        await self.channel.start()
        self.listening = asyncio.create_task(self.channel.listen(self._receive, self.position))

    async def stop(self) -> None:
        if self.listening:
            self.listening.cancel()
            await asyncio.gather(self.listening, return_exceptions=True)
            self.listening = None
        await self.channel.stop()

    def itself(self) -> Member:
        """A plain client with the bot's own login."""
        return Member(self.account.homeserver, json.loads(self.memory.kept["matrix.session"])["token"])

    async def ends(self, error: type[Exception], match: str | None = None) -> None:
        """Until it stops listening, for this reason."""
        assert self.listening is not None
        with pytest.raises(error, match=match):
            await asyncio.wait_for(self.listening, PATIENCE)

    async def _receive(self, events: Sequence[Event], position: str) -> None:
        known = {event.id for event in self.events}
        self.events += [event for event in events if event.id not in known]
        self.position = position
        self.batches += 1

    async def synced(self) -> None:
        """Until the next batch is in the journal."""
        before = self.batches
        await self.until(lambda: self.batches > before)

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not holds():
                assert self.listening is not None
                assert not self.listening.done(), self.listening.exception()
                await asyncio.sleep(0.02)

    async def hears(self, id: str) -> Event:
        await self.until(lambda: any(event.id == id for event in self.events))
        return next(event for event in self.events if event.id == id)

    async def reads(self, id: str) -> Any:
        return await self.channel.read(await self.hears(id))

    async def again(self, room: str, id: str) -> Any:
        """An earlier event, fetched anew and read; None if it is gone."""
        event = await self.channel.fetch(room, id)
        return await self.channel.read(event) if event else None

    async def everything(self) -> list[Incoming]:
        read = [await self.channel.read(event) for event in self.events]
        return [value for value in read if value is not None]


def prepare(url: str, user: Credentials, folder: Path, *rooms: Any, **settings: Any) -> Bot:
    """A bot of this account, not yet started. Its rooms: name, or name and how it listens; without encryption."""
    listed = tuple(room if isinstance(room, tuple) else (room, "questions") for room in rooms)
    base: dict[str, Any] = {"encryption": False, "password": user.password, "key_store": folder / user.device}
    return Bot(Account(url, user.user, listed, **base | settings))


async def together(bot: NewBot, member: NewMember, **settings: Any) -> tuple[Bot, Member, str]:
    """A bot and a member in a listed room, the bot listening."""
    ana = await member("ana")
    room = await ana.create_room()
    concierge = await bot(room, **settings)
    await concierge.synced()
    return concierge, ana, room
