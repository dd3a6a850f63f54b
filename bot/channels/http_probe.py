"""Single HTTP requests for the doctor: no retries, no redirects, the answer as received."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from bot.channels.findings import Halt, wrong
from bot.channels.interview import Interview, ask_address
from bot.decoding import decoded
from bot.locale import system_reason

TIMEOUT = 15.0  # seconds for one answer

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class HttpResult:
    """An answer. `body` is the JSON object; empty for any other body."""

    status: int
    headers: Mapping[str, str]
    text: str = field(repr=False)

    @property
    def body(self) -> Json:
        try:
            value = json.loads(self.text)
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def listed(self, key: str) -> list[Any]:
        """Return the list under `key`, or an empty one."""
        value = self.body.get(key)
        return value if isinstance(value, list) else []


class HttpProbe:
    """Client for one server. `area` of the doctor's report selects its sentences.

    Requests raise Halt if the server does not answer or asks for a pause.
    """

    def __init__(self, area: str, url: str, agent: str = "Concierge") -> None:
        self._area, self.url, self._agent = area, url.rstrip("/"), {"User-Agent": agent}
        self.headers = dict(self._agent)
        self._http = httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False)

    async def get(self, path: str, *, key: bool = True, **query: str) -> HttpResult:
        return await self._ask("GET", path, key, query, None)

    async def post(self, path: str, body: Json) -> HttpResult:
        return await self._ask("POST", path, True, {}, body)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _ask(self, method: str, path: str, key: bool, query: Mapping[str, str], body: Json | None) -> HttpResult:
        """Send a request; with `key`, with the headers that authenticate."""
        headers = self.headers if key else self._agent
        try:
            answer = await self._http.request(method, self.url + path, params=query, json=body, headers=headers)
        except (httpx.LocalProtocolError, UnicodeEncodeError):  # their messages quote the secret
            raise Halt(wrong("secret_unsendable")) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise Halt(wrong(f"{self._area}_silent", url=self.url, reason=system_reason(error))) from None
        if answer.status_code == 429:
            raise Halt(wrong(f"{self._area}_limited", seconds=answer.headers.get("Retry-After", "?")))
        return HttpResult(answer.status_code, answer.headers, decoded(answer.content))


Probe = Callable[[str], HttpProbe]
Check = Callable[[HttpProbe], Awaitable[object]]


async def ask_server(ask: Interview, key: str, default: str, probe: Probe, check: Check) -> HttpProbe | None:
    """Ask for an address until its server passes the check, which may raise Halt; None if the answer is empty."""
    while address := ask_address(ask, key, default):
        server = probe(address)
        try:
            await check(server)
        except Halt as halt:
            await server.aclose()
            ask.reject(halt.finding)
        else:
            return server
    return None
