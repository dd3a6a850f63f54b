"""The bot's own door for machines: health, readiness, figures, and the doorbell of a forum's webhook. Nothing else.

It knows callables alone. Of a webhook nothing is read but its signature: whatever it says, the bot looks for itself.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import cast

from aiohttp import HttpVersion11, web

log = logging.getLogger(__name__)

HEALTH, READY, METRICS, HOOK = "/health", "/ready", "/metrics", "/hooks/discourse"
NAME = "concierge"  # the Server header: `doctor` knows us by it
LARGEST = 1 << 20  # bytes of a webhook; a post of 32000 characters, raw and cooked, has a quarter of it at most
PATIENCE = 10.0  # seconds until the whole body must be there
KEPT = 75.0  # seconds that a connection stays open for the next request
MOST = 100  # connections at once: each is an open file, and the bot has better uses for those
BETWEEN = 5.0  # seconds between two rings: a look costs some of the requests that all keys of a forum share

Ready = Callable[[], Awaitable[Sequence[str]]]
"""What is missing until the bot can answer; nothing: it can."""
Figures = Callable[[str], Awaitable[tuple[bytes, str]]]
"""The page of figures for an `Accept` header, and its `Content-Type`."""


class Debounce:
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
        self._secret, self.bell = secret.encode(), Debounce(ring)

    async def answer(self, request: web.BaseRequest) -> web.Response:
        try:
            async with asyncio.timeout(PATIENCE):
                body = await request.read()
        except TimeoutError:
            raise web.HTTPRequestTimeout from None
        except web.HTTPException:
            raise
        except Exception:  # a length that is none, chunks that are none: the library has an error for each
            raise web.HTTPBadRequest from None
        if not signed(self._secret, body, request.headers.get("X-Discourse-Event-Signature", "")):
            raise web.HTTPForbidden
        self.bell.push()
        return web.Response(text="ok")


def signed(secret: bytes, body: bytes, signature: str) -> bool:
    """`sha256=` and the HMAC of the body as it came, in hexadecimal; compared in constant time."""
    right = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(right.encode(), signature.encode(errors="surrogateescape"))


async def serve(
    host: str, port: int, *, ready: Ready | None = None, figures: Figures | None = None, hook: Hook | None = None
) -> None:
    """Until cancelled; where the port cannot be had, a sentence in the log, and it ends."""
    routes = _routes(ready, figures, hook)
    runner = web.ServerRunner(_Server(routes), handle_signals=False, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await _open(runner, host, port, routes)
    finally:
        if hook:
            hook.bell.close()
        await runner.cleanup()


async def _open(runner: web.ServerRunner, host: str, port: int, routes: Routes) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        reason = error.strerror or error
        log.error(
            "%s:%d cannot be used (%s): health, figures and webhook are not served, the bot goes on without them. "
            "Another program may have the port: change `port` under `web` in the settings",
            host, port, reason,
        )  # fmt: skip
        return
    log.info("serving %s on http://%s:%d", ", ".join(sorted(routes)), f"[{host}]" if ":" in host else host, port)
    await asyncio.Event().wait()


Answer = Callable[[web.BaseRequest], Awaitable[web.Response]]
Routes = Mapping[str, tuple[str, Answer]]
"""By path: the methods that it takes, and what answers."""

LOOK, PUSH = "GET,HEAD", "POST"


def _routes(ready: Ready | None, figures: Figures | None, hook: Hook | None) -> Routes:
    routes: dict[str, tuple[str, Answer]] = {HEALTH: (LOOK, _health)}
    if ready:
        routes[READY] = LOOK, _readiness(ready)
    if figures:
        routes[METRICS] = LOOK, _figures(figures)
    if hook:
        routes[HOOK] = PUSH, hook.answer
    return routes


async def _health(request: web.BaseRequest) -> web.Response:
    """The process is up: its loop answers."""
    return web.Response(text="ok")


def _readiness(ready: Ready) -> Answer:
    async def answer(request: web.BaseRequest) -> web.Response:
        missing = await ready()
        return web.Response(status=503 if missing else 200, text="\n".join(missing) or "ready")

    return answer


def _figures(figures: Figures) -> Answer:
    async def answer(request: web.BaseRequest) -> web.Response:
        page, kind = await figures(request.headers.get("Accept", ""))
        return web.Response(body=page, headers={"Content-Type": kind})

    return answer


class _Server(web.Server):
    """The library's own routing answers some requests by itself, in words and with headers of its own."""

    def __init__(self, routes: Routes) -> None:
        super().__init__(self._answer)
        self._routes = routes

    def __call__(self) -> web.RequestHandler:
        """A new connection. Bodies come as they were sent, for the signature is of that; nothing is unpacked."""
        return _Connection(
            self,
            loop=asyncio.get_running_loop(),
            access_log=None,  # type: ignore[arg-type]  # none
            auto_decompress=False,
            keepalive_timeout=KEPT,
            lingering_time=1.0,
        )

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        try:
            return _shaped(await self._routed(request))
        except web.HTTPException as refusal:
            return _refusal(refusal.status)
        except Exception:
            log.exception("%s went wrong", request.path)  # only paths of ours come as far as this
            return _refusal(500)

    async def _routed(self, request: web.BaseRequest) -> web.Response:
        route = self._routes.get(request.rel_url.raw_path)
        if route is None:
            return _refusal(404)
        methods, answer = route
        if request.method not in methods.split(","):
            return _refusal(405, {"Allow": methods})
        if request.version == HttpVersion11 and request.headers.get("Expect", "").lower() == "100-continue":
            try:
                await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            except ConnectionError:  # hung up meanwhile: nobody reads the answer, and it is no error of ours
                raise web.HTTPBadRequest from None
            request.writer.output_size = 0  # that was not yet the answer
        return await answer(request)


class _Connection(web.RequestHandler):
    __slots__ = ()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Refuse it before the library starts a task for it, which would fail on the aborted transport, in the log."""
        if self._manager is None or len(self._manager.connections) < MOST:
            return super().connection_made(transport)
        log.debug("%d connections are open: refused another", MOST)
        cast(asyncio.Transport, transport).abort()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What is no HTTP: anybody can send it, so it is no error of the log, and none of it is repeated."""
        log.debug("%d for what is no HTTP", status)
        refusal = _refusal(status)
        refusal.force_close()
        return refusal


def _refusal(status: int, headers: Mapping[str, str] | None = None) -> web.Response:
    return _shaped(web.Response(status=status, text=HTTPStatus(status).phrase.lower(), headers=headers))


def _shaped(response: web.Response) -> web.Response:
    """One shape for everything, refusals too; what goes wrong within us shows nothing of it outside."""
    response.headers["Server"] = NAME
    response.headers["Cache-Control"] = "no-store"
    return response
