"""Rooms of the homeserver: upgrades, memberships, and which rooms the bot is bound to."""

from __future__ import annotations

import asyncio
import logging

import pytest

from tests.channels.at_work import Bot
from tests.member import Member
from tests.waiting import PATIENCE


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
    return [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING and room in one.getMessage()]


async def direct(concierge: Bot, ana: Member) -> str:
    us = concierge.channel.user
    room = await ana.create_room(preset="trusted_private_chat", is_direct=True, invite=(us,), room_version="10")
    assert (await concierge.reads(await ana.say(room, "Où se former ?"))).direct
    return room


async def memberships(owner: Member, room: str, user: str) -> list[str]:
    """All that the user ever was to the room."""
    member = [raw for raw in await owner.history(room) if raw.get("state_key") == user]
    return [raw["content"]["membership"] for raw in member if raw["type"] == "m.room.member"]


async def becomes(membership: str, concierge: Bot, ana: Member, room: str, times: int = 1) -> None:
    """Until that is what the bot is to the room, and was so often."""
    was: list[str] = []
    async with asyncio.timeout(PATIENCE):
        while was[-1:] != [membership] or was.count(membership) < times:
            await asyncio.sleep(0.02)
            was = await memberships(ana, room, concierge.channel.user)
