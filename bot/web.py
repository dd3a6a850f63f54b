"""The bot's own door for machines: health, readiness, and the doorbell that a forum's webhook rings. Nothing else.

It knows callables alone. Of a webhook nothing is read but its signature: whatever it says, the bot looks for itself.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from aiohttp import web

log = logging.getLogger(__name__)

HEALTH, READY, HOOK = "/health", "/ready", "/hooks/discourse"
NAME = "concierge"  # the Server header: `doctor` knows us by it
LARGEST = 1 << 20  # bytes of a webhook; a post of 32000 characters, raw and cooked, has a quarter of it at most
PATIENCE = 10.0  # seconds until the whole body must be there
BETWEEN = 5.0  # seconds between two rings: a look costs some of the requests that all keys of a forum share

Ready = Callable[[], Awaitable[Sequence[str]]]
"""What is missing until the bot can answer; nothing: it can."""


class Doorbell:
    """Rings at once, then once in `between` seconds: a hundred pushes are two rings, and the last is not lost."""

    def __init__(self, ring: Callable[[], None], between: float = BETWEEN) -> None:
        self._ring, self._between = ring, between
        self._quiet_until = float("-inf")
        self._waiting: asyncio.TimerHandle | None = None

    def push(self) -> None:
        loop = asyncio.get_running_loop()
        if self._waiting:
            return
        if loop.time() >= self._quiet_until:
            self._sound()
        else:
            self._waiting = loop.call_at(self._quiet_until, self._sound)

    def _sound(self) -> None:
        self._waiting = None
        self._quiet_until = asyncio.get_running_loop().time() + self._between
        self._ring()

    def close(self) -> None:
        if self._waiting:
            self._waiting.cancel()


class Hook:
    """The forum's webhook: `ring` is called when somebody came who knows the secret."""

    def __init__(self, secret: str, ring: Callable[[], None]) -> None:
        self._secret, self.bell = secret.encode(), Doorbell(ring)

    async def answer(self, request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(PATIENCE):
                body = await request.read()
        except TimeoutError:
            raise web.HTTPRequestTimeout from None
        if not signed(self._secret, body, request.headers.get("X-Discourse-Event-Signature", "")):
            raise web.HTTPForbidden
        self.bell.push()
        return web.Response(text="ok")


def signed(secret: bytes, body: bytes, signature: str) -> bool:
    """`sha256=` and the HMAC of the body as it came, in hexadecimal; compared in constant time."""
    right = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(right.encode(), signature.encode(errors="surrogateescape"))


async def serve(host: str, port: int, *, ready: Ready | None = None, hook: Hook | None = None) -> None:
    """Until cancelled; where the port cannot be had, a sentence in the log, and it ends."""
    runner = web.AppRunner(
        application(ready, hook), access_log=None, handle_signals=False, lingering_time=1.0, shutdown_timeout=1.0
    )
    await runner.setup()
    try:
        await _open(runner, host, port)
    finally:
        if hook:
            hook.bell.close()
        await runner.cleanup()


async def _open(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        reason = error.strerror or error
        log.error(
            "%s:%d cannot be used (%s): health and webhook are not served, the bot goes on without them. "
            "Another program may have the port: change `port` under `web` in the settings",
            host, port, reason,
        )  # fmt: skip
        return
    log.info("serving %s on http://%s:%d", ", ".join(_paths(runner.app)), f"[{host}]" if ":" in host else host, port)
    await asyncio.Event().wait()


def _paths(app: web.Application) -> list[str]:
    return sorted({resource.canonical for resource in app.router.resources()})


def application(ready: Ready | None = None, hook: Hook | None = None) -> web.Application:
    app = web.Application(client_max_size=LARGEST, middlewares=[_said])
    app.router.add_get(HEALTH, _health)
    if ready:
        app.router.add_get(READY, _readiness(ready))
    if hook:
        app.router.add_post(HOOK, hook.answer)
    return app


Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def _said(request: web.Request, handler: Answer) -> web.StreamResponse:
    """One shape for everything, refusals too; what goes wrong within us shows nothing of it outside."""
    try:
        response = await handler(request)
    except web.HTTPException as refusal:
        response = web.Response(status=refusal.status, text=refusal.reason.lower())
        with suppress(KeyError):
            response.headers["Allow"] = refusal.headers["Allow"]
    except Exception:
        log.exception("%s went wrong", request.path)
        response = web.Response(status=500, text="error")
    response.headers["Server"] = NAME
    response.headers["Cache-Control"] = "no-store"
    return response


async def _health(request: web.Request) -> web.Response:
    """The process is up: its loop answers."""
    return web.Response(text="ok")


def _readiness(ready: Ready) -> Answer:
    async def answer(request: web.Request) -> web.Response:
        missing = await ready()
        return web.Response(status=503 if missing else 200, text="\n".join(missing) or "ready")

    return answer
