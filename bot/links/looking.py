"""Many addresses are asked: hosts beside each other, the addresses of one host one after the other."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from .asking import BUSY, Asking, Checked, Web

Told = Callable[[Checked], None]
OPEN = Web()


async def check(urls: Iterable[str], *, web: Web = OPEN, told: Told = lambda _: None) -> list[Checked]:
    """The state of each http(s) address, in no particular order; `told` hears of each as soon as it is known."""
    hosts: dict[str, list[str]] = defaultdict(list)
    for url in dict.fromkeys(urls):
        if url.startswith(("http://", "https://")):
            hosts[urlsplit(url).hostname or ""].append(url)
    room = asyncio.Semaphore(web.at_once)
    async with Asking(web) as asking:
        done = await asyncio.gather(*(_host(asking, room, these, told) for these in hosts.values()))
    return _doubted([checked for some in done for checked in some])


def _doubted(found: list[Checked]) -> list[Checked]:
    """When nobody at all is reached, it is this machine that has no network."""
    if any(checked.answered for checked in found):
        return found
    return [replace(checked, state="unsure") for checked in found]


async def _host(asking: Asking, room: asyncio.Semaphore, urls: Sequence[str], told: Told) -> list[Checked]:
    """One that says it is asked too much is asked no more."""
    async with room:
        found: list[Checked] = []
        for url in urls:
            busy = found and found[-1].detail == str(BUSY)
            found.append(replace(found[-1], url=url) if busy else await asking.ask(url))
            told(found[-1])
        return found
