"""SSRF guard: only public IP addresses, only web ports. Knowledge files must not be able to probe the bot's network."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence

Allowed = Callable[[str, int], bool]
"""Whether an IP address and port may be connected to."""
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The IP addresses of a host and port. Raises gaierror if there are none."""

PORTS = {80, 443, 8080, 8443}  # of web sites; on another port a request could act as a command of another protocol
TIMEOUT = 20.0  # seconds for a DNS lookup
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052


def is_public_target(address: str, port: int) -> bool:
    return port in PORTS and is_public(address)


def is_public(address: str) -> bool:
    """Judges an IPv4 address embedded in an IPv6 one (NAT64, 6to4) as well. Raises ValueError on a host name."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv4Address):
        return ip.is_global and not ip.is_multicast
    if ip in _NAT64:
        return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)))
    if ip.sixtofour:  # versions of Python differ on whether these are global
        return is_public(str(ip.sixtofour))
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_site_local)


async def resolve(host: str, port: int) -> list[str]:
    async with asyncio.timeout(TIMEOUT):
        results = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in results))


def is_unknown_host(error: socket.gaierror) -> bool:
    """The name does not exist; any other failure may be the network's."""
    return error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
