"""A person in a room: a plain Matrix client over HTTP that shares no code with the bot. For the demo."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import aiohttp

from bot.demo.homeserver import Credentials


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as it stands in the room; an edit comes as the new text under the id of what it replaces."""

    id: str
    sender: str
    text: str
    quiet: bool  # a notice
    replies_to: str | None
    edited: bool = False
    reaction: str | None = None  # an emoji under `replies_to`, instead of words


class DemoMember:
    """`async with Member(url, credentials) as ana:`; `listen` gives the messages of a room as they come."""

    def __init__(self, url: str, who: Credentials) -> None:
        self.user = who.user
        self._url = f"{url}/_matrix/client/v3"
        self._headers = {"Authorization": f"Bearer {who.access_token}"}
        self._transactions = itertools.count(1)

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(headers=self._headers)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.close()

    async def create_room(self, **settings: Any) -> str:
        return str((await self._call("POST", "/createRoom", settings))["room_id"])

    async def join(self, room: str) -> str:
        return str((await self._call("POST", f"/join/{quote(room, safe='')}", {}))["room_id"])

    async def call_me(self, name: str) -> None:
        await self._call("PUT", f"/profile/{quote(self.user)}/displayname", {"displayname": name})

    async def say(self, room: str, text: str, reply_to: str | None = None) -> str:
        """The id of the event made."""
        content: dict[str, Any] = {"msgtype": "m.text", "body": text}
        if reply_to:
            content["m.relates_to"] = {"m.in_reply_to": {"event_id": reply_to}}
        path = f"/rooms/{quote(room)}/send/m.room.message/{next(self._transactions)}"
        return str((await self._call("PUT", path, content))["event_id"])

    async def react(self, room: str, target: str, key: str) -> None:
        content = {"m.relates_to": {"rel_type": "m.annotation", "event_id": target, "key": key}}
        await self._call("PUT", f"/rooms/{quote(room)}/send/m.reaction/{next(self._transactions)}", content)

    async def position(self) -> str:
        """Now, for `listen`."""
        return str((await self._sync(None, 0))["next_batch"])

    async def listen(self, room: str, since: str) -> AsyncIterator[Heard]:
        """Messages and reactions in the room after that position, own ones included, for ever."""
        async for where, heard in self.listen_everywhere(since):
            if where == room:
                yield heard

    async def listen_everywhere(self, since: str) -> AsyncIterator[tuple[str, Heard]]:
        """The same in all rooms that the person is in, each with its room."""
        while True:
            batch = await self._sync(since, 10_000)
            since = batch["next_batch"]
            for room, joined in batch.get("rooms", {}).get("join", {}).items():
                for event in joined.get("timeline", {}).get("events", []):
                    if heard := _heard(event):
                        yield room, heard

    async def _sync(self, since: str | None, patience: int) -> dict[str, Any]:
        query = {"timeout": str(patience)} | ({"since": since} if since else {})
        return await self._call("GET", "/sync", query=query)

    async def _call(
        self, method: str, path: str, body: Any = None, query: dict[str, str] | None = None
    ) -> dict[str, Any]:
        async with self._http.request(method, self._url + path, json=body, params=query) as answer:
            told: dict[str, Any] = await answer.json()
            if answer.status >= 400:
                raise RuntimeError(f"{method} {path}: {told.get('error', answer.status)}")
            return told


def _heard(event: dict[str, Any]) -> Heard | None:
    content = event.get("content", {})
    if event.get("type") == "m.reaction" and "key" in content.get("m.relates_to", {}):
        relation = content["m.relates_to"]
        return Heard(event["event_id"], event["sender"], "", False, relation["event_id"], reaction=relation["key"])
    if event.get("type") != "m.room.message" or "body" not in content:
        return None
    relation = content.get("m.relates_to", {})
    edited = relation.get("rel_type") == "m.replace"
    shown = content.get("m.new_content", content) if edited else content
    return Heard(
        id=relation["event_id"] if edited else event["event_id"],
        sender=event["sender"],
        text=shown["body"],
        quiet=shown.get("msgtype") == "m.notice",
        replies_to=relation.get("m.in_reply_to", {}).get("event_id"),
        edited=edited,
    )
