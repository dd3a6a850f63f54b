"""The table of routes, and the way of a request through what stands before them."""

from __future__ import annotations

import re
from collections.abc import Callable

from aiohttp import web

from tests.forum import access, reading, site, writing
from tests.forum.asking import Ask, Refusal, body_of, taken_apart

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
    ask.key = access.key_of(ask)
    ask.user = access.user_of(ask, ask.key) if ask.key else None
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
