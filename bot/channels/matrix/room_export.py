"""JSON export of a room (Element's *Export chat*), as messages. Pure.

Its `messages` are raw events, decrypted where the exporting client could (`JSONExport.ts` of Element Web); an edit is
an event of its own, or bundled with the event that it edits (Client-Server API, "Event replacements", server-side
aggregation).
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.channels.matrix.event_parser import ENCRYPTED, RoomRole, get_pills, parse_edit, parse_event, parse_message
from bot.channels.matrix.schema import Raw, get_event_id, get_id, get_object, sanitize_events
from bot.channels.matrix.settings import MatrixSettings
from bot.messages import Event, Message, Past, Skipped

_ROOM = "room"  # any id: an export is of one room
_SPEECH = ("m.room.message", ENCRYPTED)
_UNDECRYPTABLE = "m.bad.encrypted"  # msgtype that matrix-js-sdk gives to what it could not decrypt
_ROLE = RoomRole("questions")  # each message may be a question
_USER_LINK = re.compile(r"(?:\[[^\[\]\n]{1,200}\]\()?https?://matrix\.to/#/(@[^\s/?()]+:[\w.:-]+)[^\s()]*\)?")


def past_of_export(raw: Any, settings: MatrixSettings | None) -> Past | None:
    """Read an export; None if it is something else. `settings` name the bot and the users that it ignores."""
    events = raw.get("messages") if isinstance(raw, dict) else None
    if not isinstance(events, list):
        return None
    has_events = any(isinstance(one, dict) and "event_id" in one for one in events)
    if not has_events and (events or "room_name" not in raw):
        return None
    export = _Export(sanitize_events(events), settings)
    messages = [message for one in export.said.values() if (message := export.read(one))]
    return Past(messages, dict(export.skipped))


class _Export:
    """Events of an export. `said` holds the messages by id, each once, in order."""

    def __init__(self, events: Sequence[Raw], settings: MatrixSettings | None) -> None:
        self._bot = settings.user if settings else ""
        self._robots: Collection[str] = {self._bot, *settings.ignore} if settings else ()
        self.skipped = Counter[Skipped]()
        self.said: dict[str, Raw] = {}
        self._deleted: set[str | None] = set()
        self._edits: dict[str, tuple[Event, Raw]] = {}  # the latest one, by what it edits
        for raw in events:
            self._sort(raw)

    def read(self, raw: Raw) -> Message | None:
        """Return a message with the text of its latest edit by its sender.

        None for one that is skipped, which is counted: it is of no use, a picture, or has no text.
        """
        content = raw["content"]
        reasons: Mapping[Skipped, bool] = {
            "robot": raw.get("sender") in self._robots,
            "deleted": raw.get("event_id") in self._deleted or not content,
            "undecryptable": raw.get("type") == ENCRYPTED or content.get("msgtype") == _UNDECRYPTABLE,
            "notice": content.get("msgtype") == "m.notice",
        }
        why = next((why for why, holds in reasons.items() if holds), None)
        event = None if why else parse_event(raw, _ROOM)
        message = parse_message(event, content, _ROLE, self._bot) if event else None
        if event is None or message is None:
            self.skipped[why or "empty"] += 1
            return None
        edit, new = self._edits.get(event.id, (None, content))
        if edit and (newer := parse_edit(edit, new, raw, _ROLE, self._bot)):
            content, message = get_object(new, "m.new_content"), replace(newer.message, sent=message.sent)
        # Each name that stands for a user is replaced by the user id, so that names can be told from words.
        text = message.text
        for pill in get_pills(content):
            if pill.user != self._bot and len(pill.text.strip()) > 1:
                text = text.replace(pill.text, pill.user)
        return replace(message, text=_USER_LINK.sub(r"\1", text))

    def _sort(self, raw: Raw) -> None:
        id, event = get_event_id(raw, "event_id"), parse_event(raw, _ROOM)
        if "redacted_because" in get_object(raw, "unsigned"):
            self._deleted.add(id)
        if bundled := get_object(raw, "unsigned", "m.relations", "m.replace"):
            self._sort(sanitize_events([bundled | {"unsigned": {}}])[0])
        if event and event.kind == "redaction":
            self._deleted.add(event.relates_to)
        elif event and event.kind == "edit":
            latest = self._edits.get(event.relates_to or "")
            if latest is None or latest[0].sent <= event.sent:
                self._edits[event.relates_to or ""] = event, raw["content"]
        elif raw.get("type") in _SPEECH and "state_key" not in raw:
            if id is None or get_id(raw, "sender") is None:
                self.skipped["unreadable"] += 1
            else:
                self.said.setdefault(id, raw)
