"""One call to the forum, and what its answers mean: the only place where HTTP's errors become ours."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import httpx
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from bot.channels.discourse.rate_limit import EVERYTHING, TokenBucket
from bot.channels.retry_after import http_date, pause
from bot.messages import AuthenticationFailed, NetworkRefusal, RateLimited, Unreachable

# With 'discourse' in it and without 'bot': else some forums take us for a crawler and refuse us.
AGENT = "concierge-discourse-client/1"
PATIENCE = 30.0  # seconds for one answer
TRIES = 3  # of what may be asked twice
HOPS = 4  # requests for one answer: redirects are followed
UNKNOWN_PAUSE = 10.0  # seconds after a 429 that does not say how long
_SAID = 300  # characters of the forum's own sentences that are repeated
_PLAIN = 100  # of something in between

READ, SEARCH, CREATE, EDIT, DELETE = "read", "search", "create", "edit", "delete"
_WRITING = {CREATE, EDIT, DELETE}


class ReadOnly(Unreachable):
    """The forum takes nothing at present: it is being backed up or upgraded."""


class Denied(NetworkRefusal):
    """The forum's own refusal: its status and its sentences, in the language of the site: not to be matched."""

    def __init__(self, said: str, status: int, sentences: tuple[str, ...] = ()) -> None:
        super().__init__(said)
        self.status, self.sentences = status, sentences


class DiscourseNotFound(Denied):
    """It does not exist, or not for us (404, 410)."""


class Forbidden(Denied):
    """We may not (401, 403). A wrong key, a key that is not for this and a want of rights all get this answer."""


class Invalid(Denied):
    """What we wrote is not taken (422): too short, too similar, a closed topic, too late to edit …"""


class Conflict(Denied):
    """Somebody changed it meanwhile (409)."""


_REFUSALS: Mapping[int, type[Denied]] = {
    401: Forbidden,
    403: Forbidden,
    404: DiscourseNotFound,
    410: DiscourseNotFound,
    409: Conflict,
    422: Invalid,
}


