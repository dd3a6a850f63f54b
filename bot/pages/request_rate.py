"""How often visitors may search and send a form: one of them, and all together. Pure: seconds are arguments.

Generic Cell Rate Algorithm (ITU-T I.371, annex A): one number for each visitor says when its bucket would be full.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

EVERYBODY = ""
MOST_VISITORS = 10_000  # that are remembered; those not seen for longest are forgotten
PREFIX = 64  # bits of an IPv6 address that belong to one household

ROUNDING = 1e-6  # seconds

Proxies = Sequence[IPv4Network | IPv6Network]
Rate = tuple[float, int]
"""Requests per second in the long run, and at once."""


class RequestRate:
    """`per_second` in the long run, `burst` at once."""

    def __init__(self, per_second: float, burst: int, keys: int = 1) -> None:
        self._gap, self._burst, self._keys = 1 / per_second, burst, keys
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def wait(self, key: str, now: float) -> float:
        """Seconds until the next request may come; 0: now."""
        seconds = self._next(key, now) - self._burst * self._gap - now
        return seconds if seconds > ROUNDING else 0.0

    def take(self, key: str, now: float) -> None:
        self._full_at[key] = self._next(key, now)
        self._full_at.move_to_end(key)
        while len(self._full_at) > self._keys:
            self._full_at.popitem(last=False)

    def _next(self, key: str, now: float) -> float:
        return max(self._full_at.get(key, now), now) + self._gap


class VisitorLimits:
    """A request counts for its visitor and for everybody; one that is refused counts for nobody."""

    def __init__(self, own: Rate, everybody: Rate) -> None:
        self._own, self._all = RequestRate(*own, MOST_VISITORS), RequestRate(*everybody)

    def wait(self, visitor: str, now: float) -> float:
        """Seconds until this visitor's next request; 0: now, and it is counted."""
        seconds = max(self._own.wait(visitor, now), self._all.wait(EVERYBODY, now))
        if seconds == 0:
            self._own.take(visitor, now)
            self._all.take(EVERYBODY, now)
        return seconds


def visitor(remote: str | None, forwarded: str, proxies: Proxies) -> str:
    """Whom a request counts for. `remote`: who is connected; `forwarded`: X-Forwarded-For, in which each proxy adds the
    one before it at the end. The first from the end that is none of our proxies is the visitor."""
    address: IPv4Address | IPv6Address | None = None
    for text in reversed([*forwarded.split(","), remote or ""]):
        try:
            hop = ip_address(text.strip()[:64])
        except ValueError:
            break
        address = (hop.ipv4_mapped or hop) if isinstance(hop, IPv6Address) else hop
        if not any(address in network for network in proxies):
            break
    if isinstance(address, IPv6Address):  # a household
        return str(IPv6Network((address, PREFIX), strict=False))
    return str(address)
