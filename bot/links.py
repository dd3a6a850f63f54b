"""Whether the addresses in the answers still lead somewhere: asked politely, one request a host at a time."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urljoin, urlsplit

import httpx

State = Literal["right", "moved", "dead", "unsure"]
Allowed = Callable[[str], bool]  # of an IP address
Told = Callable[["Checked"], None]

AT_ONCE = 8  # hosts
HOPS = 5  # redirects that are followed
PATIENCE = 20.0  # seconds for one answer
NAME = "Concierge (link check)"
GONE = {404, 410}
NO_SUCH_HOST = "no such host"


@dataclass(frozen=True, slots=True)
class Checked:
    """`detail`: a status, what went wrong, or where a page has moved for good."""

    url: str
    state: State
    detail: str


def is_public(address: str) -> bool:
    """A file must not be able to make us knock at doors inside the network."""
    return ipaddress.ip_address(address.partition("%")[0]).is_global


async def check(urls: Iterable[str], *, allowed: Allowed = is_public, told: Told = lambda _: None) -> list[Checked]:
    """The state of each http(s) address, in no particular order; `told` hears of each as soon as it is known."""
    hosts: dict[str, list[str]] = defaultdict(list)
    for url in dict.fromkeys(urls):
        if url.startswith(("http://", "https://")):
            hosts[urlsplit(url).hostname or ""].append(url)
    room = asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient(timeout=PATIENCE, headers={"User-Agent": NAME}) as client:
        done = await asyncio.gather(*(_host(client, room, these, allowed, told) for these in hosts.values()))
    return _doubted([checked for some in done for checked in some])


def _doubted(found: list[Checked]) -> list[Checked]:
    """When no name at all is known, it is this machine that has no network."""
    if all(checked.detail == NO_SUCH_HOST for checked in found):
        return [replace(checked, state="unsure") for checked in found]
    return found


async def _host(
    client: httpx.AsyncClient, room: asyncio.Semaphore, urls: Sequence[str], allowed: Allowed, told: Told
) -> list[Checked]:
    async with room:
        found = []
        for url in urls:
            found.append(await _one(client, url, allowed))
            told(found[-1])
        return found


async def _one(client: httpx.AsyncClient, url: str, allowed: Allowed) -> Checked:
    try:
        return await _follow(client, url, allowed)
    except socket.gaierror as error:
        unknown = error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
        return Checked(url, "dead" if unknown else "unsure", NO_SUCH_HOST if unknown else str(error.strerror))
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        return Checked(url, "unsure", type(error).__name__)


async def _follow(client: httpx.AsyncClient, url: str, allowed: Allowed) -> Checked:
    here, for_good = url, True
    for _ in range(HOPS + 1):
        if not await _may(here, allowed):
            return Checked(url, "unsure", f"leads to a private address: {here}")
        status, target = await _ask(client, here)
        if target is None:
            return _judged(url, here if for_good else url, status)
        here, for_good = urljoin(here, target), for_good and status in (301, 308)
    return Checked(url, "unsure", "too many redirects")


def _judged(url: str, here: str, status: int) -> Checked:
    if status in GONE:
        return Checked(url, "dead", str(status))
    if status >= 400:
        return Checked(url, "unsure", str(status))
    return Checked(url, "right", str(status)) if here == url else Checked(url, "moved", here)


async def _may(url: str, allowed: Allowed) -> bool:
    """Raises gaierror where the name is not known."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return False
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    return all(allowed(str(address[0])) for *_, address in found)


async def _ask(client: httpx.AsyncClient, url: str) -> tuple[int, str | None]:
    """Status and, for a redirect, its target. Servers that do not take HEAD are asked with GET; no body is read."""
    status, target = await _request(client, "HEAD", url)
    return (status, target) if status < 400 else await _request(client, "GET", url)


async def _request(client: httpx.AsyncClient, method: str, url: str) -> tuple[int, str | None]:
    async with client.stream(method, url) as answer:
        return answer.status_code, answer.headers.get("Location") if answer.is_redirect else None
