"""The doctor's checks of the settings' rooms: whether the bot is in each, can read it and may write there."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import quote

from bot.channels.channel_kind import Examination
from bot.channels.findings import Finding, note, right, wrong
from bot.channels.http_probe import HttpProbe
from bot.channels.matrix.permissions import compute_power_level, parse_level
from bot.channels.matrix.schema import as_object, get_object
from bot.channels.matrix.settings import MatrixSettings

CLIENT = "/_matrix/client"
V3 = f"{CLIENT}/v3"


async def examine(matrix: MatrixSettings, setup: Examination, server: HttpProbe, user: str) -> AsyncIterator[Finding]:
    joined = (await server.get(f"{V3}/joined_rooms")).listed("joined_rooms")
    moderators = [(matrix.moderators_room, True)] if matrix.moderators_room else []
    for name, is_moderators_room in [*((name, False) for name in matrix.listening), *moderators]:
        room = await _id(server, name, setup.notes)
        if room in joined:
            yield await _inside(server, user, name, str(room), is_moderators_room)
        else:
            yield await _outside(server, user, name, room)


async def check_entry(server: HttpProbe, user: str, name: str) -> Finding | None:
    """Check whether the bot can enter a room; None if it is inside."""
    room = await _id(server, name, {})
    joined = (await server.get(f"{V3}/joined_rooms")).listed("joined_rooms")
    return None if room in joined else await _outside(server, user, name, room)


async def _id(server: HttpProbe, name: str, notes: Mapping[str, str]) -> str | None:
    """Return the room's present id; None if the alias has no room.

    If a room was replaced, the bot is in the new one; the settings may name the old.
    """
    room: Any = name
    if name.startswith("#"):
        room = (await server.get(f"{V3}/directory/room/{_quoted(name)}")).body.get("room_id")
    try:
        moved = as_object(json.loads(notes.get("matrix.moved", "{}")))
    except ValueError:
        moved = {}
    for _ in moved:
        room = moved.get(room, room)
    return room if isinstance(room, str) else None


async def _inside(server: HttpProbe, user: str, name: str, room: str, is_moderators_room: bool) -> Finding:
    encrypted = (await server.get(f"{V3}/rooms/{_quoted(room)}/state/m.room.encryption")).ok
    if is_moderators_room:
        return right("room_moderators", room=name) if encrypted else note("room_moderators_open", room=name)
    power, needed = await _power(server, room, user)
    if power < needed:
        return wrong("room_mute", room=name, power=power, needed=needed)
    return right("room_encrypted" if encrypted else "room", room=name, power=power)


async def _outside(server: HttpProbe, user: str, name: str, room: str | None) -> Finding:
    """Check a room in which the bot is not; `run` joins public rooms.

    A server shows the summary of others only to those who may join (Client-Server API, "Room Summaries"), and tells
    nobody that they are banned.
    """
    if room is None:
        return wrong("room_unknown", room=name)
    summary = await server.get(f"{CLIENT}/v1/room_summary/{_quoted(room)}")
    if not summary.ok:  # until Matrix 1.15
        summary = await server.get(f"{CLIENT}/unstable/im.nheko.summary/rooms/{_quoted(room)}/summary")
    open_to_us = summary.body.get("join_rule") == "public" or summary.body.get("membership") == "invite"
    return note("room_to_enter", room=name) if open_to_us else wrong("room_closed", room=name, user=user)


async def _power(server: HttpProbe, room: str, user: str) -> tuple[int, int]:
    """Return the bot's power level, and the one that messages require (Client-Server API, m.room.power_levels)."""
    creation = await server.get(f"{V3}/rooms/{_quoted(room)}/state/m.room.create", format="event")
    answer = await server.get(f"{V3}/rooms/{_quoted(room)}/state/m.room.power_levels")
    levels = answer.body if answer.ok else None
    needed = get_object(levels or {}, "events").get("m.room.message", (levels or {}).get("events_default"))
    return compute_power_level(creation.body, levels, user), parse_level(needed, 0)


def _quoted(name: str) -> str:
    return quote(name, safe="")
