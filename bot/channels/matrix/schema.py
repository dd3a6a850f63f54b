"""What a sync may hold, in the shape that the rest relies on: of anything else nothing is left. Pure."""

from __future__ import annotations

from typing import Any

from bot.channels.matrix.client import Json
from bot.channels.matrix.event_parser import Raw

Rooms = dict[str, dict[str, Raw]]
"""By `join`, `invite` and `leave`, then by room id. All events are objects, and so is the content of each."""

_PARTS = ("state", "timeline", "invite_state")
_COUNTS, _UNUSED = "device_one_time_keys_count", "device_unused_fallback_key_types"


def sanitize_sync(sync: Raw) -> Json:
    """With `rooms`, `to_device` and `device_lists` always, what is known of our keys as far as it is there."""
    about_keys: Json = {_COUNTS: _counts(sync[_COUNTS])} if _COUNTS in sync else {}
    if isinstance(sync.get(_UNUSED), list):
        about_keys[_UNUSED] = _texts(sync[_UNUSED])
    changed = _texts(_object(sync.get("device_lists")).get("changed"))
    to_device = sanitize_events(_object(sync.get("to_device")).get("events"))
    return {
        "rooms": _rooms(sync),
        "to_device": {"events": to_device},
        "device_lists": {"changed": changed},
    } | about_keys


def sanitize_events(value: object) -> list[Raw]:
    found = value if isinstance(value, list) else []
    return [raw | {"content": _object(raw.get("content"))} for raw in found if isinstance(raw, dict)]


def _rooms(sync: Raw) -> Rooms:
    found = _object(sync.get("rooms"))
    return {
        kind: {room: _room(data) for room, data in _object(found.get(kind)).items() if isinstance(data, dict)}
        for kind in ("join", "invite", "leave")
    }


def _room(data: dict[str, Any]) -> Raw:
    parts = {name: _object(data.get(name)) for name in _PARTS}
    shaped = {name: part | {"events": sanitize_events(part.get("events"))} for name, part in parts.items()}
    return shaped | {"summary": _counts(data.get("summary"))}


def _counts(value: object) -> dict[str, int]:
    return {key: count for key, count in _object(value).items() if type(count) is int}


def _texts(value: object) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
