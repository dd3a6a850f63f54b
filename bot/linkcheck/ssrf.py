"""SSRF guard: only public IP addresses, only web ports.

Knowledge files must not be able to probe the bot's network.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence

Allowed = Callable[[str, int], bool]
"""Whether an IP address and port may be connected to."""
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Return the IP addresses of a host and port. Raises gaierror if there are none."""

PORTS = {80, 443, 8080, 8443}  # of web sites; on another port a request could act as a command of another protocol
TIMEOUT = 20.0  # seconds for a DNS lookup
_SPECIAL = [
    ipaddress.IPv4Network(one)
    for one in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
        *("192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24"),
        *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    )
]
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
_SPECIAL_V6 = [ipaddress.IPv6Network(one) for one in ("2001::/23", "2001:db8::/32", "2620:4f:8000::/48", "3fff::/20")]
"""Networks without web sites: IANA's special-purpose registries (RFC 6890, read in November 2026), with multicast (RFC
5771) and 192.88.99.0/24 (RFC 7526). IPv6 beyond 2000::/3 is not in general use (RFC 4291 §2.4). Versions of Python
differ on them."""
_EMBEDDING = {ipaddress.IPv6Network("64:ff9b::/96"): 0, ipaddress.IPv6Network("2002::/16"): 80}
"""IPv6 networks that embed an IPv4 address, with its distance from the end in bits: NAT64 (RFC 6052), 6to4 (RFC
3056)."""


def is_public_target(address: str, port: int) -> bool:
    return port in PORTS and is_public(address)


def is_public(address: str) -> bool:
    """Whether an IP address is public, also one embedded in IPv6 (NAT64, 6to4). Raises ValueError on a host name."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in network for network in _SPECIAL)
    for network, shift in _EMBEDDING.items():
        if ip in network:
            return is_public(str(ipaddress.IPv4Address(int(ip) >> shift & 0xFFFF_FFFF)))
    return ip in _GLOBAL_V6 and not any(ip in network for network in _SPECIAL_V6)


async def resolve(host: str, port: int) -> list[str]:
    async with asyncio.timeout(TIMEOUT):
        results = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in results))
