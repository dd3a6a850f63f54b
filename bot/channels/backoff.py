"""Waits between attempts to reach a network: exponential back-off with jitter, at least as long as a 429 asks.

`retry_after.py` computes how long that is.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.messages import ChannelError, RateLimited, Unreachable

log = logging.getLogger(__name__)
T = TypeVar("T")

FIRST, LONGEST = 0.5, 60.0  # seconds of the first and the longest pause
LEAST = 5.0  # seconds after repeated rate limits that ask for no pause at all


class Backoff:
    """Pauses that double from `first` to `longest` seconds.

    Each is drawn from the upper half of its range, so that many bots do not come back together
    (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/). `target` names in the log the thing
    that is tried: only the first failure in a row is a warning, and the end of the row is logged.
    """

    def __init__(
        self,
        target: str,
        *,
        first: float | None = None,
        longest: float | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._target, self._sleep, self._failures = target, sleep, 0
        self._first, self._longest = first or FIRST, longest or LONGEST

    async def retry(self, step: Callable[[], Awaitable[T]]) -> T:
        """Return the result of a step, which is repeated until the network answers."""
        while True:
            try:
                result = await step()
            except (Unreachable, RateLimited) as error:
                await self.wait(error)
            else:
                self.reset()
                return result

    async def wait(self, error: ChannelError) -> None:
        """Sleep after a failure; after a rate limit as long as it says, but not at once again and again."""
        longest = min(self._longest, self._first * 2.0 ** min(self._failures, 10))
        seconds = secrets.SystemRandom().uniform(longest / 2, longest)
        if isinstance(error, RateLimited):
            seconds = max(error.after, min(seconds, LEAST))
        level = logging.DEBUG if self._failures else logging.WARNING
        log.log(level, "%s: %s; trying again in %.1f s", self._target, error, seconds)
        self._failures += 1
        await self._sleep(seconds)

    def reset(self) -> None:
        """Start over after a success."""
        if self._failures:
            log.info("%s: all right again after %d tries", self._target, self._failures)
        self._failures = 0
