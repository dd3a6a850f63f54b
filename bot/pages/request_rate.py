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


class VisitorLimits:
    """A request counts for its visitor and for everybody; one that is refused counts for nobody."""

    def __init__(self, own: Rate, everybody: Rate) -> None:
        self._own, self._everybody = own, everybody
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def wait(self, visitor: str, now: float) -> float:
        """Return the seconds until this visitor's next request; 0: now, and it is counted."""
        rates = {visitor: self._own, EVERYBODY: self._everybody}
        full_at = {key: max(self._full_at.get(key, now), now) + 1 / rate for key, (rate, _) in rates.items()}
        seconds = max(full_at[key] - burst / rate - now for key, (rate, burst) in rates.items())
        if seconds > ROUNDING:
            return seconds
        for key, when in full_at.items():
            self._full_at[key] = when
            self._full_at.move_to_end(key)
        while len(self._full_at) > MOST_VISITORS:
            self._full_at.popitem(last=False)
        return 0.0


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
