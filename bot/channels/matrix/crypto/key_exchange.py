"""Keys on their way: ours to the server, those of others from it, and messages between devices."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Mapping
from typing import Any

import nio  # type: ignore[import-untyped]

from bot.channels.matrix.client import Json, MatrixClient
from bot.channels.matrix.crypto import key_store
from bot.channels.matrix.crypto.key_store import KeysLost
from bot.messages import AuthenticationFailed, ChannelError, NetworkRefusal

log = logging.getLogger(__name__)

_MOST = 200  # one-time keys that a server may hold for one device


class KeyExchange:
    """What nio's machine wants of the server. Everything here raises Unreachable, TooFast, LoggedOut."""

    def __init__(self, server: MatrixClient, client: nio.Client) -> None:
        self._server, self._nio, self._olm = server, client, client.olm
        self._querying, self._beginning = asyncio.Lock(), asyncio.Lock()
        self.fallback_wanted = False

    async def compare(self) -> None:
        """Whether the server knows this device, and by the keys that are here. Raises KeysLost when by other ones."""
        user, device = self._olm.user_id, self._olm.device_id
        answer = await self._server.call("POST", "keys", "query", body={"device_keys": {user: [device]}})
        known = answer.get("device_keys", {}).get(user, {}).get(device)
        if known is None:
            self._olm.account.shared = False
        elif known["keys"].get(f"ed25519:{device}") != self._olm.account.identity_keys["ed25519"]:
            raise KeysLost(f"the encryption keys of device {device} are lost, or another application has them")
        elif not self._olm.account.shared:
            await self._replace_keys()
        else:
            await self._upload({})  # tells how many one-time keys are left

    async def catch_up(self) -> None:
        """All that is open, after a sync. Trouble is put off to the next one. Raises KeysLost, LoggedOut."""
        try:
            await self.send_to_devices()
            await self.upload()
            await self.query()
            await self.begin_anew()
        except (KeysLost, AuthenticationFailed):
            raise
        except ChannelError as trouble:
            log.warning("keys could not be exchanged, trying again after the next sync: %s", trouble)

    async def upload(self) -> None:
        """Our keys, as far as the server lacks them. Raises KeysLost."""
        try:
            if self._nio.should_upload_keys:
                await self._upload(key_store.make_device_keys(self._olm))
            if self.fallback_wanted:
                self.fallback_wanted = False
                await self._upload(key_store.make_fallback_key(self._olm))
        except NetworkRefusal as refusal:
            if "already exists" not in str(refusal):
                raise
            raise KeysLost(f"the server holds other keys of device {self._olm.device_id} ({refusal})") from refusal

    async def query(self) -> None:
        """Ask for the devices of those whose devices changed; who changes while we ask is asked for again."""
        async with self._querying:
            asked, self._olm.users_for_key_query = self._olm.users_for_key_query, set()
            if not asked:
                return
            wanted: Json = {user: [] for user in asked}
            try:
                answer = await self._server.call("POST", "keys", "query", body={"device_keys": wanted})
            except BaseException:
                self._olm.users_for_key_query |= asked
                raise
            changed, devices = set(self._olm.users_for_key_query), answer.get("device_keys", {})
            for user, theirs in devices.items():
                key_store.feed_response(self._nio, nio.KeysQueryResponse, {"device_keys": {user: theirs}})
            self._olm.users_for_key_query |= changed | (asked - devices.keys())

    async def begin_anew(self) -> None:
        """With devices whose messages are lost on us; then ask them and others for keys. The second follows from the
        first."""
        async with self._beginning:
            if self._nio.should_claim_keys:
                await self.claim(self._nio.get_users_for_key_claiming())
            for _ in range(2):
                await self.send_to_devices()

    async def claim(self, devices: Mapping[str, list[str]]) -> None:
        """One-time keys, to begin writing to these devices."""
        wanted = {user: dict.fromkeys(ids, key_store.SIGNED_CURVE25519) for user, ids in devices.items()}
        answer = await self._server.call("POST", "keys", "claim", body={"one_time_keys": wanted})
        for user, theirs in answer.get("one_time_keys", {}).items():
            for device, key in theirs.items():
                key_store.feed_response(self._nio, nio.KeysClaimResponse, {"one_time_keys": {user: {device: key}}})

    async def send_to_devices(self) -> None:
        """What nio has for single devices; it stays with nio until it is sent."""
        for message in list(self._nio.outgoing_to_device_messages):
            await self.to_device(message.type, message.as_dict())
            self._nio.receive_response(nio.ToDeviceResponse(message))

    async def to_device(self, type: str, messages: Mapping[str, Any]) -> None:
        await self._server.call("PUT", "sendToDevice", type, secrets.token_hex(16), body=messages)

    async def _replace_keys(self) -> None:
        """Those that the server gives away are of a time that is lost here, with their other halves: take them all."""
        user, device = self._olm.user_id, self._olm.device_id
        wanted: Json = {"one_time_keys": {user: {device: key_store.SIGNED_CURVE25519}}}
        for _ in range(_MOST):
            answer = await self._server.call("POST", "keys", "claim", body=wanted)
            given = answer.get("one_time_keys", {}).get(user, {}).get(device, {})
            if not given or any(key.get("fallback") for key in given.values()):
                break
        await self._upload(key_store.make_fallback_key(self._olm))

    async def _upload(self, keys: Json) -> None:
        key_store.feed_response(
            self._nio, nio.KeysUploadResponse, await self._server.call("POST", "keys", "upload", body=keys)
        )
