"""The table of routes, and what stands before them: whether the key of a request may do it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from tests.forum import reading, site, writing
from tests.forum.asking import Ask, Refusal, body_of, taken_apart
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


Route = Callable[[Ask], web.Response]

ROUTES: list[tuple[str, str, str, Route]] = [
    ("GET", "/posts", "posts/latest", reading.posts_latest),
    ("GET", "/private-posts", "posts/latest", reading.posts_private),
    ("POST", "/posts", "posts/create", writing.posts_create),
    ("GET", r"/posts/(\d+)", "posts/show", reading.posts_show),
    ("PUT", r"/posts/(\d+)", "posts/update", writing.posts_update),
    ("DELETE", r"/posts/(\d+)", "posts/destroy", writing.posts_destroy),
    ("GET", r"/posts/by_number/(\d+)/(\d+)", "posts/by_number", reading.posts_by_number),
    ("GET", r"/posts/([^/]+)/pending", "posts/pending", writing.posts_pending),
    ("GET", r"/t/external_id/([\w-]+)", "topics/show_by_external_id", reading.topics_by_external_id),
    ("GET", r"/t/(\d+)/posts", "topics/posts", reading.topics_posts),
    ("GET", r"/t/(?:[^/]*[^/\d][^/]*/)?(\d+)", "topics/show", reading.topics_show),
    ("GET", r"/c/[^/]+/(\d+)", "list/category_latest", reading.list_category),
    ("GET", "/categories", "categories/index", reading.categories_index),
    ("GET", "/notifications", "notifications/index", site.notifications),
    ("GET", "/search", "search/show", site.search),
    ("GET", "/site/basic-info", "site/basic_info", site.basic_info),
    ("GET", "/about", "about/index", site.about),
    ("GET", "/session/scopes", "session/scopes", site.session_scopes),
    ("GET", "/session/current", "session/current", site.session_current),
    ("GET", r"/groups/([^/]+)", "groups/show", reading.groups_show),
    ("GET", r"/groups/([^/]+)/members", "groups/members", reading.groups_members),
]
OPEN = ("site/basic_info", "about/index", "session/current")
"""What a visitor may ask where a login is required."""


async def answer(ask: Ask) -> web.Response:
    """Raises Refusal."""
    route = _find(ask)
    ask.key = key_of(ask)
    ask.user = user_of(ask, ask.key) if ask.key else None
    if route is None:
        raise ask.not_found()
    if ask.forum.site.login_required and ask.user is None and ask.route not in OPEN:
        raise ask.refusal(403, "not_logged_in", "not_logged_in")
    ask.query = taken_apart(ask.request.query)
    if ask.request.method != "GET":
        ask.body = await body_of(ask.request)
    return route(ask)


def _find(ask: Ask) -> Route | None:
    """Paths take `.json`, or the header says it; else it is a page for people."""
    path = ask.request.path.removeprefix(ask.forum.folder)
    wants_json = path.endswith(".json") or "application/json" in ask.request.headers.get("Accept", "")
    if not wants_json and ask.request.method == "GET":
        raise Refusal(200, "<!DOCTYPE html><html><body>Discourse</body></html>", kind="text/html")
    path = path.removesuffix(".json").rstrip("/")
    for method, pattern, name, route in ROUTES:
        if ask.request.method == method and (found := re.fullmatch(pattern, path)):
            ask.path, ask.route = found.groups(), name
            return route
    return None
