"""What can go wrong between a client and a forum: answers instead of the forum's own, or after it did its work.

`forum.fail_next("POST /posts", lost(dropped))`: the post is made, the client does not hear of it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.forum.asking import Refusal, refused
from tests.reliability.proxy import cut_short, dropped, saying
from tests.reliability.proxy import lost as lost

Answer = Callable[[Any, Any], Awaitable[web.StreamResponse]]
"""Of the forum, in the place of a `Proxy`, and a request."""


@dataclass
class Fault:
    """For so many requests whose `METHOD /path` matches `where`."""

    where: str
    answer: Answer
    times: int


def refusing(refusal: Refusal) -> Answer:
    async def answer(forum: Any, request: Any) -> web.StreamResponse:
        return refusal.response()

    return answer


def limited(seconds: int = 2, code: str | None = "admin_api_key_rate_limit") -> Answer:
    """A 429 in JSON; with a code header for every request, without one for this action [22 application_controller]."""
    headers = {"Retry-After": str(seconds)} | ({"Discourse-Rate-Limit-Error-Code": code} if code else {})
    extras = {"wait_seconds": seconds, "time_left": f"{seconds} seconds"}
    body = {"errors": [f"Attendez {seconds} secondes."], "error_type": "rate_limit", "extras": extras}
    return refusing(Refusal(429, body, headers))


def silence(seconds: float) -> Answer:
    """No answer for so long, then the end of the connection."""

    async def answer(forum: Any, request: Any) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return await dropped(forum, request)

    return answer


def held(until: asyncio.Event, after: bool = False) -> Answer:
    """The answer comes when `until` is set; the work is done then, or `after`: before it."""

    async def answer(forum: Any, request: Any) -> web.StreamResponse:
        early: web.StreamResponse | None = await forum.forward(request) if after else None
        await until.wait()
        late: web.StreamResponse = early or await forum.forward(request)
        return late

    return answer


BY_ADDRESS = (  # [N:22157421 request_tracker]
    "Slow down, too many requests from this IP address.\nPlease retry again in 1 seconds.\n"
    "Error code: ip_10_secs_limit.\n",
    {"Retry-After": "1", "Discourse-Rate-Limit-Error-Code": "ip_10_secs_limit"},
)
PAGE = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
FAULTS: dict[str, Answer] = {
    "500 with HTML": saying(500, PAGE.format("Internal Server Error")),
    "502 of a proxy": saying(502, PAGE.format("Bad Gateway")),
    "504 of a proxy": saying(504, PAGE.format("Gateway Time-out")),
    "503 read-only": refusing(refused(503, "read_only")),
    "200 with a login page": saying(200, PAGE.format("Welcome to the hotel's network")),
    "a dropped connection": dropped,
    "an answer cut short": cut_short,
    "done, and the answer lost": lost(dropped),
    "done, and 502 for an answer": lost(saying(502, PAGE.format("Bad Gateway"))),
    "429 for every key of the site": limited(1),
    "429 for this action": limited(1, None),
    "429 by address, in plain text": refusing(Refusal(429, *BY_ADDRESS)),
    # neither `errors` nor a header [N:1347231599]
    "429 of the search": refusing(Refusal(429, {"failed": "FAILED", "message": "Réessayez plus tard."})),
    "429 of nginx": saying(429, PAGE.format("429 Too Many Requests")),
}
