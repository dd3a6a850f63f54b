"""A server that says anything: what the doctor must not stumble over."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from tests.web import listening

Said = str | tuple[str, int, dict[str, str]]
"""A body; or body, status and headers."""


@asynccontextmanager
async def serving(say: Callable[[str], Said]) -> AsyncIterator[str]:
    """The address of a server that answers each path so."""

    async def answer(request: web.Request) -> web.Response:
        said = say(request.path)
        body, status, headers = (said, 200, {}) if isinstance(said, str) else said
        return web.Response(text=body, status=status, headers=headers, content_type="application/json")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with listening(app) as address:
        yield address
