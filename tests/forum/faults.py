"""What can go wrong between a client and a forum: answers instead of the forum's own, or after it did its work.

`forum.fail_next("POST /posts", lost(dropped))`: the post is made, the client does not hear of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from tests.forum.asking import TEXTS, Ask, Refusal

Go = Callable[[], Awaitable[web.StreamResponse]]
"""What the forum would do; call it for a fault that comes after the work."""
Answer = Callable[[Ask, Go], Awaitable[web.StreamResponse]]


@dataclass
class Fault:
    """For so many requests whose `METHOD /path` matches `where`."""

    where: str
    answer: Answer
    times: int


async def dropped(ask: Ask, go: Go) -> web.StreamResponse:
    """The connection ends without an answer."""
    if ask.request.transport is not None:
        ask.request.transport.close()
    return web.Response(status=503)


async def cut_short(ask: Ask, go: Go) -> web.StreamResponse:
    """Half of the answer, then the end of the connection."""
    whole = await go()
    body = whole.body if isinstance(whole, web.Response) and isinstance(whole.body, bytes) else b"{}"
    half = web.StreamResponse(headers={"Content-Length": str(len(body)), "Content-Type": "application/json"})
    await half.prepare(ask.request)
    await half.write(body[: len(body) // 2])
    return await dropped(ask, go)


def refusing(make: Callable[[Ask], Refusal]) -> Answer:
    async def answer(ask: Ask, go: Go) -> web.StreamResponse:
        refusal = make(ask)
        ask.forum.note_pause(ask, refusal)
        return refusal.response()

    return answer


def limited(seconds: int = 2, code: str | None = "admin_api_key_rate_limit") -> Answer:
    """A 429 in JSON; with a code header for every request, without one for this action [22 application_controller]."""
    headers = {"Retry-After": str(seconds)} | ({"Discourse-Rate-Limit-Error-Code": code} if code else {})
    body = {
        "errors": [TEXTS["wait"].format(seconds=seconds)],
        "error_type": "rate_limit",
        "extras": {"wait_seconds": seconds, "time_left": f"{seconds} seconds"},
    }
    return refusing(lambda ask: Refusal(429, body, headers))


def saying(status: int, page: str) -> Answer:
    """An HTML page, of a proxy or of Rails."""
    return refusing(lambda ask: Refusal(status, page, kind="text/html"))


def lost(answer: Answer) -> Answer:
    """The forum does what it was asked; the client gets `answer`."""

    async def work_first(ask: Ask, go: Go) -> web.StreamResponse:
        await go()
        return await answer(ask, go)

    return work_first


def silence(seconds: float) -> Answer:
    """No answer for so long, then the end of the connection."""

    async def answer(ask: Ask, go: Go) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return await dropped(ask, go)

    return answer


def held(until: asyncio.Event, after: bool = False) -> Answer:
    """The answer comes when `until` is set; the work is done then, or `after`: before it."""

    async def answer(ask: Ask, go: Go) -> web.StreamResponse:
        early = await go() if after else None
        await until.wait()
        return early or await go()

    return answer


BY_ADDRESS = """Slow down, too many requests from this IP address.
Please retry again in 1 seconds.
Error code: ip_10_secs_limit.
"""  # [N:22157421 request_tracker]
PAGE = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
FAULTS: dict[str, Answer] = {
    "500 with HTML": saying(500, PAGE.format("Internal Server Error")),
    "502 of a proxy": saying(502, PAGE.format("Bad Gateway")),
    "504 of a proxy": saying(504, PAGE.format("Gateway Time-out")),
    "503 read-only": refusing(lambda ask: ask.refusal(503, "read_only", "read_only")),
    "200 with a login page": saying(200, PAGE.format("Welcome to the hotel's network")),
    "a dropped connection": dropped,
    "an answer cut short": cut_short,
    "done, and the answer lost": lost(dropped),
    "done, and 502 for an answer": lost(saying(502, PAGE.format("Bad Gateway"))),
    "429 for every key of the site": limited(1),
    "429 for this action": limited(1, None),
    "429 by address, in plain text": refusing(
        lambda ask: Refusal(
            429, BY_ADDRESS, {"Retry-After": "1", "Discourse-Rate-Limit-Error-Code": "ip_10_secs_limit"}
        )
    ),
    # neither `errors` nor a header [N:1347231599]
    "429 of the search": refusing(lambda ask: Refusal(429, {"failed": "FAILED", "message": TEXTS["slow_down"]})),
    "429 of nginx": saying(429, PAGE.format("429 Too Many Requests")),
}