class DiscourseHttp:
    """The HTTP side of one forum. `url` may have a folder; without a `key` we are a visitor."""

    def __init__(
        self,
        url: str,
        username: str | None,
        key: str | None,
        pace: float,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        pacing: TokenBucket | None = None,
        told_time: Callable[[datetime], None] = lambda _: None,
        limited: Callable[[], None] = lambda: None,
    ) -> None:
        self._url, self._sleep, self._told_time = url.rstrip("/"), sleep, told_time
        self.pacing = pacing or TokenBucket(pace, clock, sleep, limited)
        who = {"Api-Key": key, **({"Api-Username": username} if username else {})} if key else {}
        named = {"Accept": "application/json", "User-Agent": AGENT, **who}
        headers = {name.encode(): value.encode() for name, value in named.items()}  # user names may have accents
        self._http = httpx.AsyncClient(headers=headers, timeout=PATIENCE, transport=transport)

    async def get(self, path: str, query: Mapping[str, Any] | None = None, action: str = READ) -> Any:
        """The answer's JSON. Asked again where no answer came. `path` ends with `.json`, below the forum's address."""
        again = AsyncRetrying(
            retry=retry_if_exception_type(Unreachable),
            stop=stop_after_attempt(TRIES),
            wait=wait_exponential_jitter(multiplier=0.5, max=5),
            sleep=self._sleep,
            reraise=True,
        )
        return await again(self._call, "GET", path, action, dict(query or {}), None)

    async def write(self, method: str, path: str, action: str, body: Mapping[str, Any] | None = None) -> Any:
        """Asked once: whether to ask again is for the caller to find out."""
        return await self._call(method, path, action, {}, body)

    async def close(self) -> None:
        await self._http.aclose()

    async def _call(
        self, method: str, path: str, action: str, query: Mapping[str, Any], body: Mapping[str, Any] | None
    ) -> Any:
        url = httpx.URL(self._url + path, params=query or None)
        for _ in range(HOPS):
            async with self.pacing.turn(action, urgent=action in _WRITING):
                response = await self._answer(self._http.build_request(method, url, json=body))
                if not response.has_redirect_location:
                    return self._understood(response, method, action)
                url = self._onward(response, method)
        raise Unreachable("the forum sends us round in circles")

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        try:
            async with asyncio.timeout(PATIENCE):  # of the whole; httpx counts each of its steps
                return await self._http.send(request)
        except (httpx.TimeoutException, TimeoutError) as error:
            raise Unreachable(f"no answer within {PATIENCE:.0f} seconds") from error
        except httpx.LocalProtocolError:  # its words quote what cannot be sent
            raise AuthenticationFailed(
                "the API key or the user name has a sign that cannot be sent: give it again"
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable(str(error) or type(error).__name__) from error

    def _onward(self, response: httpx.Response, method: str) -> httpx.URL:
        """Where a redirect leads, always asked at our own address: another one would be handed our key."""
        there = response.url.join(response.headers["Location"])
        if there.path.endswith("/login"):
            raise Forbidden("the forum shows nothing to who is not logged in", 403)
        own = httpx.URL(self._url)
        here = own.copy_with(raw_path=there.copy_with(query=there.query or response.url.query or None).raw_path)
        if method != "GET" or here == response.url or not there.path.startswith(f"{own.path.rstrip('/')}/"):
            raise Unreachable(f"the forum stands at {_origin(there)}: write that address into the settings")
        return here

    def _understood(self, response: httpx.Response, method: str, action: str) -> Any:
        """The answer's JSON; None for an empty one where that is usual."""
        if response.status_code == 429:
            raise self._paused(response, action)
        if not response.is_success:
            raise _refusal(response)
        said = None if method == "DELETE" and not response.content.strip() else _content(response)
        if moment := http_date(response.headers.get("Date")):
            self._told_time(moment)
        return said

    def _paused(self, response: httpx.Response, action: str) -> RateLimited:
        """A code in the header: a limit of all that we ask. None: of this kind alone."""
        seconds = _wait(response) + 1 + random.random()  # noqa: S311 (so that many clients do not come back at once)
        everything = "Discourse-Rate-Limit-Error-Code" in response.headers
        self.pacing.pause(EVERYTHING if everything else action, seconds)
        return RateLimited(seconds)


def _origin(url: httpx.URL) -> str:
    return f"{url.scheme}://{url.netloc.decode()}"


def _wait(response: httpx.Response) -> float:
    """In seconds."""
    extras = _object(_object(_json(response)).get("extras"))
    return pause(response.headers.get("Retry-After"), extras.get("wait_seconds"), UNKNOWN_PAUSE)


def _refusal(response: httpx.Response) -> Denied | Unreachable:
    """A page, or the words of something in between, say nothing of what the forum itself would answer."""
    said, status = _object(_json(response)), response.status_code
    if status == 503 and said.get("error_type") == "read_only":
        return ReadOnly("the forum is in read-only mode")
    if status < 400 or status >= 500 or status == 408 or (response.content.strip() and not said):
        return Unreachable(f"the forum answers {status}{_plain(response)}")
    sentences = _sentences(said)
    kind = _REFUSALS.get(status, Denied)
    return kind(" ".join([str(status), *sentences])[:_SAID], status, sentences)


def _plain(response: httpx.Response) -> str:
    """What a short answer in plain text says, for example that we are taken for a crawler."""
    if not response.headers.get("Content-Type", "").startswith("text/plain"):
        return ""
    return f" ({' '.join(response.text.split())[:_PLAIN]})"


def _sentences(said: Mapping[str, Any]) -> tuple[str, ...]:
    errors = said.get("errors")
    found = errors if isinstance(errors, list) else [said.get("message")]
    return tuple(" ".join(text.split()) for text in found if isinstance(text, str))


def _content(response: httpx.Response) -> Any:
    try:
        return response.json()
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unreachable("the forum answers with a page where data was expected") from error


def _json(response: httpx.Response) -> object:
    try:
        return response.json()
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
        return None


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def pieces(values: Sequence[int], size: int) -> list[Sequence[int]]:
    return [values[start : start + size] for start in range(0, len(values), size)]
