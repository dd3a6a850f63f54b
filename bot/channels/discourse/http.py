"""HTTP requests to the forum: pace, retries and redirects; errors of HTTP become those of `messages`."""

from __future__ import annotations

import asyncio
import json
import math
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any

import httpx
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from bot.channels.backoff import http_date, pause
from bot.channels.discourse.models import part
from bot.channels.discourse.rate_limit import EVERYTHING, TokenBucket
from bot.decoding import decoded
from bot.messages import AuthenticationFailed, NetworkRefusal, RateLimited, Unreachable

# It must contain 'discourse' and not 'bot': `lib/crawler_detection.rb` may refuse others as crawlers.
AGENT = "concierge-discourse-client/1"
TIMEOUT = 30.0  # seconds for one answer
LARGEST = 30_000_000  # bytes of one answer; a page of fifty posts of 32,000 characters, raw and cooked, has a third
TRIES = 3  # of a GET
HOPS = 4  # requests for one answer, redirects included
UNKNOWN_PAUSE = 10.0  # seconds after a 429 that does not say how long
_SENTENCES = 300  # characters quoted of the forum's own sentences
_PLAIN = 100  # characters quoted of a proxy's plain text

READ, SEARCH, CREATE, EDIT, DELETE = "read", "search", "create", "edit", "delete"  # each has pauses of its own
_WRITING = {CREATE, EDIT, DELETE}


class Denied(NetworkRefusal):
    """The forum's refusal: its status, and its sentences, which are in the language of the site."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status


class DiscourseNotFound(Denied):
    """The object does not exist, or is not visible to the bot (404, 410)."""


class Forbidden(Denied):
    """401, 403: a wrong key, a missing scope and missing rights get the same answer."""


class Invalid(Denied):
    """422: the text is not accepted: too short, too similar, a closed topic, too late to edit …"""


_REFUSALS = {401: Forbidden, 403: Forbidden, 404: DiscourseNotFound, 410: DiscourseNotFound, 422: Invalid}


class DiscourseHttp:
    """HTTP access to one forum as the user of the `key`; without a key, as a visitor. `url` may have a path.

    `pace` is in requests a second in the long run; twenty may follow each other at once. `beside` is another client of
    the same forum, with which pace and pauses are shared. `on_time` receives the forum's time with each answer;
    `on_rate_limited` is called with each 429. `seconds_left`: see `Runtime`.
    """

    def __init__(
        self,
        url: str,
        username: str | None = None,
        key: str | None = None,
        pace: float = 1.0,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        beside: DiscourseHttp | None = None,
        on_time: Callable[[datetime], None] = lambda _: None,
        on_rate_limited: Callable[[], None] = lambda: None,
        seconds_left: Callable[[], float] = lambda: math.inf,
    ) -> None:
        self._url, self._sleep, self._on_time = url.rstrip("/"), sleep, on_time
        self._seconds_left = seconds_left
        self._bucket: TokenBucket = beside._bucket if beside else TokenBucket(pace, clock, sleep, on_rate_limited)
        account = {"Api-Key": key, **({"Api-Username": username} if username else {})} if key else {}
        texts = {"Accept": "application/json", "User-Agent": AGENT, **account}
        headers = {name.encode(): value.encode() for name, value in texts.items()}  # user names may have accents
        self._http = httpx.AsyncClient(headers=headers, timeout=TIMEOUT, transport=transport)

    async def get(self, path: str, query: Mapping[str, Any] | None = None, action: str = READ) -> Any:
        """Return the answer's JSON, retried if no answer came. `path` is below the forum's address, and ends with
        `.json`."""
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(Unreachable),
            stop=stop_after_attempt(TRIES),
            wait=wait_exponential_jitter(multiplier=0.5, max=5),
            sleep=self._sleep,
            reraise=True,
        )
        return await retrying(self.request, "GET", path, action, query)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def request(
        self, method: str, path: str, action: str, query: Mapping[str, Any] | None = None, body: object = None
    ) -> Any:
        """Send a request once, and return the answer's JSON; None for the empty one to a DELETE.

        After Unreachable the caller must find out whether to send a post again.
        """
        url = httpx.URL(self._url + path, params=query or None)
        for _ in range(HOPS):
            async with self._bucket.slot(action, urgent=action in _WRITING):
                response = await self._send(method, url, body)
                if response.has_redirect_location:
                    url = self._redirected(response, method)
                    continue
                if response.status_code == 429:
                    body_wait = part(_json(response), "extras", "wait_seconds")
                    seconds = pause(response.headers.get("Retry-After"), body_wait, UNKNOWN_PAUSE)
                    seconds += 1 + random.random()  # noqa: S311 (jitter)
                    # a code means a limit of all requests (`lib/middleware/request_tracker.rb`), none that of an action
                    is_of_all = "Discourse-Rate-Limit-Error-Code" in response.headers
                    self._bucket.pause(EVERYTHING if is_of_all else action, seconds)
                    raise RateLimited(seconds)
                if not response.is_success:
                    raise _refusal(response)
                content = None if method == "DELETE" and not response.content.strip() else _required_json(response)
                if moment := http_date(response.headers.get("Date")):
                    self._on_time(moment)
                return content
        raise Unreachable("the forum sends us round in circles")

    async def _send(self, method: str, url: httpx.URL, body: object) -> httpx.Response:
        """Return the whole answer, unpacked. Raises Unreachable for an endless one, which would fill the memory.

        What changes something is sent only while this process may speak for the network, and is given up with that.
        """
        content = bytearray()
        seconds = TIMEOUT if method == "GET" else min(TIMEOUT, self._seconds_left())
        if not seconds:
            raise Unreachable("another process may speak for this network by now")
        try:
            # The timeout holds in total; httpx's is for each step.
            async with asyncio.timeout(seconds), self._http.stream(method, url, json=body) as response:
                async for piece in response.aiter_bytes():
                    content += piece
                    if len(content) > LARGEST:
                        raise Unreachable(f"the forum's answer is larger than {LARGEST // 1_000_000} MB")
        except (httpx.TimeoutException, TimeoutError) as error:
            raise Unreachable(f"no answer within {seconds:.0f} seconds") from error
        except httpx.LocalProtocolError:  # whose message quotes the secret
            reason = "the API key or the user name has a sign that cannot be sent: give it again"
            raise AuthenticationFailed(reason) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable(str(error) or type(error).__name__) from error
        response.headers.pop("Content-Encoding", None)
        status, headers = response.status_code, response.headers
        return httpx.Response(status, headers=headers, content=bytes(content), request=response.request)

    def _redirected(self, response: httpx.Response, method: str) -> httpx.URL:
        """Return the target of a redirect, always at the forum's own address: another server would get the key."""
        target = response.url.join(response.headers["Location"])
        if target.path.endswith("/login"):
            raise Forbidden("the forum shows nothing to who is not logged in", 403)
        own = httpx.URL(self._url)
        url = own.copy_with(raw_path=target.copy_with(query=target.query or response.url.query or None).raw_path)
        if method != "GET" or url == response.url or not target.path.startswith(f"{own.path.rstrip('/')}/"):
            origin = f"{target.scheme}://{target.netloc.decode()}"
            raise Unreachable(f"the forum stands at {origin}: write that address into the settings")
        return url


