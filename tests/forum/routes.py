"""The table of routes, and what stands before them: whether the key of a request may do it."""

import re
from collections.abc import Callable
from typing import Any

from aiohttp import web

from tests.forum import reading, writing
from tests.forum.asking import Ask, Key, Refusal, forbidden, not_found, refused
from tests.forum.state import User

Route = Callable[[Ask], Any]
"""Gives the JSON of a 200."""

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
    ("GET", "/notifications", "notifications/index", reading.notifications),
    ("GET", "/search", "search/show", reading.search),
    ("GET", "/site/basic-info", "site/basic_info", reading.basic_info),
    ("GET", "/about", "about/index", reading.about),
    ("GET", "/session/scopes", "session/scopes", reading.session_scopes),
    ("GET", "/session/current", "session/current", reading.session_current),
    ("GET", r"/groups/([^/]+)", "groups/show", reading.groups_show),
    ("GET", r"/groups/([^/]+)/members", "groups/members", reading.groups_members),
]
OPEN = ("site/basic_info", "about/index", "session/current")
"""What a visitor may ask where a login is required."""


async def answer(ask: Ask) -> web.Response:
    """Raises Refusal."""
    ask.path, name, route = _find(ask)
    if given := ask.request.headers.get("Api-Key"):
        ask.key = ask.forum.keys.get(given)
        ask.user = user_of(ask, ask.key, name)
    if route is None:
        raise not_found()
    if ask.forum.site.login_required and ask.user is None and name not in OPEN:
        raise refused(403, "not_logged_in")
    if ask.request.method != "GET":
        await ask.read_body()
    return web.json_response(route(ask))


def user_of(ask: Ask, key: Key | None, route: str) -> User:
    """[22 lookup_api_user]; a wrong key or name and a missing scope give the same 403."""
    user = ask.board.user(ask.request.headers.get("Api-Username") or (key.user if key else None))
    fits = key is not None and user is not None and (key.user or user.username).lower() == user.username.lower()
    if key is None or user is None or not fits or not key.allows(route, ask.request.method):
        raise forbidden()
    return user


def _find(ask: Ask) -> tuple[tuple[str, ...], str, Route | None]:
    """Paths take `.json`, or the header says it; else it is a page for people."""
    path = ask.request.path.removeprefix(ask.forum.folder)
    wants_json = path.endswith(".json") or "application/json" in ask.request.headers.get("Accept", "")
    if not wants_json and ask.request.method == "GET":
        raise Refusal(200, "<!DOCTYPE html><html><body>Discourse</body></html>", kind="text/html")
    path = path.removesuffix(".json").rstrip("/")
    for method, pattern, name, route in ROUTES:
        if ask.request.method == method and (found := re.fullmatch(pattern, path)):
            return found.groups(), name, route
    return (), "", None
