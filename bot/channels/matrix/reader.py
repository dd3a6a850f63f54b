"""The newest words of a message that is read again: the homeserver puts its latest edit beside it. Pure."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from bot.channels.matrix.event_parser import ENCRYPTED, LATEST_EDIT, Raw
from bot.messages import Event


def attach_latest_edit(event: Event, raw: Raw) -> Event:
    """`raw` is what the homeserver tells of the event; an edit counts if its sender made it."""
    edit = _dict(_dict(_dict(raw.get("unsigned")).get("m.relations")).get("m.replace"))
    if edit.get("sender") != event.sender or not isinstance(edit.get("content"), dict):
        return event
    known = {key: value for key, value in edit.items() if key != "unsigned"}
    return replace(event, content=json.dumps(json.loads(event.content) | {LATEST_EDIT: known}, ensure_ascii=False))


def may_replace(edit: Raw, first: Raw) -> bool:
    """Plain text takes the place of no encrypted words: it may be by somebody who has got hold of the account alone."""
    return first.get("type") != ENCRYPTED or edit.get("type") == ENCRYPTED


def apply_edit(first: Raw, edit: Raw) -> Raw | None:
    """The content of the edit in place of the first one, both in the clear; it answers what that answered."""
    new = edit["content"].get("m.new_content")
    if not isinstance(new, dict):
        return None
    relates = first["content"].get("m.relates_to")
    return new | ({"m.relates_to": relates} if isinstance(relates, dict) else {})


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
