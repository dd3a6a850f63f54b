"""A forum that answers as Discourse does, for tests: stateful, deterministic, on 127.0.0.1.

async with Forum() as forum:
    forum.category("formations")
    post = forum.say("ana", "formations", "Où trouver une formation ?", title="Formation de facilitateur")
    ...
    assert forum.posts_of("concierge")
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from aiohttp import web

from bot.demo.homeserver import free_port
from tests.forum import routes
from tests.forum.asking import ENOUGH, Ask, Key, Refusal, not_found
from tests.forum.faults import FAULTS, Answer, Fault
from tests.forum.hooks import Deliveries, Hook
from tests.forum.people import People
from tests.forum.state import Clock

__all__ = ["ENOUGH", "Forum"]

UNDER_WAY = timedelta(seconds=0.3)
"""Requests beside the one that is refused may be under way until its answer is read."""


@dataclass
class Asked:
    """One request. `at`: by the forum's clock; `status`: 0 while it is being answered."""

    method: str
    path: str
    query: str
    at: datetime
    user: str | None
    status: int = 0


@dataclass
class Pause:
    """A 429 asked for it, in answer to `refused`, a method and path; `everywhere`: for all other requests too."""

    start: datetime
    end: datetime
    refused: tuple[str, str]
    everywhere: bool

    def holds(self, asked: Asked) -> bool:
        again = self.refused == (asked.method, asked.path)
        return (again or self.everywhere) and self.start + (not again) * UNDER_WAY < asked.at < self.end


class Forum(People):
    """`old`: as the core of 2022; `folder`: mounted below this path, such as "/forum". `stop()` and `start()` restart
    it: address and contents stay.
    """

    def __init__(self, *, old: bool = False, folder: str = "") -> None:
        self.folder, self._port = folder, free_port()
        self.key = "the-bots-key"
        self.keys = {self.key: Key(self.key, "concierge", frozenset(ENOUGH))}
        self.memo: dict[str, tuple[dict[str, Any], datetime]] = {}
        self.requests: list[Asked] = []
        self.pauses: list[Pause] = []
        self.down = False  # every connection ends without an answer
        self.deliveries = Deliveries(self)
        self._faults: list[Fault] = []
        self._runner: web.ServerRunner | None = None
        super().__init__(Clock())
        self.site.old, self.site.version = old, "2.9.0.beta5" if old else "2026.10.0"
        self.board.told.append(self.deliveries.tell)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}{self.folder}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.deliveries.arrived()
        await self.stop()

    async def start(self) -> None:
        self._runner = web.ServerRunner(web.Server(self._handle), shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()
        self._runner = None

    def new_key(self, user: str | None = None, *scopes: str) -> str:
        """Without a user: for anybody. Without scopes: a global one."""
        key = Key(f"key-{len(self.keys)}", user, frozenset(scopes) or None)
        self.keys[key.value] = key
        return key.value

    def hook(self, url: str, secret: str = "") -> Hook:
        self.deliveries.hooks.append(Hook(url, secret))
        return self.deliveries.hooks[-1]

    def fail_next(self, where: str, answer: Answer, times: int = 1) -> None:
        """`where`: a pattern for `METHOD /path`, without the folder: "POST /posts", "/search", ""."""
        self._faults.append(Fault(where, answer, times))

    def heal(self) -> None:
        self._faults.clear()
        self.down = False

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        name = request.headers.get("Api-Username")
        asked = Asked(request.method, request.path, request.query_string, self.clock(), name)
        self.requests.append(asked)
        line = f"{request.method} {request.path.removeprefix(self.folder)}"
        faulty = (fault for fault in self._faults if fault.times and re.search(fault.where, line))
        if self.down:
            response = await FAULTS["a dropped connection"](self, request)
        elif fault := next(faulty, None):
            fault.times -= 1
            response = await fault.answer(self, request)
        else:
            response = await self.forward(request)
        asked.status = response.status
        if seconds := int(response.headers.get("Retry-After", 0)):
            everywhere = "Discourse-Rate-Limit-Error-Code" in response.headers
            end = self.clock() + timedelta(seconds=seconds)
            self.pauses.append(Pause(self.clock(), end, (request.method, request.path), everywhere))
        return response

    async def forward(self, request: web.BaseRequest) -> web.Response:
        """What the forum itself does and answers."""
        try:
            if not request.path.startswith(f"{self.folder}/"):
                raise not_found()
            response = await routes.answer(Ask(self, request))
        except Refusal as refusal:
            response = refusal.response()
        response.headers["Date"] = self.clock().strftime("%a, %d %b %Y %H:%M:%S GMT")
        return response
