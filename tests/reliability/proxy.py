"""Between the bot and its homeserver: passes everything on, and makes the faults that networks make."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Self

import aiohttp
from aiohttp import web
from yarl import URL

SYNC, SEND, MESSAGES = "/sync", "/send/|/redact/", "/messages"
"""What a fault may concern: parts of the address."""

Answer = Callable[["Proxy", web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Fault:
    """`answer` instead of what the homeserver says, for so many requests whose address holds `where`."""

    where: str
    answer: Answer
    times: int


class Proxy:
    """`async with Proxy(homeserver.url) as proxy:`; `url` is where the bot goes. `requests`: all that it asked."""

    def __init__(self, homeserver: str) -> None:
        self._homeserver = homeserver
        self._faults: list[Fault] = []
        self.last_sync: web.Response | None = None  # that brought anything
        self.requests: list[tuple[str, str, int]] = []  # method, address, status
        self.url = ""
        self.cut = False  # nothing passes: the network is down

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=90), auto_decompress=False)
        self._runner = web.ServerRunner(web.Server(self._handle), shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
        await self._http.close()

    def fail(self, where: str, answer: Answer, times: int = 1) -> None:
        self._faults.append(Fault(where, answer, times))

    def heal(self) -> None:
        self._faults.clear()
        self.cut = False

    @property
    def waiting(self) -> int:
        """How many faults are still to be made."""
        return sum(fault.times for fault in self._faults)

    async def forward(self, request: web.Request, query: dict[str, str] | None = None) -> web.Response:
        url = URL(self._homeserver + request.raw_path, encoded=True)
        kept = {name: request.headers[name] for name in ("Authorization", "Content-Type") if name in request.headers}
        async with self._http.request(
            request.method, url.update_query(query) if query else url, data=await request.read(), headers=kept
        ) as answer:
            headers = {name: answer.headers[name] for name in ("Retry-After",) if name in answer.headers}
            headers["Date"] = format_datetime(datetime.now(UTC), usegmt=True)
            body = await answer.read()
            return web.Response(
                status=answer.status, body=body, headers=headers, content_type=answer.content_type or "text/plain"
            )

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        assert isinstance(request, web.BaseRequest)
        try:
            answer = await self._answer(request)  # type: ignore[arg-type]
        except aiohttp.ClientError:  # the homeserver is down
            answer = await dropped(self, request)  # type: ignore[arg-type]
        self.requests.append((request.method, request.path, answer.status))
        return answer

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if self.cut:
            return await dropped(self, request)
        for fault in self._faults:
            if fault.times and re.search(fault.where, request.path):
                fault.times -= 1
                return await fault.answer(self, request)
        answer = await self.forward(request)
        if request.path.endswith(SYNC) and b'"timeline"' in (answer.body or b""):  # type: ignore[operator]
            self.last_sync = answer
        return answer


def saying(status: int, body: object = None, **headers: str) -> Answer:
    """Text is sent as HTML, everything else as JSON."""

    async def answer(proxy: Proxy, request: web.Request) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if isinstance(body, str):
            return web.Response(status=status, text=body, headers=named, content_type="text/html")
        return web.json_response(body, status=status, headers=named)

    return answer


def lost(answer: Answer) -> Answer:
    """The homeserver does what it was asked; the bot gets `answer`."""

    async def forward_first(proxy: Proxy, request: web.Request) -> web.StreamResponse:
        await proxy.forward(request)
        return await answer(proxy, request)

    return forward_first


async def dropped(proxy: Proxy, request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.close()
    return web.Response(status=503)


async def cut_short(proxy: Proxy, request: web.Request) -> web.StreamResponse:
    """Half of what the homeserver says, then the end of the connection."""
    whole = await proxy.forward(request)
    assert isinstance(whole.body, bytes)
    half = web.StreamResponse(headers={"Content-Length": str(len(whole.body)), "Content-Type": "application/json"})
    await half.prepare(request)
    await half.write(whole.body[: len(whole.body) // 2])
    return await dropped(proxy, request)


def held(until: asyncio.Event) -> Answer:
    """Then the end of the connection."""

    async def answer(proxy: Proxy, request: web.Request) -> web.StreamResponse:
        await until.wait()
        return await dropped(proxy, request)

    return answer


async def again(proxy: Proxy, request: web.Request) -> web.StreamResponse:
    """The same batch as before."""
    if proxy.last_sync is None:
        return await proxy.forward(request)
    return web.Response(body=proxy.last_sync.body, content_type="application/json")


async def with_a_gap(proxy: Proxy, request: web.Request) -> web.StreamResponse:
    """Only the newest event of each room: the homeserver says `limited` for the rest."""
    wanted: dict[str, Any] = json.loads(request.query["filter"])
    wanted["room"]["timeline"]["limit"] = 1
    return await proxy.forward(request, {"filter": json.dumps(wanted)})


LIMITED = {"errcode": "M_LIMIT_EXCEEDED", "error": "Too Many Requests", "retry_after_ms": 300}
FAULTS: dict[str, Answer] = {
    "500 with HTML": saying(500, "<html>Internal Server Error</html>"),
    "502": saying(502, "<html>Bad Gateway</html>"),
    "401 of a proxy": saying(401, "<html>Who are you?</html>"),
    "200 with a login page": saying(200, "<html>Welcome to the hotel's network</html>"),
    "a dropped connection": dropped,
    "a body cut short": cut_short,
    "done, and the answer lost": lost(dropped),
    "done, and 502 for an answer": lost(saying(502, "<html>Bad Gateway</html>")),
    # last, because a bot that was limited is slower for a while
    "429 with a header and a body": saying(429, LIMITED, Retry_After="1"),
    "429 with the old body alone": saying(429, LIMITED),
    "429 without a body": saying(429, "", Retry_After="1"),
}
