"""HTTP server: health, readiness, metrics, the forum's webhook; and how it treats connections and requests."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from functools import partial
from http import HTTPStatus
from typing import Any, cast

from aiohttp import web

log = logging.getLogger(__name__)

HEALTH, READY, METRICS = OWN = "/health", "/ready", "/metrics"
NAME = "concierge"  # the Server header, by which `doctor` recognises a running bot
MAX_BODY = 1 << 20  # bytes; the webhook of a post of 32000 characters, raw and cooked, has a quarter of it at most
BODY_TIMEOUT = 10.0  # seconds to receive the whole body
HEAD_TIMEOUT = 10.0  # seconds for the first request's head, which fits into a few packets
KEEP_ALIVE = 75.0  # seconds that an idle connection stays open
MAX_LINE = 64 << 10  # bytes of a request's first line: a question of 6,000 characters, each as six of them
MAX_CONNECTIONS = 100  # each is an open file
WEBHOOK_INTERVAL = 5.0  # seconds: a poll costs some of the requests that all API keys of a forum share
PORT_UNUSABLE = (
    "%s:%d cannot be used (%s): it runs without health, metrics, webhook and pages. "
    "If this bot already runs, stop one of the two; if another program has the port, change `port` under `web`"
)

Ready = Callable[[], Awaitable[Sequence[str]]]
"""Returns what is missing until the bot can answer; empty once it can."""
Render = Callable[[str], Awaitable[tuple[bytes, str]]]
"""Renders the metrics for an `Accept` header; returns the page and its `Content-Type`."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def add_webhook(app: web.Application, webhook: Webhook) -> None:
    app.add_routes([web.post(webhook.path, webhook.receive)])
    app.on_cleanup.append(webhook.close)


