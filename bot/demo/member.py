"""A person in a room: a plain Matrix client over HTTP (Client-Server API v3) that shares no code with the bot."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aiohttp

from bot.demo.homeserver import Credentials

JOINS_WITHIN = 60.0  # seconds until somebody who is invited must be there; it takes one


@dataclass(frozen=True, slots=True)
class RoomPost:
    """A message or reaction in a room; an edit has the new text, and the id of the event that it replaces."""

    id: str
    sender: str
    text: str
    quiet: bool  # m.notice
    replies_to: str | None
    edited: bool = False
    reaction: str | None = None  # an emoji under `replies_to`, instead of words


class DemoMember:
    def __init__(self, http: aiohttp.ClientSession, url: str, who: Credentials) -> None:
        self.name = who.user[1:].partition(":")[0]
        self._http, self._url = http, f"{url}/_matrix/client/v3"
        self._headers = {"Authorization": f"Bearer {who.access_token}"}
        self._transactions = itertools.count(1)

    async def create_room(self, **settings: Any) -> str:
        return str((await self._call("POST", "/createRoom", settings))["room_id"])

    async def join(self, room: str) -> None:
        await self._call("POST", f"/join/{quote(room)}", {})

    async def direct_room(self, user: str) -> str:
        """A new room with this user alone, who is in it. Raises TimeoutError."""
        room = await self.create_room(is_direct=True, preset="trusted_private_chat", invite=[user])
        async with asyncio.timeout(JOINS_WITHIN):
            while user not in (await self._call("GET", f"/rooms/{quote(room)}/joined_members"))["joined"]:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        return room

    async def say(self, room: str, text: str, reply_to: str | None = None) -> str:
        """Return the id of the event."""
        content: dict[str, Any] = {"msgtype": "m.text", "body": text}
        if reply_to:
            content["m.relates_to"] = {"m.in_reply_to": {"event_id": reply_to}}
        return await self._send(room, "m.room.message", content)

    async def react(self, room: str, target: str, key: str) -> str:
        """Return the id of the event."""
        content = {"m.relates_to": {"rel_type": "m.annotation", "event_id": target, "key": key}}
        return await self._send(room, "m.reaction", content)

    async def _send(self, room: str, kind: str, content: dict[str, Any]) -> str:
        path = f"/rooms/{quote(room)}/send/{kind}/{next(self._transactions)}"
        return str((await self._call("PUT", path, content))["event_id"])

    async def position(self) -> str:
        """The sync token of now, for `listen`."""
        return str((await self._call("GET", "/sync", timeout=0))["next_batch"])

    async def listen(self, since: str) -> AsyncIterator[tuple[str, RoomPost]]:
        """(room, post) after that sync token, in all rooms, own posts included, for ever."""
        while True:
            batch = await self._call("GET", "/sync", timeout=10_000, since=since)  # milliseconds
            since = batch["next_batch"]
            for room, joined in batch.get("rooms", {}).get("join", {}).items():
                for event in joined.get("timeline", {}).get("events", []):
                    if post := _post(event):
                        yield room, post

    async def _call(self, method: str, path: str, body: Any = None, **query: str | int) -> dict[str, Any]:
        request = self._http.request(method, self._url + path, json=body, params=query, headers=self._headers)
        async with request as response:
            result: dict[str, Any] = await response.json()
            if response.status >= 400:
                raise RuntimeError(f"{method} {path}: {result.get('error', response.status)}")
            return result


def _post(event: dict[str, Any]) -> RoomPost | None:
    content = event.get("content", {})
    relation = content.get("m.relates_to", {})
    if event.get("type") == "m.reaction" and "key" in relation:
        return RoomPost(event["event_id"], event["sender"], "", False, relation["event_id"], reaction=relation["key"])
    if event.get("type") != "m.room.message" or "body" not in content:
        return None
    edited = relation.get("rel_type") == "m.replace"
    shown = content.get("m.new_content", content) if edited else content
    return RoomPost(
        id=relation["event_id"] if edited else event["event_id"],
        sender=event["sender"],
        text=shown["body"],
        quiet=shown.get("msgtype") == "m.notice",
        replies_to=relation.get("m.in_reply_to", {}).get("event_id"),
        edited=edited,
    )
