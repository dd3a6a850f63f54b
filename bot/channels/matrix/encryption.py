"""Encrypted rooms: matrix-nio as the machine that holds the keys, fed with our own calls to the server.

nio does the same in its `sync_forever`, which has no back-off and loses what a callback chokes on; and its room objects
know no members after a restart. So it gets from each sync what concerns keys, and the members when they are needed.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nio  # type: ignore[import-untyped]

from bot.channels.matrix.account import Session
from bot.channels.matrix.reading import Raw
from bot.channels.matrix.server import Json, Server
from bot.messages import ChannelError, LoggedOut

log = logging.getLogger(__name__)

_STATE = ("m.room.encryption", "m.room.member")


class Encryption:
    """The keys of one device. They stand in a SQLite file in `key_store`, readable by its owner alone."""

    def __init__(self, server: Server, session: Session, key_store: Path) -> None:
        key_store.mkdir(mode=0o700, parents=True, exist_ok=True)
        key_store.chmod(0o700)
        config = nio.ClientConfig(encryption_enabled=True, store_sync_tokens=False)
        self._server = server
        self._nio = nio.Client(session.user, session.device, str(key_store), config)
        self._nio.restore_login(session.user, session.device, session.token)
        self._sending = asyncio.Lock()

    def is_encrypted(self, room: str) -> bool:
        """Whether the room was ever seen to be encrypted, kept over restarts."""
        return room in self._nio.encrypted_rooms

    def take(self, sync: Raw) -> None:
        """Keys, devices and members from a sync. A sync taken twice does no harm, one left out does."""
        response = nio.SyncResponse.from_dict(_about_keys(sync))
        if not isinstance(response, nio.SyncResponse):
            log.error("the encryption cannot read what the homeserver sent; new keys may be missing")
            return
        self._nio.receive_response(response)
        # nio looks only at members it knows of; the server names only users with whom we share an encrypted room.
        self._olm.add_changed_users(set(sync.get("device_lists", {}).get("changed", ())))
        for room in _with_gap(sync):
            self._forget_members(room)

    async def look_after(self) -> None:
        """What must go to the server after each sync: messages to devices, our keys, questions for those of others."""
        try:
            await self._send_to_devices()
            if self._nio.should_upload_keys:
                await self._ask(nio.KeysUploadResponse, ("keys", "upload"), self._olm.share_keys())
            await self._query()
            if self._nio.should_claim_keys:
                await self._claim(self._nio.get_users_for_key_claiming())
        except LoggedOut:
            raise
        except ChannelError as trouble:
            log.warning("keys could not be exchanged, trying again after the next sync: %s", trouble)

    async def encrypt(self, room: str, type: str, content: Json) -> tuple[str, Json]:
        """The event to send instead; all devices of the room's members can read it, verified or not."""
        async with self._sending:
            await self._know_members(room)
            await self._query()
            if self._olm.should_share_group_session(room):
                await self._share_session(room)
            sealed: tuple[str, Json] = self._nio.encrypt(room, type, content)
            return sealed

    def decrypt(self, raw: Raw, room: str) -> Json | None:
        """Type and content in the clear; None while the key is not there."""
        event = nio.MegolmEvent.from_dict(dict(raw))
        if not isinstance(event, nio.MegolmEvent):
            return None
        event.room_id = room
        try:
            clear = self._nio.decrypt_event(event)
        except nio.EncryptionError:
            return None
        source: Json = clear.source
        return source

    def close(self) -> None:
        if self._nio.store:
            self._nio.store.database.close()

    @property
    def _olm(self) -> Any:
        return self._nio.olm

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
        if missing := self._nio.get_missing_sessions(room):
            await self._claim(missing)
        members = list(self._nio.rooms[room].users)
        for shared_with, messages in self._olm.share_group_session_parallel(room, members, True):
            await self._to_device("m.room.encrypted", messages)
            self._olm.outbound_group_sessions[room].users_shared_with.update(shared_with)
        self._olm.outbound_group_sessions[room].shared = True

    async def _send_to_devices(self) -> None:
        for message in list(self._nio.outgoing_to_device_messages):
            await self._to_device(message.type, message.as_dict())
            self._nio.receive_response(nio.ToDeviceResponse(message))

    async def _to_device(self, type: str, messages: Mapping[str, Any]) -> None:
        await self._server.call("PUT", "sendToDevice", type, secrets.token_hex(16), body=messages)

    async def _query(self) -> None:
        if self._nio.should_query_keys:
            users: Json = {user: [] for user in self._nio.users_for_key_query}
            await self._ask(nio.KeysQueryResponse, ("keys", "query"), {"device_keys": users})

    async def _claim(self, devices: Mapping[str, list[str]]) -> None:
        wanted = {user: dict.fromkeys(ids, "signed_curve25519") for user, ids in devices.items()}
        await self._ask(nio.KeysClaimResponse, ("keys", "claim"), {"one_time_keys": wanted}, "")

    async def _ask(self, response: Any, path: tuple[str, ...], body: object, *more: str) -> None:
        answer = response.from_dict(await self._server.call("POST", *path, body=body), *more)
        if isinstance(answer, response):
            self._nio.receive_response(answer)
        else:
            log.warning("the encryption cannot read the homeserver's answer to %s", "/".join(path))


def _about_keys(sync: Raw) -> Json:
    """A sync without what people say: nio gets the events that say who is there and whether it is encrypted."""
    rooms = {room: _about_members(data) for room, data in sync.get("rooms", {}).get("join", {}).items()}
    wanted = ("next_batch", "to_device", "device_lists", "device_one_time_keys_count")
    return {key: sync[key] for key in wanted if key in sync} | {
        "rooms": {"join": {room: data for room, data in rooms.items() if data}}
    }


def _about_members(data: Raw) -> Json:
    state = [raw for raw in data.get("state", {}).get("events", ()) if raw.get("type") in _STATE]
    timeline = [raw for raw in data.get("timeline", {}).get("events", ()) if raw.get("type") in _STATE]
    return {"state": {"events": state}, "timeline": {"events": timeline}} if state or timeline else {}


def _with_gap(sync: Raw) -> list[str]:
    """Rooms in which members may have come or gone unseen."""
    rooms: Mapping[str, Raw] = sync.get("rooms", {}).get("join", {})
    return [room for room, data in rooms.items() if data.get("timeline", {}).get("limited")]
