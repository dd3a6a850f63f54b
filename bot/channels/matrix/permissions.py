"""Permissions of a user in a room, read from the homeserver each time: nio's copy keeps removed moderators.

Client-Server API, "m.room.power_levels", "m.room.create"; the creators of room version 12: MSC4289.
"""

from bot.channels.matrix.client import MatrixClient, MatrixNotFound
from bot.channels.matrix.schema import Raw, as_object, get_object
from bot.messages import MODERATOR_POWER, NetworkRefusal

CREATOR_POWER = 1000
"""Power of a creator since room version 12: infinite there, and so above every level that can be given."""
_CREATOR_DEFAULT = 100  # power of the creator of an older room without m.room.power_levels


async def fetch_power_level(server: MatrixClient, room: str, user: str) -> int:
    """Return the user's power level; 0 for a user who is not in the room, and when the bot may not look."""
    state = await _fetch_levels(server, room) if await is_member(server, room, user) else None
    return compute_power_level(*state, user) if state else 0


async def may_invite(server: MatrixClient, room: str, user: str) -> bool:
    """Whether the user may invite there (`invite`, 0 by default); False also when the bot may not look."""
    state = await _fetch_levels(server, room) if await is_member(server, room, user) else None
    if state is None:
        return False
    return compute_power_level(*state, user) >= parse_level(as_object(state[1]).get("invite", 0), CREATOR_POWER)


async def may_upgrade(server: MatrixClient, room: str, user: str) -> bool:
    """Whether the user has a moderator's power and more than everybody has, also after leaving the room they replaced.

    Each room decides who may send m.room.tombstone: with `state_default` 0 any member may.
    """
    state = await _fetch_levels(server, room)
    if state is None:
        return False
    return compute_power_level(*state, user) >= max(MODERATOR_POWER, compute_power_level(*state, "") + 1)


async def is_member(server: MatrixClient, room: str, user: str) -> bool:
    """Whether the user is in the room now ("Room membership"); False also when the bot may not look."""
    member = await server.look("rooms", room, "state", "m.room.member", user)
    return member is not None and member.get("membership") == "join"


def compute_power_level(creation: Raw, levels: object, user: str) -> int:
    """Return the power level, from the m.room.create event and the content of m.room.power_levels, or None. Pure."""
    content = get_object(creation, "content")
    version = content.get("room_version")
    if isinstance(version, str) and parse_level(version, 0) >= 12:
        creators = content.get("additional_creators")
        if user == creation.get("sender") or (isinstance(creators, list) and user in creators):
            return CREATOR_POWER
    elif levels is None:
        return _CREATOR_DEFAULT if user == creation.get("sender") else 0
    given = as_object(levels)
    return parse_level(get_object(given, "users").get(user, given.get("users_default", 0)), 0)


async def fetch_predecessor(server: MatrixClient, room: str) -> object:
    """Return the id of the room that it claims to replace (m.room.create); None also when the bot may not look."""
    state = await _fetch_levels(server, room)
    return get_object(state[0], "content", "predecessor").get("room_id") if state else None


async def is_readable(server: MatrixClient, room: str) -> bool:
    """Whether the bot may read its state. A homeserver without members in a room knows nothing even of a public one."""
    state = await _fetch_levels(server, room)
    return state is not None and bool(state[0])


async def _fetch_levels(server: MatrixClient, room: str) -> tuple[Raw, object] | None:
    """Return the m.room.create event and the content of m.room.power_levels; None if the bot may not look."""
    events: list[Raw] = []  # whole ones, with their sender; empty when there is none
    for type in ("m.room.create", "m.room.power_levels"):
        try:
            events.append(await server.call("GET", "rooms", room, "state", type, query={"format": "event"}))
        except MatrixNotFound:
            events.append({})
        except NetworkRefusal:
            return None
    return events[0], events[1].get("content")


def parse_level(value: object, otherwise: int) -> int:
    """Parse a level, which may be text before room version 10 (MSC3667); `otherwise` if it is no number."""
    try:
        return int(value)  # type: ignore[call-overload, no-any-return]
    except (TypeError, ValueError, OverflowError):
        return otherwise
