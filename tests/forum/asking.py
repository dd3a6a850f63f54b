"""One request as the routes see it, the key that it came with, and the answers that are no 200."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web
from multidict import MultiMapping

from tests.forum.state import Board, User

if TYPE_CHECKING:
    from tests.forum import Forum

SCOPES = {  # the routes of each granular scope [N:68406683946]
    "topics:write": {"posts/create"},
    "posts:list": {"posts/latest"},
    "posts:edit": {"posts/update"},
    "posts:delete": {"posts/destroy"},
    "search:show": {"search/show"},
}
ENOUGH = ("topics:write", "posts:edit", "posts:delete", "global:read")
"""The least that a bot can work with, as the contract has it."""


@dataclass(frozen=True)
class Key:
    """`user`: None acts as anybody. `scopes`: None is a global key."""

    value: str
    user: str | None = None
    scopes: frozenset[str] | None = None

    def allows(self, route: str, method: str) -> bool:
        """[22 ApiKey#request_allowed?]: the key's own scopes may always be asked; of several, one is enough."""
        if self.scopes is None or route == "session/scopes":
            return True
        reads = method == "GET" and "global:read" in self.scopes
        return reads or any(route in SCOPES.get(scope, ()) for scope in self.scopes)


class Refusal(Exception):
    """An answer other than 200; `body` is JSON, or text as it stands."""

    def __init__(self, status: int, body: Any, headers: Mapping[str, str] | None = None, kind: str = "") -> None:
        super().__init__(status)
        self.status, self.body, self.headers, self.kind = status, body, headers or {}, kind or "text/plain"

    def response(self) -> web.Response:
        if isinstance(self.body, str):
            return web.Response(status=self.status, text=self.body, headers=self.headers, content_type=self.kind)
        return web.json_response(self.body, status=self.status, headers=self.headers)


def refused(status: int, kind: str = "", text: str = "Vous ne pouvez pas faire cela.") -> Refusal:
    """The sentence is in the site's language, so nobody may match on it."""
    return Refusal(status, {"errors": [text]} | ({"error_type": kind} if kind else {}))


def not_found() -> Refusal:
    return refused(404, "not_found")


def forbidden() -> Refusal:
    return refused(403, "invalid_access")


@dataclass
class Ask:
    """`key`: that it came with; None: a visitor. `user`: who asks."""

    forum: Forum
    request: web.BaseRequest
    path: tuple[str, ...] = ()
    key: Key | None = None
    user: User | None = None
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def board(self) -> Board:
        return self.forum.board

    @property
    def query(self) -> MultiMapping[str]:
        return self.request.query

    def logged_in(self) -> User:
        if self.user is None:
            raise refused(403, "not_logged_in")
        return self.user

    def number(self, name: str, default: int = 0) -> int:
        """As Ruby's to_i: what is no number counts as 0."""
        found = re.match(r"\s*-?\d+", self.query.get(name, str(default)))
        return int(found[0]) if found else 0

    async def read_body(self) -> None:
        try:
            given = json.loads(await self.request.read() or b"{}")
        except ValueError:
            raise Refusal(400, {"status": 400, "error": "Bad Request"}) from None
        self.body = given if isinstance(given, dict) else {}
