"""At which doors a link may make us knock: a file must not be able to probe the network that the bot stands in."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence

Allowed = Callable[[str, int], bool]
"""Of an IP address and a port."""
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The IP addresses of a host; raises gaierror where there is none."""

PORTS = {80, 443, 8080, 8443}  # where web sites are; anything else may be a service that a line of text can stir
PATIENCE = 20.0  # seconds for a name
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def is_public_target(address: str, port: int) -> bool:
    return port in PORTS and is_public(address)


def is_public(address: str) -> bool:
    """Also not to be fooled by an IPv4 address that is wrapped into one of IPv6."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv4Address):
        return ip.is_global and not ip.is_multicast
    if ip in _NAT64:
        return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)))
    if ip.sixtofour and not is_public(str(ip.sixtofour)):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_site_local)


async def resolve(host: str, port: int) -> list[str]:
    async with asyncio.timeout(PATIENCE):
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def is_unknown(error: socket.gaierror) -> bool:
    """The name does not exist; all else may be the network."""
    return error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
