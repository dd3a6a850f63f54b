"""Exchange of keys: ours to the server, those of others from it, and messages between devices.

Client-Server API, "End-to-End Encryption" ("Key management API", "Tracking the device list for a user", "One-time and
fallback keys") and "Send-to-Device messaging".
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import nio  # type: ignore[import-untyped]

from bot.channels.matrix.client import MatrixClient
from bot.channels.matrix.crypto.key_store import SIGNED_CURVE25519, DeviceKeys, KeysLost, feed_response
from bot.channels.matrix.schema import Json
from bot.messages import NetworkRefusal

_MAX_ONE_TIME_KEYS = 200  # claimed at most, if the server never runs out of keys of the device


class KeyServer:
    """The server, as the machine may talk with it: what a request depends on is stored before it leaves.

    After a crash, or on another machine, no one-time key is published under a name that another one has, and no Olm
    session encrypts two messages alike.
    """

    def __init__(self, server: MatrixClient, keys: DeviceKeys) -> None:
        self._server, self._keys = server, keys

    async def call(self, method: str, *path: str, body: object = None) -> Json:
        await self._keys.flush()
        return await self._server.call(method, *path, body=body)

    async def send_to_devices(self, type: str, messages: Mapping[str, Any]) -> None:
        await self._keys.flush()
        await self._server.send_to_devices(type, messages)


class KeyExchange:
    """Requests of nio's machine to the server. They raise Unreachable, RateLimited, AuthenticationFailed."""

    def __init__(self, server: KeyServer, client: nio.Client) -> None:
        self._server, self._nio, self._olm = server, client, client.olm
        self._query_lock, self._claim_lock = asyncio.Lock(), asyncio.Lock()
        self.is_fallback_missing = False

    async def compare(self, server: MatrixClient) -> None:
        """Compare our device keys with those on the server. Raises KeysLost when they differ, and stores nothing."""
        user, device = self._olm.user_id, self._olm.device_id
        answer = await server.call("POST", "keys", "query", body={"device_keys": {user: [device]}})
        known = answer.get("device_keys", {}).get(user, {}).get(device)
        if known is None:
            self._olm.account.shared = False
        elif known["keys"].get(f"ed25519:{device}") != self._olm.account.identity_keys["ed25519"]:
            raise KeysLost(f"the encryption keys of device {device} are lost, or another application has them")
        elif not self._olm.account.shared:
            # Restored from a backup: the private halves of our one-time keys may be lost. All are claimed, and a
            # fallback key is added.
            body: Json = {"one_time_keys": {user: {device: SIGNED_CURVE25519}}}
            for _ in range(_MAX_ONE_TIME_KEYS):
                answer = await self._server.call("POST", "keys", "claim", body=body)
                keys = answer.get("one_time_keys", {}).get(user, {}).get(device, {})
                if not keys or any(key.get("fallback") for key in keys.values()):
                    break
            await self._upload(_make_fallback_key(self._olm))
        else:
            await self._upload({})  # the answer holds how many one-time keys are left

    async def upload(self) -> None:
        """Upload the keys that the server lacks. Raises KeysLost."""
        try:
            if self._nio.should_upload_keys:
                keys = self._olm.share_keys()  # identity keys, once, and the missing one-time keys
                self._olm.save_account()  # before: other keys under the same names would be refused after a crash
                await self._upload(keys)
            if self.is_fallback_missing:
                self.is_fallback_missing = False
                await self._upload(_make_fallback_key(self._olm))
        except NetworkRefusal as refusal:
            if "already exists" not in str(refusal):
                raise
            raise KeysLost(f"the server holds other keys of device {self._olm.device_id} ({refusal})") from refusal

    async def query(self) -> None:
        """Send POST /keys/query for users whose devices changed; those that change meanwhile are queried again."""
        async with self._query_lock:
            users, self._olm.users_for_key_query = self._olm.users_for_key_query, set()
            if not users:
                return
            body: Json = {"device_keys": {user: [] for user in users}}
            try:
                answer = await self._server.call("POST", "keys", "query", body=body)
            except BaseException:
                self._olm.users_for_key_query |= users
                raise
            changed, devices = set(self._olm.users_for_key_query), answer.get("device_keys", {})
            for user, theirs in devices.items():
                feed_response(self._nio, nio.KeysQueryResponse, {"device_keys": {user: theirs}})
            self._olm.users_for_key_query |= changed | (users - devices.keys())

    async def begin_sessions(self) -> None:
        """Begin Olm sessions with devices whose messages we cannot decrypt; then ask them and others for keys.

        Client-Server API, "Recovering from undecryptable messages". nio queues the requests once the first is sent.
        """
        async with self._claim_lock:
            if self._nio.should_claim_keys:
                await self.claim(self._nio.get_users_for_key_claiming())
            for _ in range(2):
                await self.send_pending()

    async def claim(self, devices: Mapping[str, list[str]]) -> None:
        """Send POST /keys/claim: one-time keys, to begin sessions with these devices."""
        body = {"one_time_keys": {user: dict.fromkeys(ids, SIGNED_CURVE25519) for user, ids in devices.items()}}
        answer = await self._server.call("POST", "keys", "claim", body=body)
        for user, theirs in answer.get("one_time_keys", {}).items():
            for device, key in theirs.items():
                feed_response(self._nio, nio.KeysClaimResponse, {"one_time_keys": {user: {device: key}}})

    async def send_pending(self) -> None:
        """Send nio's to-device messages; each stays with nio until it is sent."""
        for message in list(self._nio.outgoing_to_device_messages):
            await self._server.send_to_devices(message.type, message.as_dict())
            self._nio.receive_response(nio.ToDeviceResponse(message))

    async def _upload(self, keys: Json) -> None:
        feed_response(self._nio, nio.KeysUploadResponse, await self._server.call("POST", "keys", "upload", body=keys))


def _make_fallback_key(machine: Any) -> Json:
    """Return the body of POST /keys/upload with a fallback key, which nio never makes.

    Others get it when the one-time keys have run out (MSC2732).
    """
    account = machine.account._account
    account.generate_fallback_key()
    keys = {id: {"key": key.to_base64(), "fallback": True} for id, key in account.fallback_key.items()}
    machine.save_account()
    user, device = machine.user_id, f"ed25519:{machine.device_id}"  # Appendices, "Signing JSON"
    signatures = {id: {user: {device: machine.sign_json(key)}} for id, key in keys.items()}
    signed = {f"{SIGNED_CURVE25519}:{id}": key | {"signatures": signatures[id]} for id, key in keys.items()}
    return {"fallback_keys": signed}
