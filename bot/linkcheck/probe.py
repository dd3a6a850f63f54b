"""HTTP probe of links: HEAD, then GET, following redirects one by one.

Each connection goes to the very IP address that the SSRF guard allowed. Only the head of a response is read.
"""

import asyncio
import socket
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx

from .ssrf import Allowed, Resolve, is_public_target, resolve

ProbeState = Literal["right", "moved", "dead", "unsure"]

MAX_REDIRECTS = 5  # a link with more counts as unsure
TIMEOUT = 20.0  # seconds for one response
TOTAL_TIMEOUT = 90.0  # seconds for one link with its redirects
MAX_ADDRESSES = 3  # IP addresses of a host that are tried
MAX_DETAIL = 500  # characters of a new address
HEADERS = {"User-Agent": "Concierge (link check)", "Accept": "*/*", "Accept-Encoding": "identity"}
GONE, BUSY, PERMANENT = {404, 410}, 429, {301, 308}  # HTTP status codes
NO_SUCH_HOST, PRIVATE, LOOP = "no such host", "leads to a private address", "too many redirects"


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """Result for a URL. `detail`: status, error, or the permanent new address. `answered`: a server was reached."""

    url: str
    state: ProbeState
    detail: str
    answered: bool = False


@dataclass(frozen=True, slots=True)
class ProbePolicy:
    """`at_once` hosts are probed in parallel, with `pause` seconds between two requests to one host."""

    allowed: Allowed = is_public_target
    resolve: Resolve = resolve
    at_once: int = 8
    pause: float = 0.0


OPEN = ProbePolicy()


async def check(
    urls: Iterable[str], *, policy: ProbePolicy = OPEN, on_result: Callable[[ProbeResult], None] = lambda _: None
) -> list[ProbeResult]:
    """Probe each http(s) address, and return the results in no particular order.

    `on_result` is called as soon as one is known.
    """
    hosts: dict[str, list[str]] = defaultdict(list)
    for url in dict.fromkeys(urls):
        if url.startswith(("http://", "https://")):
            hosts[urlsplit(url).hostname or ""].append(url)
    limit = asyncio.Semaphore(policy.at_once)
    # a connection kept alive could be reused for another host on the same IP address
    async with httpx.AsyncHTTPTransport(limits=httpx.Limits(max_keepalive_connections=0)) as transport:
        probe, results = LinkProbe(policy, transport), list[ProbeResult]()

        async def check_host(urls: Sequence[str]) -> None:
            """Probe the links of a host in turn, and no more after the first 429."""
            async with limit:
                result: ProbeResult | None = None
                for url in urls:
                    is_busy = result is not None and result.detail == str(BUSY)
                    result = replace(result, url=url) if result and is_busy else await probe.probe(url)
                    results.append(result)
                    on_result(result)

        await asyncio.gather(*map(check_host, hosts.values()))
    if any(result.answered for result in results):
        return results
    return [replace(result, state="unsure") for result in results]  # it is this machine that has no network


class LinkProbe:
    """Prober on httpx's transport alone.

    Its client would keep cookies, and use the environment's proxy, which resolves the name again.
    """

    def __init__(self, policy: ProbePolicy, transport: httpx.AsyncHTTPTransport) -> None:
        self._policy, self._transport = policy, transport
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def probe(self, url: str) -> ProbeResult:
        try:
            async with asyncio.timeout(TOTAL_TIMEOUT):
                return await self._follow(url)
        except socket.gaierror as error:
            # the name does not exist; any other failure may be the network's
            unknown = error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
            return ProbeResult(url, "dead" if unknown else "unsure", NO_SUCH_HOST if unknown else str(error.strerror))
        except Exception as error:  # whatever a server does, the other links are still to be checked
            return ProbeResult(url, "unsure", type(error).__name__)

    async def _follow(self, url: str) -> ProbeResult:
        current, is_permanent = url, True
        for _ in range(MAX_REDIRECTS + 1):
            target = httpx.URL(current)
            host, port = target.raw_host.decode(), target.port or (443 if target.scheme == "https" else 80)
            # resolved once, so that a DNS answer that changes in between (rebinding) has no effect
            is_web = target.scheme in ("http", "https") and host
            addresses = [*await self._policy.resolve(host, port)] if is_web else []
            if not addresses or not all(self._policy.allowed(address, port) for address in addresses):
                return ProbeResult(url, "unsure", PRIVATE)
            addresses = addresses[:MAX_ADDRESSES]
            status, location = await self._paced("HEAD", target, addresses)
            if status >= 400 and status != BUSY:  # some servers reject HEAD
                status, location = await self._paced("GET", target, addresses)
            if status >= 400:
                return ProbeResult(url, "dead" if status in GONE else "unsure", str(status), answered=True)
            if location is None:
                is_moved = is_permanent and current != url
                detail = current[:MAX_DETAIL] if is_moved else str(status)
                return ProbeResult(url, "moved" if is_moved else "right", detail, answered=True)
            fragment = urldefrag(current).fragment  # inherited (RFC 9110, section 10.2.2)
            current = urljoin(current, location)
            current += f"#{fragment}" if fragment and "#" not in current else ""
            is_permanent = is_permanent and status in PERMANENT
        return ProbeResult(url, "unsure", LOOP, answered=True)

    async def _paced(self, method: str, url: httpx.URL, addresses: list[str]) -> tuple[int, str | None]:
        """Return the response from the first IP address that accepts a connection, after the pause for its host."""
        extensions = {"timeout": httpx.Timeout(TIMEOUT).as_dict(), "sni_hostname": url.raw_host.decode()}
        headers = {"Host": url.netloc.decode(), **HEADERS}
        async with self._locks[url.host]:
            for address in addresses:
                target = httpx.URL(scheme=url.scheme, host=address, port=url.port, raw_path=url.raw_path)
                request = httpx.Request(method, target, headers=headers, extensions=extensions)
                try:
                    response = await self._transport.handle_async_request(request)
                    await response.aclose()
                    break
                except (httpx.ConnectError, httpx.ConnectTimeout):
                    if address == addresses[-1]:
                        raise
            await asyncio.sleep(self._policy.pause)
            return response.status_code, response.headers.get("Location") if response.is_redirect else None
