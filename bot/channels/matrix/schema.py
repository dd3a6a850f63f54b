"""JSON of the homeserver, brought into the shape that the rest relies on: anything of another shape is dropped. Pure.

Events are passed on as other servers and clients wrote them, so any key may be missing or hold anything.
"""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]
Raw = Mapping[str, Any]  # an event or another object as received

_TIMELINES = ("state", "timeline", "invite_state")
_KEY_COUNTS, _UNUSED_FALLBACK_KEYS = "device_one_time_keys_count", "device_unused_fallback_key_types"
_MAX_ID_BYTES = 255  # Client-Server API, "Size limits"


def as_object(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def get_object(raw: Raw, *path: str) -> Json:
    """Return the object at the end of the path, or an empty one."""
    for key in path:
        raw = as_object(raw.get(key))
    return as_object(raw)


def get_text(raw: Raw, key: str) -> str | None:
    """Return the text, or None if it is empty or no text."""
    value = raw.get(key)
    return value if isinstance(value, str) and value else None


def get_id(raw: Raw, key: str) -> str | None:
    """Return an identifier of at most 255 bytes (Client-Server API, "Size limits"), or None.

    PostgreSQL refuses longer ones in an index: a single one would stop the journal.
    """
    text = get_text(raw, key)
    return text if text and len(text.encode(errors="replace")) <= _MAX_ID_BYTES else None


def get_event_id(raw: Raw, key: str) -> str | None:
    """Return an id that begins with `$` (Appendices, "Event IDs"), or None.

    A forum's `57/2`, which anybody can write, must not pass for one.
    """
    id = get_id(raw, key)
    return id if id and id.startswith("$") else None


def sanitize_events(value: object) -> list[Raw]:
    events = value if isinstance(value, list) else []
    return [raw | {"content": get_object(raw, "content")} for raw in events if isinstance(raw, dict)]


def sanitize_sync(sync: Raw) -> Json:
    """Reduce the answer of GET /sync (Client-Server API, "Syncing") to the parts that the bot uses.

    `rooms`, `to_device` and `device_lists` are always there; the counts of our keys only if the server sent them. Rooms
    are by `join`, `invite` and `leave`, then by room id. All events are objects, and so is the content of each.
    """
    keys: Json = {_KEY_COUNTS: _counts(sync, _KEY_COUNTS)} if _KEY_COUNTS in sync else {}
    if isinstance(sync.get(_UNUSED_FALLBACK_KEYS), list):
        keys[_UNUSED_FALLBACK_KEYS] = _texts(sync[_UNUSED_FALLBACK_KEYS])
    rooms: dict[str, dict[str, Raw]] = {"join": {}, "invite": {}, "leave": {}}
    for kind, sane in rooms.items():
        for room, data in get_object(sync, "rooms", kind).items():
            if isinstance(data, dict):
                parts = {key: get_object(data, key) for key in _TIMELINES}
                timelines = {key: part | {"events": sanitize_events(part.get("events"))} for key, part in parts.items()}
                sane[room] = timelines | {"summary": _counts(data, "summary")}
    return {
        "rooms": rooms,
        "to_device": {"events": sanitize_events(get_object(sync, "to_device").get("events"))},
        "device_lists": {"changed": _texts(get_object(sync, "device_lists").get("changed"))},
    } | keys


def _counts(raw: Raw, key: str) -> dict[str, int]:
    return {name: count for name, count in get_object(raw, key).items() if type(count) is int}


def _texts(value: object) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