def application(ready: Ready, metrics: Render, waiting_for: Callable[[], str] = str) -> web.Application:
    """`waiting_for`: what an answer of `ready` still waits for, or nothing."""

    async def health(_: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def readiness(_: web.Request) -> web.Response:
        if missing := await ready():
            return web.Response(status=503, text="\n".join(missing))
        return web.Response(text=f"ready; waiting for {rest}" if (rest := waiting_for()) else "ready")

    async def figures(request: web.Request) -> web.Response:
        page, content_type = await metrics(request.headers.get("Accept", ""))
        return web.Response(body=page, headers={"Content-Type": content_type})

    app = web.Application(middlewares=[_one_spelling], client_max_size=MAX_BODY)
    app.add_routes([web.get(HEALTH, health), web.get(READY, readiness), web.get(METRICS, figures)])
    return app


@web.middleware
async def _one_spelling(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse `/%6Detrics`: a reverse proxy that hides `/metrics` may compare paths as they were sent."""
    if "%" in request.rel_url.raw_path:
        raise web.HTTPNotFound
    return await handler(request)


class Webhook:
    """Webhook of a network: calls `on_push`, debounced, for each request with a valid signature in the `header`.

    The body serves only to check the signature: the bot then polls the network itself.
    """

    def __init__(self, network: str, secret: str, header: str, on_push: Callable[[], None]) -> None:
        self.path, self._header = f"/hooks/{network}", header
        self._secret, self._push = secret.encode(), Debounce(on_push)

    async def receive(self, request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(BODY_TIMEOUT):
                body = await request.read()
        except TimeoutError:
            raise web.HTTPRequestTimeout from None
        except web.HTTPException:
            raise
        except Exception:  # aiohttp has many errors for a malformed length or chunk
            raise web.HTTPBadRequest from None
        if not is_signed(self._secret, body, request.headers.get(self._header, "")):
            raise web.HTTPForbidden
        self._push.call()
        return web.Response(text="ok")

    async def close(self, _: web.Application) -> None:
        self._push.cancel()


def is_signed(secret: bytes, body: bytes, signature: str) -> bool:
    """Whether `signature` is `sha256=` and the hexadecimal HMAC of the raw body; compares in constant time."""
    expected = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode(errors="surrogateescape"))


class Debounce:
    """Debounce with leading and trailing edge: call now, then at most once per `between` seconds."""

    def __init__(self, callback: Callable[[], None], between: float = WEBHOOK_INTERVAL) -> None:
        self._callback, self._between = callback, between
        self._quiet_until = float("-inf")
        self._timer: asyncio.TimerHandle | None = None

    def call(self) -> None:
        loop = asyncio.get_running_loop()
        if self._timer:
            return
        if loop.time() >= self._quiet_until:
            self._fire()
        else:
            self._timer = loop.call_at(self._quiet_until, self._fire)

    def cancel(self) -> None:
        if self._timer:
            self._timer.cancel()

    def _fire(self) -> None:
        self._timer = None
        self._quiet_until = asyncio.get_running_loop().time() + self._between
        self._callback()


async def serve(app: web.Application, host: str, port: int) -> None:
    """Serve until cancelled; log an error and return if the address cannot be used."""
    loop, runner = asyncio.get_running_loop(), web.AppRunner(app, shutdown_timeout=1.0)
    await runner.setup()
    connection = partial(
        Connection,
        cast(web.Server, runner.server),
        loop=loop,
        access_log=None,  # type: ignore[arg-type]  # None, as for AppRunner
        auto_decompress=False,  # the signature is that of the bytes sent
        keepalive_timeout=KEEP_ALIVE,
        max_line_size=MAX_LINE,
        lingering_time=1.0,
    )
    try:
        listener = await loop.create_server(connection, host, port)
    except OSError as error:
        log.error(PORT_UNUSABLE, host, port, error.strerror or error)
    else:
        with closing(listener):
            found = (cast(Any, resource) for resource in app.router.resources())
            paths = sorted({path for one in found for path in getattr(one, "paths", {one.canonical})})
            log.info("serving %s on %s port %d", ", ".join(paths), host, port)
            await asyncio.Event().wait()
    finally:
        await runner.cleanup()


class Connection(web.RequestHandler):
    """Limits the number of connections, and answers malformed requests without repeating or logging any of them."""

    __slots__ = ()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """At the limit the oldest connection that waits for its peer makes room, else the new one is refused: before
        aiohttp starts a task, which would fail, and log it, on the aborted transport."""
        others = cast(Sequence[Connection], self._manager.connections if self._manager else ())
        is_open = [other for other in others if other.transport and not other.transport.is_closing()]
        if len(is_open) >= MAX_CONNECTIONS:
            log.debug("%d connections are open: one is closed", MAX_CONNECTIONS)
            idle = next((other.transport for other in is_open if other._waits_for_peer), None)
            (idle or cast(asyncio.Transport, transport)).abort()
            if idle is None:
                return
        super().connection_made(transport)
        self._loop.call_later(HEAD_TIMEOUT, self._close_without_request)

    @property
    def _waits_for_peer(self) -> bool:
        """Whether the peer has to send a request, or its rest, or to read the response."""
        request = self._current_request
        return request is None or not request.content.is_eof()

    def _close_without_request(self) -> None:
        if not self._request_count:
            self.force_close()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if isinstance(exc, UnicodeEncodeError) and "Expect" in request.headers:  # aiohttp's 417 repeats what is no text
            status = HTTPStatus.EXPECTATION_FAILED
        elif status >= 500 and not isinstance(exc, ConnectionError):  # 504: aiohttp's own for a TimeoutError of ours
            start = "/".join(request.path.split("/")[:3])  # links to the desk have a secret behind that
            log.error("%s failed", start, exc_info=exc)
        response = web.Response(status=status, text=HTTPStatus(status).phrase.lower())
        response.force_close()
        return response

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Every response passes here, refusals too: one shape, and nothing of the request in it."""
        resp.headers["Server"] = NAME
        resp.headers.setdefault("Cache-Control", "no-store")
        if isinstance(resp, web.HTTPException):
            resp.text = HTTPStatus(resp.status).phrase.lower()
        return await super().finish_response(request, resp, start_time)
