"""Webhooks: what happens is sent to an address, signed, made as the system user sees it [22 emit_web_hook_event.rb]."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp

from tests.forum.shapes import Json, post_json, topic_item
from tests.forum.state import Post

if TYPE_CHECKING:
    from tests.forum import Forum

PATIENCE = aiohttp.ClientTimeout(total=20)


@dataclass
class Hook:
    """`status` of each delivery; 0: nobody answered. `retry_web_hook_events` is off by default: one try [F26]."""

    url: str
    secret: str
    sent: list[tuple[str, int]] = field(default_factory=list)


def sign(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class Deliveries:
    """The hooks of a forum and what is on its way to them."""

    def __init__(self, forum: Forum) -> None:
        self._forum = forum
        self._tasks: set[asyncio.Task[None]] = set()
        self._event = 100
        self.hooks: list[Hook] = []

    def tell(self, event: str, post: Post) -> None:
        for hook in self.hooks:
            self._event += 1
            delivery = self._deliver(hook, event, payload(self._forum, event, post), self._event)
            task = asyncio.get_running_loop().create_task(delivery)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def arrived(self) -> None:
        """Until nothing is on its way."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def _deliver(self, hook: Hook, event: str, body: Json, number: int) -> None:
        raw = json.dumps(body).encode()
        headers = {
            "User-Agent": f"Discourse/{self._forum.site.version}", "X-Discourse-Instance": self._forum.url,
            "X-Discourse-Event-Id": str(number), "X-Discourse-Event-Type": event.partition("_")[0],
            "X-Discourse-Event": event, "Content-Type": "application/json",
        }  # fmt: skip
        if hook.secret:
            headers["X-Discourse-Event-Signature"] = sign(hook.secret, raw)
        try:
            given: dict[str, Any] = {"data": raw, "headers": headers, "timeout": PATIENCE}
            async with aiohttp.ClientSession() as http, http.post(hook.url, **given) as answer:
                hook.sent.append((event, answer.status))
        except (aiohttp.ClientError, TimeoutError):
            hook.sent.append((event, 0))


def payload(forum: Forum, event: str, post: Post) -> Json:
    """As the system user: of private messages, whispers and restricted categories too [N:37437322225]."""
    topic = post.topic
    if event.startswith("topic_"):
        created_by: dict[str, Any] = {"id": topic.user.id, "username": topic.user.username}
        return {"topic": {**topic_item(forum.board, topic, forum.system), "created_by": created_by}}
    archetype = "regular" if topic.members is None else "private_message"
    return {"post": post_json(forum, post, forum.system, title=True) | {"topic_archetype": archetype}}
