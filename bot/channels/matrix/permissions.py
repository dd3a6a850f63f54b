"""What a user may do in a room, read from the server each time: nio's copy keeps moderators who were removed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.channels.matrix.client import MatrixClient, MatrixNotFound
from bot.messages import MODERATOR_POWER, NetworkRefusal

CREATOR_POWER = 1000
"""The power of a creator since room version 12: above every level that can be given."""
_ALONE = 100  # of the creator, in a room of an earlier version where nobody set levels


async def fetch_power_level(server: MatrixClient, room: str, user: str) -> int:
    """0 for a user who is not in the room, and when the bot may not look."""
    found = await _levels(server, room) if await is_member(server, room, user) else None
    return compute_power_level(*found, user) if found else 0


async def may_invite(server: MatrixClient, room: str, user: str) -> bool:
    """Whether the user may invite there; False also when the bot may not look."""
    found = await _levels(server, room) if await is_member(server, room, user) else None
    return found is not None and compute_power_level(*found, user) >= _number(
        _object(found[1]).get("invite", 0), CREATOR_POWER
    )


async def may_replace(server: MatrixClient, room: str, user: str) -> bool:
    """Whether the user has a moderator's power and more than everybody has, also after leaving the room they replaced.

    Who may send m.room.tombstone is up to the room: with `state_default` 0 any member may.
    """
    found = await _levels(server, room)
    return found is not None and compute_power_level(*found, user) >= max(
        MODERATOR_POWER, compute_power_level(*found, "") + 1
    )


async def is_member(server: MatrixClient, room: str, user: str) -> bool:
    """Whether the user is in the room now; False also when the bot may not look."""
    try:
        member = await server.call("GET", "rooms", room, "state", "m.room.member", user)
    except NetworkRefusal:
        return False
    return member.get("membership") == "join"


def compute_power_level(creation: Mapping[str, Any], levels: object, user: str) -> int:
    """From the m.room.create event, and the content of m.room.power_levels (None: there is none). Pure."""
    content = _object(creation.get("content"))
    if _creators_stand_above(content.get("room_version")):
        more = content.get("additional_creators")
        if user == creation.get("sender") or (isinstance(more, list) and user in more):
            return CREATOR_POWER
    elif levels is None:
        return _ALONE if user == creation.get("sender") else 0
    given = _object(levels)
    return _number(_object(given.get("users")).get(user, given.get("users_default", 0)), 0)


async def fetch_predecessor(server: MatrixClient, room: str) -> object:
    """The id of the room that it says to replace; None also when the bot may not look."""
    found = await _levels(server, room)
    content = _object(found[0].get("content")) if found else {}
    return _object(content.get("predecessor")).get("room_id")


async def is_readable(server: MatrixClient, room: str) -> bool:
    """Whether the bot may look. Before anybody of its server is in a room, that knows nothing even of an open one."""
    found = await _levels(server, room)
    return found is not None and bool(found[0])


async def _levels(server: MatrixClient, room: str) -> tuple[Mapping[str, Any], object] | None:
    """The room's creation and its levels; None: the bot may not look."""
    try:
        creation = await _state(server, room, "m.room.create")
        return creation, (await _state(server, room, "m.room.power_levels")).get("content")
    except NetworkRefusal:
        return None


async def _state(server: MatrixClient, room: str, type: str) -> Mapping[str, Any]:
    """The whole event, with its sender; empty when there is none."""
    try:
        return await server.call("GET", "rooms", room, "state", type, query={"format": "event"})
    except MatrixNotFound:
        return {}


def _creators_stand_above(version: object) -> bool:
    return version == "org.matrix.hydra.11" or (isinstance(version, str) and _number(version, 0) >= 12)


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _number(value: object, otherwise: int) -> int:
    """Old rooms hold levels as text; what is no number gives no power, and is more than anybody has."""
    try:
        return int(value)  # type: ignore[call-overload, no-any-return]
    except (TypeError, ValueError, OverflowError):
        return otherwise
