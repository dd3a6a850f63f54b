"""Who asks, and whether the key may: keys and their scopes."""

from __future__ import annotations

from dataclasses import dataclass

from tests.forum.asking import Ask
from tests.forum.state import User

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


def key_of(ask: Ask) -> Key | None:
    if given := ask.request.headers.get("Api-Key"):
        if key := ask.forum.keys.get(given):
            return key
        raise ask.refusal(403, "invalid_key", "invalid_access")
    return None


def user_of(ask: Ask, key: Key) -> User:
    """[22 lookup_api_user]; a wrong name, a suspended user and a missing scope all give the same 403."""
    user = ask.forum.board.user(ask.request.headers.get("Api-Username") or key.user)
    fits = key.user is None or (user is not None and user.username.lower() == key.user.lower())
    if user is None or not fits or user.suspended or not key.allows(ask.route, ask.request.method):
        raise ask.refusal(403, "invalid_key", "invalid_access")
    return user
