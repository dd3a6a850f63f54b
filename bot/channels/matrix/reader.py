"""Reading of journalled events: the part that needs the homeserver and the keys.

Edits: Client-Server API, "Event replacements" (MSC2676).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection
from dataclasses import replace

from bot.channels.matrix import event_parser
from bot.channels.matrix.client import MatrixClient
from bot.channels.matrix.crypto.device import Device
from bot.channels.matrix.event_parser import ENCRYPTED, LATEST_EDIT, STICKER, RoomRole
from bot.channels.matrix.rooms import Rooms
from bot.channels.matrix.schema import Raw, get_object, get_text
from bot.channels.matrix.send import put_event
from bot.messages import Event, Incoming, Joined, NetworkRefusal, Reaction, Redaction, Unlocked, Unreachable

log = logging.getLogger(__name__)


class EventReader:
    """Reads events.

    Raises MissingKey; Unreachable or RateLimited when the homeserver does not answer a question about the event.
    """

    def __init__(self, server: MatrixClient, rooms: Rooms, device: Device, ignored: Collection[str]) -> None:
        self._server, self._rooms, self._device, self._ignored = server, rooms, device, ignored

    async def read(self, event: Event) -> Incoming | None:
        role, bot_id = await self.get_role(event.room), self._device.session.user
        if role is None or not event_parser.is_relevant(event, bot_id, self._ignored):
            return None
        match event.kind:
            case "joined":
                return Joined(event.channel, event.id, event.room, role.listen)
            case "key":
                return Unlocked(event.channel, event.id, event.room)
            case "redaction":
                return Redaction(event.channel, event.id, event.room, event.sender, event.relates_to or "")
            case "reaction":
                key = get_text(get_object(json.loads(event.content), "content", "m.relates_to"), "key")
                said = event.channel, event.id, event.room, event.sender, event.relates_to or ""
                return Reaction(*said, key, role.venue) if key else None
        return await self._read_message(event, role, bot_id)

    async def fetch(self, room: str, id: str) -> Event | None:
        """Fetch an event with its latest edit, which the homeserver bundles; it counts if its sender made it."""
        raw = await self._fetch_raw(room, id)
        event = event_parser.parse_event(raw, room) if raw else None
        if raw is None or event is None:
            return None
        edit = get_object(raw, "unsigned", "m.relations", "m.replace")
        if edit.get("sender") != event.sender or not isinstance(edit.get("content"), dict):
            return event
        bare = {key: value for key, value in edit.items() if key != "unsigned"}
        return replace(event, content=json.dumps(json.loads(event.content) | {LATEST_EDIT: bare}, ensure_ascii=False))

    async def get_role(self, room: str) -> RoomRole | None:
        """Return the room's role; None if the bot has no business there, or is no longer in it."""
        if self._rooms.is_unverified(room):
            raise Unreachable(f"{room} is not verified yet as the successor of a room")
        role = self._rooms.get_role(room)
        if role is None:
            return None
        try:
            encrypted = await self._device.is_encrypted(room)
        except NetworkRefusal:
            return None
        return replace(role, private=role.private or encrypted, encrypted=encrypted)

    async def _read_message(self, event: Event, role: RoomRole, bot_id: str) -> Incoming | None:
        raw = json.loads(event.content)
        decrypted = await self._device.decrypt(raw, event.room)
        if decrypted and (step := event_parser.find_verification_step(decrypted)):
            try:
                for type, answer in await self._device.verify(raw, decrypted["content"], step, role.direct):
                    await put_event(self._server, self._device, event.room, type, answer, f"{event.id} {type}")
            except NetworkRefusal as refusal:
                log.warning("a verification is left unanswered: %s", refusal)
            return None
        if decrypted is None or decrypted.get("type") not in ("m.room.message", STICKER):
            return None
        if event.kind != "edit":
            content, edit = decrypted["content"], raw.get(LATEST_EDIT)
            latest = await self._device.decrypt(edit, event.room) if edit and may_replace(edit, raw) else None
            if latest and (new := get_object(latest, "content", "m.new_content")):
                content = new | {"m.relates_to": get_object(content, "m.relates_to")}
            return event_parser.parse_message(event, content, role, bot_id)
        original = await self._fetch_raw(event.room, event.relates_to or "")
        if original is None or not may_replace(raw, original):
            return None
        return event_parser.parse_edit(event, decrypted["content"], original, role, bot_id)

    async def _fetch_raw(self, room: str, id: str) -> Raw | None:
        """Fetch an event; None also for one of another room: a server need not check that it is in this one."""
        try:
            raw = await self._server.call("GET", "rooms", room, "event", id)
        except NetworkRefusal:
            return None
        return raw if raw.get("room_id", room) == room else None


def may_replace(edit: Raw, original: Raw) -> bool:
    """Whether an edit may replace the text. Plain text may not replace an encrypted one: it may come from somebody who
    got hold of the account alone."""
    return original.get("type") != ENCRYPTED or edit.get("type") == ENCRYPTED
