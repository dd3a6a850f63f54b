"""A person with a plain client: the client-server API over HTTP, and none of the bot's own code."""

import asyncio
import itertools
from collections.abc import Callable
from typing import Any, Self
from urllib.parse import quote

import aiohttp

from tests.waiting import PATIENCE

Raw = dict[str, Any]


class Member:
    """`async with Member(url, credentials.access_token) as ana:`; rooms and events by id, events as they come."""

    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url, token
        self._position: str | None = None
        self._numbers = itertools.count(1)
        self.user = ""
        self.seen: list[tuple[str, Raw]] = []  # room and event, as the syncs brought them

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(headers={"Authorization": f"Bearer {self._token}"})
        self.user = (await self.call("GET", "account", "whoami"))["user_id"]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    async def call(self, method: str, *path: str, body: object = None, **query: str) -> Raw:
        url = "/".join([self._url, "_matrix/client/v3", *(quote(piece, safe="") for piece in path)])
        async with self._http.request(method, url, json=body, params=query) as answer:
            found: Raw = await answer.json()
            assert answer.status == 200, found
            return found

    async def create_room(self, *, invite: tuple[str, ...] = (), encrypted: bool = False, **settings: Any) -> str:
        """Public unless the settings say otherwise; `room_alias_name`, `room_version`, `is_direct`, `preset`, …"""
        state = [{"type": "m.room.encryption", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}] if encrypted else []
        room = {"preset": "public_chat", "invite": list(invite), "initial_state": state} | settings
        return str((await self.call("POST", "createRoom", body=room))["room_id"])

    async def join(self, room: str) -> None:
        await self.call("POST", "join", room, body={})

    async def leave(self, room: str) -> None:
        await self.call("POST", "rooms", room, "leave", body={})

    async def invite(self, room: str, user: str) -> None:
        await self.call("POST", "rooms", room, "invite", body={"user_id": user})

    async def kick(self, room: str, user: str) -> None:
        await self.call("POST", "rooms", room, "kick", body={"user_id": user})

    async def set_state(self, room: str, type: str, content: Raw, key: str = "") -> None:
        await self.call("PUT", "rooms", room, "state", type, key, body=content)

    async def state(self, room: str, type: str, key: str = "") -> Raw:
        return await self.call("GET", "rooms", room, "state", type, key)

    async def send(self, room: str, type: str, content: Raw) -> str:
        path = ["rooms", room, "send", type, f"m{next(self._numbers)}"]
        return str((await self.call("PUT", *path, body=content))["event_id"])

    async def say(self, room: str, text: str, **more: Any) -> str:
        return await self.send(room, "m.room.message", {"msgtype": "m.text", "body": text} | more)

    async def reply(self, room: str, to: str, text: str, **more: Any) -> str:
        return await self.say(room, text, **{"m.relates_to": {"m.in_reply_to": {"event_id": to}}} | more)

    async def react(self, room: str, to: str, key: str) -> str:
        relates = {"rel_type": "m.annotation", "event_id": to, "key": key}
        return await self.send(room, "m.reaction", {"m.relates_to": relates})

    async def edit(self, room: str, event: str, text: str) -> str:
        new = {"msgtype": "m.text", "body": text}
        relates = {"rel_type": "m.replace", "event_id": event}
        return await self.say(room, f"* {text}", **{"m.new_content": new, "m.relates_to": relates})

    async def redact(self, room: str, event: str) -> str:
        path = ["rooms", room, "redact", event, f"m{next(self._numbers)}"]
        return str((await self.call("PUT", *path, body={}))["event_id"])

    async def event(self, room: str, event: str) -> Raw:
        return await self.call("GET", "rooms", room, "event", event)

    async def history(self, room: str) -> list[Raw]:
        """The room's events, oldest first (1,000 at most)."""
        page = await self.call("GET", "rooms", room, "messages", dir="b", limit="1000")
        return list(reversed(page["chunk"]))

    async def wait_for(self, room: str, wanted: Callable[[Raw], bool]) -> Raw:
        """The first event there, seen before or still to come, that is wanted."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for where, raw in self.seen:
                    if where == room and wanted(raw):
                        return raw
                await self.sync()

    async def meets(self, room: str, user: str) -> None:
        """Until that user is there."""

        def comes(raw: Raw) -> bool:
            return raw.get("state_key") == user and raw["content"].get("membership") == "join"

        await self.wait_for(room, comes)

    async def direct_room(self, user: str) -> str:
        """With that user, who has come."""
        room = await self.create_room(invite=(user,), is_direct=True, preset="trusted_private_chat")
        await self.meets(room, user)
        return room

    async def sync(self, wait: int = 5000) -> None:
        query = {"since": self._position, "timeout": str(wait)} if self._position else {"timeout": "0"}
        batch = await self.call("GET", "sync", **query)
        self._position = batch["next_batch"]
        for room, data in batch.get("rooms", {}).get("join", {}).items():
            self.seen += [(room, raw) for raw in data["timeline"]["events"]]
