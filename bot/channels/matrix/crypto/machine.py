"""Encrypted rooms: matrix-nio as the machine that holds the keys, fed with our own calls to the server.

nio does the same in its `sync_forever`, which has no back-off and loses what a callback chokes on; and its room objects
know no members after a restart. So it gets from each sync what concerns keys, and the members when they are needed.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import nio  # type: ignore[import-untyped]

from bot.channels.matrix.client import Json, MatrixClient
from bot.channels.matrix.crypto import key_store
from bot.channels.matrix.crypto.key_exchange import KeyExchange
from bot.channels.matrix.event_parser import Raw, parse_timestamp
from bot.channels.matrix.login import Session
from bot.messages import AuthenticationFailed, ChannelError, MissingKey

log = logging.getLogger(__name__)

_STATE = ("m.room.encryption", "m.room.member")
_OFTEN_BEHIND = timedelta(seconds=5)  # a key may come that much later than its message without being asked for


class Encryption:
    """The keys of one device, and what it takes to keep up with those of all others."""

    def __init__(self, server: MatrixClient, session: Session, key_file: Path) -> None:
        """Raises Unusable, KeysLost."""
        self._server = server
        self._nio = key_store.open_key_store(session, key_file)
        self._olm: Any = self._nio.olm
        self._exchange = KeyExchange(server, self._nio)
        self._nio.add_to_device_callback(self._note_key, nio.RoomKeyEvent)
        self._came: list[tuple[str, str]] = []
        self._missing: list[Any] = []  # events whose key is to be asked for
        self._numbers = itertools.count(1)
        self._sending = asyncio.Lock()

    async def open(self) -> None:
        """See to it that the server gives our keys to others. Raises KeysLost when it gives them other ones."""
        await self._exchange.compare()
        await self._exchange.upload()

    def is_encrypted(self, room: str) -> bool:
        """Whether the room was ever seen to be encrypted, kept over restarts."""
        return room in self._nio.encrypted_rooms

    def take(self, sync: Raw) -> list[tuple[str, str]]:
        """Keys, devices and members from a sync; the rooms and sessions for which keys came.

        A sync taken twice does no harm, one left out does.
        """
        # One by one: what somebody's device sends must not hide what comes beside it.
        for message in sync.get("to_device", {}).get("events", ()):
            self._feed({"to_device": {"events": [message]}})
        self._feed(_about_rooms(sync))
        # nio overlooks that no key is left, and members that it does not know of.
        if "device_one_time_keys_count" in sync:
            self._olm.uploaded_key_count = sync["device_one_time_keys_count"].get(key_store.SIGNED_CURVE25519, 0)
        unused = sync.get("device_unused_fallback_key_types")  # absent where the server knows no such keys
        self._exchange.fallback_wanted = unused is not None and key_store.SIGNED_CURVE25519 not in unused
        self._olm.add_changed_users(set(sync.get("device_lists", {}).get("changed", ())))
        for room in _with_gap(sync):
            self._forget_members(room)
        came, self._came = self._came, []
        return came

    async def look_after(self) -> None:
        """What must go to the server after each sync. Raises KeysLost, LoggedOut."""
        await self._exchange.catch_up()

    async def encrypt(self, room: str, type: str, content: Json) -> tuple[str, Json]:
        """The event to send instead; all devices of the room's members can read it, verified or not."""
        async with self._sending:
            await self._know_members(room)
            await self._exchange.query()
            if self._olm.should_share_group_session(room):
                await self._share_session(room)
            sealed: tuple[str, Json] = self._nio.encrypt(room, type, content)
            return sealed

    async def know_sender(self, raw: Raw, room: str) -> None:
        """Before `decrypt`: where none of the sender's devices that we know made the key, there may be a new one."""
        held = self._held(raw, room)
        if held and not self._own(raw, held):
            self._olm.users_for_key_query.add(raw["sender"])
            await self.ask_for_keys()

    def decrypt(self, raw: Raw, room: str) -> Json | None:
        """Type and content in the clear; None: not encrypted in a way that we know, or what was said before comes
        again. Raises NoKey."""
        event = nio.MegolmEvent.from_dict(self._with_sender(raw, room))
        if not isinstance(event, nio.MegolmEvent) or not event.session_id:
            return None
        event.room_id = room
        try:
            clear = self._nio.decrypt_event(event)
        except key_store.ReplayedMessage as replay:
            log.warning("left alone: %s", replay)
            return None
        except nio.EncryptionError as error:
            if datetime.now(UTC) - parse_timestamp(raw) > _OFTEN_BEHIND:
                self._missing.append(event)
            raise MissingKey(str(error)) from error
        source: Json = clear.source
        return source

    async def ask_for_keys(self) -> None:
        """Ask those who may have what `decrypt` found missing; if that fails, it goes after the next sync."""
        try:
            await self._exchange.query()  # whose devices are new to us
            while self._missing:
                self._request(self._missing.pop())
            await self._exchange.begin_anew()
        except AuthenticationFailed:
            raise
        except ChannelError as trouble:
            log.debug("a key could not be asked for: %s", trouble)

    def close(self) -> None:
        if self._nio.store:
            self._nio.store.database.close()

    def _note_key(self, event: Any) -> None:
        self._came.append((event.room_id, event.session_id))

    def _feed(self, sync: Json) -> None:
        """Give nio a part of a sync; under a name that it knows, it would take it for known."""
        key_store.feed_response(self._nio, nio.SyncResponse, {"next_batch": str(next(self._numbers))} | sync)

    def _with_sender(self, raw: Raw, room: str) -> Json:
        """The specification no longer asks for the sender's key; nio finds no session without it, and with it takes
        anybody's. Raises NoKey."""
        content, held = raw["content"], self._held(raw, room)
        own = self._own(raw, held)
        if held and own is None:
            raise MissingKey(f"no device of {raw['sender']} made the key of a message in {room}")
        sender = own or content.get("sender_key") or "unknown"
        return {**raw, "content": {"device_id": "", **content, "sender_key": sender}}

    def _held(self, raw: Raw, room: str) -> list[Any]:
        """The sessions of that name in the room; each member can give us one."""
        known = self._olm.inbound_group_store[room].values()
        return [session for of_one in known for id, session in of_one.items() if id == raw["content"].get("session_id")]

    def _own(self, raw: Raw, held: Iterable[Any]) -> str | None:
        """The key of the sender's device that made one of them: else its words are somebody else's."""
        devices = {(device.curve25519, device.ed25519) for device in self._olm.device_store[raw["sender"]].values()}
        return next((one.sender_key for one in held if (one.sender_key, one.ed25519) in devices), None)

    def _request(self, event: Any) -> None:
        """Ask the sender's device for the key of its message, once; clients give it again to those it was meant for.

        With a device to which we cannot write, nio begins anew, and asks after that: what it wrote may be lost on us.
        """
        device = self._olm.device_store[event.sender].get(event.device_id)
        if device and not self._olm.session_store.get(device.curve25519):
            self._olm.key_re_requests_events[event.sender, device.id].append(event)
            if device not in self._olm.wedged_devices:
                self._olm.wedged_devices.append(device)
            return
        waiting = self._olm.outgoing_to_device_messages
        queued = {getattr(message, "session_id", None) for message in waiting}
        if event.session_id not in self._olm.outgoing_key_requests.keys() | queued:
            asked = event.device_id or "*"
            waiting.append(event.as_key_request(event.sender, self._olm.device_id, event.session_id, asked))

    async def _know_members(self, room: str) -> None:
        known = self._nio.rooms.setdefault(room, nio.MatrixRoom(room, self._nio.user_id, encrypted=True))
        known.encrypted = True
        if not known.members_synced:
            answer = await self._server.call("GET", "rooms", room, "joined_members")
            self._nio.receive_response(nio.JoinedMembersResponse.from_dict(answer, room))

    def _forget_members(self, room: str) -> None:
        if room in self._nio.rooms:
            self._nio.rooms[room].members_synced = False
            self._nio.invalidate_outbound_session(room)

    async def _share_session(self, room: str) -> None:
        while await self._share_with_more(room):
            continue  # somebody may have come in meanwhile
        self._olm.outbound_group_sessions[room].shared = True

    async def _share_with_more(self, room: str) -> bool:
        """With those who do not have it; False: there was nobody."""
        await self._exchange.query()
        if missing := self._nio.get_missing_sessions(room):
            await self._exchange.claim(missing)
        members, more = list(self._nio.rooms[room].users), False
        for devices, messages in self._olm.share_group_session_parallel(room, members, True):
            await self._exchange.to_device("m.room.encrypted", messages)
            self._olm.outbound_group_sessions[room].users_shared_with.update(devices)
            more = True
        return more


def _about_rooms(sync: Raw) -> Json:
    """A sync without what people say: nio gets the events that say who is there and whether it is encrypted."""
    rooms = {room: _about_members(data) for room, data in sync.get("rooms", {}).get("join", {}).items()}
    return {
        "device_lists": sync.get("device_lists", {}),
        "rooms": {"join": {room: data for room, data in rooms.items() if data}},
    }


def _about_members(data: Raw) -> Json:
    state = [raw for raw in data.get("state", {}).get("events", ()) if raw.get("type") in _STATE]
    timeline = [raw for raw in data.get("timeline", {}).get("events", ()) if raw.get("type") in _STATE]
    return {"state": {"events": state}, "timeline": {"events": timeline}} if state or timeline else {}


def _with_gap(sync: Raw) -> list[str]:
    """Rooms in which members may have come or gone unseen."""
    rooms: Mapping[str, Raw] = sync.get("rooms", {}).get("join", {})
    return [room for room, data in rooms.items() if data.get("timeline", {}).get("limited")]
