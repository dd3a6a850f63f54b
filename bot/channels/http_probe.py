"""One question to a server, and its answer as it came: the doctor wants to see what a client would hide."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from bot.channels.findings import Halt, wrong

PATIENCE = 15.0  # seconds for one answer

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class HttpResult:
    """`body`: the JSON object; empty for anything else. `text`: as it came."""

    status: int
    headers: Mapping[str, str]
    text: str = field(repr=False)

    @property
    def body(self) -> Json:
        try:
            found = json.loads(self.text)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def listed(self, key: str) -> list[Any]:
        """What stands under `key`, if it is a list."""
        found = self.body.get(key)
        return found if isinstance(found, list) else []


class HttpProbe:
    """Of one server, without following where it sends us and without trying twice. `where`: the area, for sentences.

    Raises Halt when it does not answer, or asks for a pause.
    """

    def __init__(self, where: str, url: str, headers: Mapping[str, str]) -> None:
        self._where, self.url = where, url.rstrip("/")
        self.headers = dict(headers)
        self._http = httpx.AsyncClient(timeout=PATIENCE, follow_redirects=False)

    async def get(self, path: str, *, key: bool = True, **query: str) -> HttpResult:
        return await self._ask("GET", path, key, query, None)

    async def post(self, path: str, body: Json) -> HttpResult:
        return await self._ask("POST", path, True, {}, body)

    async def close(self) -> None:
        await self._http.aclose()

    async def _ask(self, method: str, path: str, key: bool, query: Mapping[str, str], body: Json | None) -> HttpResult:
        """`key`: with the headers that say who we are."""
        named = self.headers if key else {"User-Agent": self.headers.get("User-Agent", "Concierge")}
        try:
            answer = await self._http.request(method, self.url + path, params=query, json=body, headers=named)
        except (httpx.LocalProtocolError, UnicodeEncodeError):  # their words quote what cannot be sent
            raise Halt(wrong("secret_unsendable")) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            reason = str(error) or type(error).__name__
            raise Halt(wrong(f"{self._where}_silent", url=self.url, reason=reason)) from None
        if answer.status_code == 429:
            raise Halt(wrong(f"{self._where}_limited", seconds=answer.headers.get("Retry-After", "?")))
        return HttpResult(answer.status_code, answer.headers, answer.text)
