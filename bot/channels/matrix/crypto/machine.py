"""Encrypted rooms: matrix-nio as the machine that holds the keys, fed by our own calls to the server.

Client-Server API, "End-to-End Encryption": "m.megolm.v1.aes-sha2", "Key requests". nio does the same in its
`sync_forever`, which has no back-off and loses events on which a callback fails; and its room objects know no members
after a restart. So it gets from each sync what concerns keys, and the members when they are needed.
"""

import asyncio
import itertools
import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import nio  # type: ignore[import-untyped]

from bot.channels.matrix.client import MatrixClient
from bot.channels.matrix.crypto.key_exchange import KeyExchange, KeyServer
from bot.channels.matrix.crypto.key_store import SIGNED_CURVE25519, DeviceKeys, ReplayedMessage, feed_response
from bot.channels.matrix.event_parser import find_verification_step, parse_timestamp
from bot.channels.matrix.schema import Json, Raw
from bot.messages import MissingKey, NetworkRefusal, RateLimited, Unreachable

log = logging.getLogger(__name__)

_TIMELINES, _STATE = ("state", "timeline"), ("m.room.encryption", "m.room.member")  # what nio gets of a sync
_KEY_DELAY = timedelta(seconds=5)  # how much later than its message a key may arrive unasked


class Encryption:
    """The keys of one device, kept in step with the devices of all others."""

    def __init__(self, server: MatrixClient, keys: DeviceKeys) -> None:
        self._keys, self._nio = keys, keys.client
        self._olm: Any = self._nio.olm
        self.fingerprint = str(self._olm.account.identity_keys["ed25519"])  # the device's public key
        self._direct, self._server = server, KeyServer(server, keys)
        self._exchange = KeyExchange(self._server, self._nio)
        self._new_keys: list[tuple[str, str]] = []  # room and session
        self._nio.add_to_device_callback(
            lambda event: self._new_keys.append((event.room_id, event.session_id)), nio.RoomKeyEvent
        )
        self._unrequested: list[Any] = []  # events whose key is to be requested
        self._numbers = itertools.count(1)
        self._send_lock = asyncio.Lock()

    async def open(self) -> None:
        """Upload our keys, so that the server gives them to others. Raises KeysLost when it gives them other ones."""
        await self._exchange.compare(self._direct)
        await self._exchange.upload()
        await self._keys.flush()

    def is_encrypted(self, room: str) -> bool:
        """Whether the room was ever seen to be encrypted; stored."""
        return room in self._nio.encrypted_rooms

    async def apply_sync(self, sync: Json) -> list[tuple[str, str]]:
        """Take keys, devices and members from a sync, and store them. Returns room and session of each new key.

        Applying a sync twice does no harm, skipping one does.
        """
        # One by one: a malformed message of some device must not hide the others.
        # Verifications are ours (`verification.py`): nio's know no requests, and another encoding.
        for message in sync["to_device"]["events"]:
            if not find_verification_step(message):
                self._feed_sync({"to_device": {"events": [message]}})
        # Of the rooms nio gets the events that show members and encryption, and no messages.
        rooms: dict[str, Json] = {}
        for room, data in sync["rooms"]["join"].items():
            parts = {name: [raw for raw in data[name]["events"] if raw.get("type") in _STATE] for name in _TIMELINES}
            if any(parts.values()):
                rooms[room] = {name: {"events": events} for name, events in parts.items()}
        if rooms:  # even an empty one costs nio a transaction
            self._feed_sync({"rooms": {"join": rooms}})
        # nio misses a count of zero, and changes of users that it does not know.
        if "device_one_time_keys_count" in sync:
            self._olm.uploaded_key_count = sync["device_one_time_keys_count"].get(SIGNED_CURVE25519, 0)
        unused = sync.get("device_unused_fallback_key_types")  # absent where the server knows no such keys
        self._exchange.is_fallback_missing = unused is not None and SIGNED_CURVE25519 not in unused
        self._olm.add_changed_users(set(sync["device_lists"]["changed"]))
        for room, data in sync["rooms"]["join"].items():
            if data["timeline"].get("limited") and room in self._nio.rooms:  # members may have come or gone unseen
                self._nio.rooms[room].members_synced = False
                self._nio.invalidate_outbound_session(room)
        keys, self._new_keys = self._new_keys, []
        await self._keys.flush()
        return keys

    async def exchange_keys(self) -> None:
        """Exchange keys, after each sync; failures wait for the next one. Raises KeysLost, AuthenticationFailed."""
        try:
            await self._exchange.send_pending()
            await self._exchange.upload()
            await self._exchange.query()
            await self._exchange.begin_sessions()
        except (Unreachable, RateLimited, NetworkRefusal) as error:
            log.warning("keys could not be exchanged, trying again after the next sync: %s", error)
        await self._keys.flush()

    async def encrypt(self, room: str, type: str, content: Json) -> tuple[str, Json]:
        """Return the event to send instead; all devices of the room's members can read it, verified or not."""
        async with self._send_lock:
            nio_room = self._nio.rooms.setdefault(room, nio.MatrixRoom(room, self._nio.user_id, encrypted=True))
            nio_room.encrypted = True
            if not nio_room.members_synced:
                answer = await self._server.call("GET", "rooms", room, "joined_members")
                self._nio.receive_response(nio.JoinedMembersResponse.from_dict(answer, room))
            await self._exchange.query()
            if self._olm.should_share_group_session(room):
                while await self._share_with_more(room):
                    continue  # somebody may have come in meanwhile
                self._olm.outbound_group_sessions[room].shared = True
            encrypted: tuple[str, Json] = self._nio.encrypt(room, type, content)
            await self._keys.flush()
            return encrypted

    async def decrypt(self, raw: Raw, room: str) -> Json | None:
        """Return the event in plain text; None for an unknown kind of encryption or a replay. Raises MissingKey.

        nio finds no session without `sender_key`, which is deprecated (MSC3700), and with it accepts anybody's: so the
        key is that of the sender's device that made the session.
        """
        sessions = self._find_sessions(raw, room)
        key = self._find_sender_key(raw, sessions)
        if sessions and key is None:  # perhaps made by a device that is new to us
            self._olm.users_for_key_query.add(raw["sender"])
            await self.request_missing_keys()
            key = self._find_sender_key(raw, self._find_sessions(raw, room))
            if key is None:
                raise MissingKey(f"no device of {raw['sender']} made the key of a message in {room}")
        content = raw["content"]
        known = {"device_id": "", **content, "sender_key": key or content.get("sender_key") or "unknown"}
        event = nio.MegolmEvent.from_dict({**raw, "content": known})
        if not isinstance(event, nio.MegolmEvent) or not event.session_id:
            return None
        event.room_id = room
        try:
            decrypted: Json = self._nio.decrypt_event(event).source
        except ReplayedMessage as replay:
            log.warning("ignored: %s", replay)
            return None
        except nio.EncryptionError as error:
            if datetime.now(UTC) - parse_timestamp(raw) > _KEY_DELAY:
                self._unrequested.append(event)
            raise MissingKey(str(error)) from error
        await self._keys.flush()  # of the guard against replays
        return decrypted

    async def request_missing_keys(self) -> None:
        """Request the keys that `decrypt` missed; if that fails, again after the next sync."""
        try:
            await self._exchange.query()  # for devices new to us
            while self._unrequested:
                self._request_key(self._unrequested.pop())
            await self._exchange.begin_sessions()
        except (Unreachable, RateLimited, NetworkRefusal) as error:
            log.debug("a key cannot be requested: %s", error)
        await self._keys.flush()

    def close(self) -> None:
        self._keys.close()

    def _feed_sync(self, part: Json) -> None:
        """Pass a part of a sync to nio, under a token of its own: nio skips a sync whose token it knows."""
        feed_response(self._nio, nio.SyncResponse, {"next_batch": str(next(self._numbers))} | part)

    def _find_sessions(self, raw: Raw, room: str) -> list[Any]:
        """Return the Megolm sessions of that id in the room; each member can give us one."""
        wanted, by_sender = raw["content"].get("session_id"), self._olm.inbound_group_store[room].values()
        return [session for sessions in by_sender for id, session in sessions.items() if id == wanted]

    def _find_sender_key(self, raw: Raw, sessions: Iterable[Any]) -> str | None:
        """Return the key of the sender's device that made one of them; without one, the text may be somebody else's."""
        devices = {(device.curve25519, device.ed25519) for device in self._olm.device_store[raw["sender"]].values()}
        own = (session for session in sessions if (session.sender_key, session.ed25519) in devices)
        return next((session.sender_key for session in own), None)

    def _request_key(self, event: Any) -> None:
        """Send m.room_key_request to the sender's device, once; clients give a key again to those it was meant for.

        nio first begins a session with a device that has none: messages of that device may not have been readable.
        """
        device = self._olm.device_store[event.sender].get(event.device_id)
        if device and not self._olm.session_store.get(device.curve25519):
            self._olm.key_re_requests_events[event.sender, device.id].append(event)
            if device not in self._olm.wedged_devices:
                self._olm.wedged_devices.append(device)
            return
        outgoing = self._olm.outgoing_to_device_messages
        queued = {getattr(message, "session_id", None) for message in outgoing}
        if event.session_id not in self._olm.outgoing_key_requests.keys() | queued:
            device_id = event.device_id or "*"
            outgoing.append(event.as_key_request(event.sender, self._olm.device_id, event.session_id, device_id))

    async def _share_with_more(self, room: str) -> bool:
        """Share the session with the devices that do not have it; False if there were none."""
        await self._exchange.query()
        if without_session := self._nio.get_missing_sessions(room):
            await self._exchange.claim(without_session)
        members, is_shared = list(self._nio.rooms[room].users), False
        for devices, messages in self._olm.share_group_session_parallel(room, members, True):
            await self._server.send_to_devices("m.room.encrypted", messages)
            self._olm.outbound_group_sessions[room].users_shared_with.update(devices)
            is_shared = True
        return is_shared
