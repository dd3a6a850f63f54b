"""One address is asked: HEAD, then GET, redirects followed by hand, and each connection goes to the very IP address
that was looked at. Nothing is sent along but the request, and of an answer only its head is read."""

from __future__ import annotations

import asyncio
import socket
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx

from .ssrf import Allowed, Resolve, is_public_target, is_unknown, resolve

ProbeState = Literal["right", "moved", "dead", "unsure"]

HOPS = 5  # redirects that are followed
PATIENCE = 20.0  # seconds for one answer
LONGEST = 90.0  # seconds for one address, with all that it leads to
TRIED = 3  # IP addresses of a host
LENGTH = 500  # characters of a new address
HEADERS = {"User-Agent": "Concierge (link check)", "Accept": "*/*", "Accept-Encoding": "identity"}
GONE, BUSY, FOR_GOOD = {404, 410}, 429, {301, 308}
NO_SUCH_HOST, PRIVATE, LOOP = "no such host", "leads to a private address", "too many redirects"


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """`detail`: a status, what went wrong, or where a page has moved for good. `answered`: a server was reached."""

    url: str
    state: ProbeState
    detail: str
    answered: bool = False


@dataclass(frozen=True, slots=True)
class ProbePolicy:
    """How the web is reached. `at_once`: hosts; `pause`: seconds between two requests to one of them."""

    allowed: Allowed = is_public_target
    resolve: Resolve = resolve
    at_once: int = 8
    pause: float = 0.0


class _Private(Exception):
    pass


class LinkProbe:
    """`async with Asking(web) as asking:`.

    No client of httpx: that would keep cookies, and use the environment's proxy, which looks the name up anew.
    """

    def __init__(self, web: ProbePolicy) -> None:
        self._web = web
        # a connection that is kept could be taken for another host on the same IP address
        self._transport = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def __aenter__(self) -> LinkProbe:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._transport.aclose()

    async def ask(self, url: str) -> ProbeResult:
        try:
            async with asyncio.timeout(LONGEST):
                return await self._follow(url)
        except socket.gaierror as error:
            unknown = is_unknown(error)
            return ProbeResult(url, "dead" if unknown else "unsure", NO_SUCH_HOST if unknown else str(error.strerror))
        except _Private:
            return ProbeResult(url, "unsure", PRIVATE)
        except Exception as error:  # whatever a server comes up with, the others are still to be asked
            return ProbeResult(url, "unsure", type(error).__name__)

    async def _follow(self, url: str) -> ProbeResult:
        here, for_good = url, True
        for _ in range(HOPS + 1):
            status, target = await self._look(httpx.URL(here))
            if target is None:
                return _judged(url, here if for_good else url, status)
            here, for_good = _led(here, target), for_good and status in FOR_GOOD
        return ProbeResult(url, "unsure", LOOP, answered=True)

    async def _look(self, url: httpx.URL) -> tuple[int, str | None]:
        """Status and, for a redirect, its target. Servers that do not take HEAD are asked with GET."""
        addresses = await self._addresses(url)
        answer = await self._turn("HEAD", url, addresses)
        return answer if answer[0] < 400 or answer[0] == BUSY else await self._turn("GET", url, addresses)

    async def _addresses(self, url: httpx.URL) -> list[str]:
        """Looked up once: a name that leads elsewhere a moment later leads us nowhere."""
        host, port = url.raw_host.decode(), url.port or (443 if url.scheme == "https" else 80)
        if url.scheme not in ("http", "https") or not host:
            raise _Private
        found = [*await self._web.resolve(host, port)]
        if not found or not all(self._web.allowed(address, port) for address in found):
            raise _Private
        return found[:TRIED]

    async def _turn(self, method: str, url: httpx.URL, addresses: list[str]) -> tuple[int, str | None]:
        async with self._turns[url.host]:
            answer = await self._first(method, url, addresses)
            await asyncio.sleep(self._web.pause)
            return answer

    async def _first(self, method: str, url: httpx.URL, addresses: list[str]) -> tuple[int, str | None]:
        """From the first of its IP addresses that takes the call."""
        for address in addresses[:-1]:
            try:
                return await self._send(method, url, address)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._send(method, url, addresses[-1])

    async def _send(self, method: str, url: httpx.URL, address: str) -> tuple[int, str | None]:
        there = httpx.URL(scheme=url.scheme, host=address, port=url.port, raw_path=url.raw_path)
        timeout = httpx.Timeout(PATIENCE).as_dict()
        named = {"timeout": timeout, "sni_hostname": url.raw_host.decode()}  # whose certificate it must be
        request = httpx.Request(method, there, headers={"Host": url.netloc.decode(), **HEADERS}, extensions=named)
        answer = await self._transport.handle_async_request(request)
        await answer.aclose()
        return answer.status_code, answer.headers.get("Location") if answer.is_redirect else None


def _led(here: str, target: str) -> str:
    """A part of a page that was named stays named."""
    there, part = urljoin(here, target), urldefrag(here).fragment
    return there if "#" in there or not part else f"{there}#{part}"


def _judged(url: str, here: str, status: int) -> ProbeResult:
    if status in GONE:
        return ProbeResult(url, "dead", str(status), answered=True)
    if status >= 400:
        return ProbeResult(url, "unsure", str(status), answered=True)
    if here == url:
        return ProbeResult(url, "right", str(status), answered=True)
    return ProbeResult(url, "moved", here[:LENGTH], answered=True)


OnProbe = Callable[[ProbeResult], None]
OPEN = ProbePolicy()


async def check(urls: Iterable[str], *, web: ProbePolicy = OPEN, told: OnProbe = lambda _: None) -> list[ProbeResult]:
    """The state of each http(s) address, in no particular order; `told` hears of each as soon as it is known."""
    hosts: dict[str, list[str]] = defaultdict(list)
    for url in dict.fromkeys(urls):
        if url.startswith(("http://", "https://")):
            hosts[urlsplit(url).hostname or ""].append(url)
    room = asyncio.Semaphore(web.at_once)
    async with LinkProbe(web) as asking:
        done = await asyncio.gather(*(_host(asking, room, these, told) for these in hosts.values()))
    return _doubted([checked for some in done for checked in some])


def _doubted(found: list[ProbeResult]) -> list[ProbeResult]:
    """When nobody at all is reached, it is this machine that has no network."""
    if any(checked.answered for checked in found):
        return found
    return [replace(checked, state="unsure") for checked in found]


async def _host(asking: LinkProbe, room: asyncio.Semaphore, urls: Sequence[str], told: OnProbe) -> list[ProbeResult]:
    """One that says it is asked too much is asked no more."""
    async with room:
        found: list[ProbeResult] = []
        for url in urls:
            busy = found and found[-1].detail == str(BUSY)
            found.append(replace(found[-1], url=url) if busy else await asking.ask(url))
            told(found[-1])
        return found