def _refusal(response: httpx.Response) -> Denied | Unreachable:
    """Return the error of an answer. A page, or a proxy's answer, does not say what the forum itself would answer."""
    answer, status = _json(response), response.status_code
    if status == 503 and part(answer, "error_type") == "read_only":
        return Unreachable("the forum is in read-only mode")  # during a backup or an upgrade
    is_foreign = response.content.strip() and not (isinstance(answer, dict) and answer)
    if status < 400 or status >= 500 or status == 408 or is_foreign:
        is_plain = response.headers.get("Content-Type", "").startswith("text/plain")  # "Crawler is not allowed!"
        text = f" ({' '.join(decoded(response.content).split())[:_PLAIN]})" if is_plain else ""
        return Unreachable(f"the forum answers {status}{text}")
    errors = part(answer, "errors")
    texts = errors if isinstance(errors, list) else [part(answer, "message")]
    words = [str(status), *(word for text in texts if isinstance(text, str) for word in text.split())]
    return _REFUSALS.get(status, Denied)(" ".join(words)[:_SENTENCES], status)


def _required_json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unreachable("the forum answers with a page where data was expected") from error


def _json(response: httpx.Response) -> object:
    """Return the JSON, or None for any other answer."""
    with suppress(Unreachable):
        return _required_json(response)
    return None


@asynccontextmanager
async def outlasts_revocation() -> AsyncIterator[None]:
    """Report a key revoked while the bot runs as an unreachable forum: it must not end the bot on other networks."""
    try:
        yield
    except AuthenticationFailed as refusal:
        raise Unreachable(str(refusal)) from refusal
