"""The Matrix channel at work on a real homeserver, with a memory and a journal that last over its restarts."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.channels.channel_kind import ChannelInstance, Runtime
from bot.channels.matrix import KIND
from bot.channels.matrix.channel import MatrixChannel
from bot.channels.matrix.settings import MatrixSettings
from bot.messages import Event, Incoming, KeyRows, Renewed
from tests.conftest import NewMember
from tests.member import Member, Raw
from tests.waiting import PATIENCE

NewBot = Callable[..., Awaitable["Bot"]]
CURVE = "signed_curve25519"


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


class Rows:
    """A KeyRows that lasts as long as the test."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, str]] = {}

    async def load(self, account: str) -> dict[str, str]:
        return dict(self.kept.get(account, {}))

    async def save(self, account: str, rows: Mapping[str, str | None]) -> None:
        kept = {**self.kept.get(account, {}), **rows}
        self.kept[account] = {name: sealed for name, sealed in kept.items() if sealed}


class Bot:
    """The channel at work, with a journal that forgets nothing."""

    def __init__(self, name: str, keys: Path, given: dict[str, Any]) -> None:
        """`given`: of the section `matrix`, and of its secrets; `rows` of device keys."""
        self.rows: KeyRows = given.pop("rows", None) or Rows()
        self.secrets = {name: text for name in KIND.secrets if (text := given.pop(name, None))}
        self.settings, self.name, self.keys = MatrixSettings(**given), name, keys
        self.memory = Notes()
        self.events: list[Event] = []
        self.position: str | None = None
        self.batches = 0
        self.listening: asyncio.Task[None] | None = None
        self.connect()

    def connect(self) -> None:
        clock = partial(datetime.now, UTC)
        stored = self.memory, self.rows
        runtime = Runtime(self.name, *stored, clock, self.keys, lambda time: None, lambda: None)
        self.channel = MatrixChannel(ChannelInstance("matrix", KIND, self.settings, self.secrets), runtime)

    async def start(self) -> None:
        """Until the first batch is in the journal."""
        self.connect()
        await self.channel.start()
        before = self.batches
        self.listening = asyncio.create_task(self.channel.listen(self._receive, self.position))
        await self.until(lambda: self.batches > before)

    async def stop(self) -> None:
        if self.listening:
            self.listening.cancel()
            await asyncio.gather(self.listening, return_exceptions=True)
            self.listening = None
        await self.channel.stop()

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    def itself(self) -> Member:
        """A plain client with the bot's own login."""
        return Member(self.settings.homeserver, json.loads(self.memory.kept["matrix.session"])["token"])

    async def _receive(self, events: Sequence[Event], position: str) -> None:
        known = {event.id for event in self.events}
        self.events += [event for event in events if event.id not in known]
        self.position = position
        self.batches += 1

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not holds():
                assert self.listening is not None
                assert not self.listening.done(), self.listening.exception()
                await asyncio.sleep(0.02)

    async def joins(self, room: str) -> None:
        """Until it introduces itself there."""
        await self.until(lambda: any((event.kind, event.room) == ("joined", room) for event in self.events))

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


async def together(bot: NewBot, member: NewMember, **given: Any) -> tuple[Bot, Member, str]:
    """A bot and a member in a listed room, the bot listening."""
    ana = await member("ana")
    room = await ana.create_room()
    return await bot(room, **given), ana, room


@dataclass(frozen=True)
class Encrypted:
    """An encrypted room, and two in it; `thief` has the account of ana and none of her keys."""

    owner: Member
    room: str
    concierge: Bot
    ana: Bot
    thief: Member


NewEncrypted = Callable[..., Awaitable[Encrypted]]


async def claim(member: Member, made: Bot, times: int) -> list[tuple[str, Raw]]:
    """One-time keys of the bot's device and their names, as somebody takes them who wants to write to it."""
    user, device = made.channel.user, await made.channel.login()
    body = {"one_time_keys": {user: {device: CURVE}}}
    answers = [await member.call("POST", "keys", "claim", body=body) for _ in range(times)]
    return [named for answer in answers for named in answer["one_time_keys"][user][device].items()]


async def keys_of(member: Member, user: str) -> Raw:
    return await member.call("POST", "keys", "query", body={"device_keys": {user: []}})


def signed(known: Raw, user: str, device: str) -> bool:
    """Whether the account's identity signed the device; tests/encryption have the signature itself verified."""
    (identity,) = known["self_signing_keys"][user]["keys"]
    return identity in known["device_keys"][user][device]["signatures"][user]


async def losses(made: Bot) -> list[tuple[str, ...]]:
    return [value.losses for value in await made.everything() if isinstance(value, Renewed)]


async def upgraded(owner: Member, room: str) -> str:
    made = await owner.call("POST", "rooms", room, "upgrade", body={"new_version": "12"})
    return str(made["replacement_room"])


async def goes_on_in(concierge: Bot, room: str) -> None:
    """Until the room is one of its own, in which it does not introduce itself."""
    await concierge.until(lambda: concierge.channel.room_named(room) == room)
    assert not [event for event in concierge.events if (event.kind, event.room) == ("joined", room)]


def alias(ana: Member) -> str:
    return ana.user[1:].partition(":")[0]


def warnings(caplog: pytest.LogCaptureFixture, room: str) -> list[str]:
    """The bot's own about that room."""
    ours = [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING and one.name.startswith("bot")]
    return [line for line in ours if room in line]


async def direct(concierge: Bot, ana: Member) -> str:
    us = concierge.channel.user
    room = await ana.create_room(preset="trusted_private_chat", is_direct=True, invite=(us,), room_version="10")
    assert (await concierge.reads(await ana.say(room, "Où se former ?"))).direct
    return room


async def past(owner: Member, room: str, user: str) -> list[str]:
    """All that the user ever was to the room."""
    member = [raw for raw in await owner.history(room) if raw.get("state_key") == user]
    return [raw["content"]["membership"] for raw in member if raw["type"] == "m.room.member"]


async def becomes(membership: str, concierge: Bot, ana: Member, room: str, times: int = 1) -> None:
    """Until that is what the bot is to the room, and was so often."""
    was: list[str] = []
    async with asyncio.timeout(PATIENCE):
        while was[-1:] != [membership] or was.count(membership) < times:
            await asyncio.sleep(0.02)
            was = await past(ana, room, concierge.channel.user)
