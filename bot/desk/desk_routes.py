"""The routes of the desk: one table of method, path below `/desk` and page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence, Set
from functools import partial

from aiohttp import web

from bot.desk import entering, questions_page
from bot.desk.access import guard
from bot.desk.desk import Desk

Page = Callable[[Desk, web.Request], Awaitable[web.StreamResponse]]

ROUTES: Sequence[tuple[str, str, Page]] = (
    ("GET", "", questions_page.show),
    ("GET", "/enter/{token}", entering.ask),
    ("POST", "/enter/{token}", entering.enter),
    ("POST", "/leave", entering.leave),
)
TRIES: Set[str] = frozenset()
"""Paths whose POST changes nothing: asked while somebody types, without a look at the right each time."""


def desk_app(desk: Desk) -> web.Application:
    """To be mounted at `Desk.path`."""
    app = web.Application(middlewares=[guard(desk, TRIES)])
    for method, path, page in ROUTES:
        app.router.add_route(method, path, partial(page, desk))
    return app
