"""How the bot is asked to end: by a signal, or by whoever runs it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Iterator


class Stopped(Exception):
    """Somebody asked the bot to end."""


async def end(stop: asyncio.Event) -> None:
    await stop.wait()
    raise Stopped


@contextlib.contextmanager
def signals(stop: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGTERM, signal.SIGINT)
    for number in numbers:
        loop.add_signal_handler(number, stop.set)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
