"""What a user may do in a room, read from the server each time: nio's copy keeps moderators who were removed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.channels.matrix.server import Missing, Server
from bot.messages import Refused

CREATOR = 1000
"""The power of a creator since room version 12: above every level that can be given."""
_ALONE = 100  # of the creator, in a room of an earlier version where nobody set levels


async def power(server: Server, room: str, user: str) -> int:
    """0 for a user who is not in the room, and when the bot may not look."""
    try:
        if not await is_member(server, room, user):
            return 0
        creation = await _state(server, room, "m.room.create")
        levels = await _state(server, room, "m.room.power_levels")
    except Refused:
        return 0
    return level(creation, levels.get("content"), user)


async def is_member(server: Server, room: str, user: str) -> bool:
    """Whether the user is in the room now; False also when the bot may not look."""
    try:
        member = await server.call("GET", "rooms", room, "state", "m.room.member", user)
    except Refused:
        return False
    return member.get("membership") == "join"


def level(creation: Mapping[str, Any], levels: Mapping[str, Any] | None, user: str) -> int:
    """From the m.room.create event, and the content of m.room.power_levels if there is one. Pure."""
    content = creation.get("content") or {}
    if _creators_stand_above(content.get("room_version")):
        if user in {creation.get("sender"), *(content.get("additional_creators") or ())}:
            return CREATOR
    elif levels is None:
        return _ALONE if user == creation.get("sender") else 0
    levels = levels or {}
    return _number((levels.get("users") or {}).get(user, levels.get("users_default", 0)))


async def _state(server: Server, room: str, type: str) -> Mapping[str, Any]:
    """The whole event, with its sender; empty when there is none."""
    try:
        return await server.call("GET", "rooms", room, "state", type, query={"format": "event"})
    except Missing:
        return {}


def _creators_stand_above(version: object) -> bool:
    return str(version) == "org.matrix.hydra.11" or (str(version).isdigit() and int(str(version)) >= 12)


def _number(value: object) -> int:
    """Old rooms hold levels as text; what is no number gives no power."""
    try:
        return int(value)  # type: ignore[call-overload, no-any-return]
    except (TypeError, ValueError):
        return 0
