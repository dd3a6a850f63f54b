"""A server that says anything: what the doctor must not stumble over."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web

Said = str | tuple[str, int, dict[str, str]]
"""A body; or body, status and headers."""


@asynccontextmanager
async def serving(say: Callable[[str], Said]) -> AsyncIterator[str]:
    """The address of a server that answers each path so."""

    async def answer(request: web.BaseRequest) -> web.Response:
        said = say(request.path)
        body, status, headers = (said, 200, {}) if isinstance(said, str) else said
        return web.Response(text=body, status=status, headers=headers, content_type="application/json")

    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
