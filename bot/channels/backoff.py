"""Waits between attempts to reach a network: exponential back-off with jitter, at least as long as a 429 asks.

A 429 asks in its Retry-After header or its body. The seconds travel as `RateLimited.after`: `Backoff` obeys them when
reading, `workers/sender.py` when posting.
"""

import asyncio
import logging
import math
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from bot.messages import ChannelError, RateLimited, Unreachable

log = logging.getLogger(__name__)
T = TypeVar("T")

FIRST, LONGEST = 0.5, 60.0  # seconds of the first and the longest pause
LEAST = 5.0  # seconds after repeated rate limits that ask for no pause at all
MOST_ASKED = 3600.0  # seconds: after an hour a server is asked again whatever it wants, or the bot would fall silent


@dataclass
class Backoff:
    """Pauses that double from `first` to `longest` seconds.

    Each is drawn from the upper half of its range, so that many bots do not come back together
    (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/). `target` names in the log the thing
    that is tried: only the first failure in a row is a warning, and the end of the row is logged.
    """

    target: str
    first: float = field(default_factory=lambda: FIRST)
    longest: float = LONGEST
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    _failures: int = field(default=0, init=False)

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
        longest = min(self.longest, self.first * 2.0 ** min(self._failures, 10))
        seconds = secrets.SystemRandom().uniform(longest / 2, longest)
        if isinstance(error, RateLimited):
            seconds = max(error.after, min(seconds, LEAST))
        level = logging.DEBUG if self._failures else logging.WARNING
        log.log(level, "%s: %s; trying again in %.1f s", self.target, error, seconds)
        self._failures += 1
        await self.sleep(seconds)

    def reset(self) -> None:
        """Start over after a success."""
        if self._failures:
            log.info("%s: all right again after %d tries", self.target, self._failures)
        self._failures = 0


def pause(header: str | None, seconds: object, unknown: float) -> float:
    """Return the seconds to wait after a 429, at most `MOST_ASKED`.

    The Retry-After header decides (a number or a date, RFC 9110 section 10.2.3), else the `seconds` of the body, else
    `unknown`.
    """
    date = http_date(header)
    until = None if date is None else max((date - datetime.now(UTC)).total_seconds(), 0.0)
    ways = (number(header), until, number(seconds), unknown)
    return min(next(way for way in ways if way is not None), MOST_ASKED)


def number(value: object) -> float | None:
    """Return a finite number, at least 0; None for anything else."""
    try:
        seconds = float(value)  # type: ignore[arg-type]  # whatever the server wrote
    except (TypeError, ValueError, OverflowError):
        return None
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def http_date(header: str | None) -> datetime | None:
    """Parse an HTTP date (RFC 9110 section 5.6.7); None for any other text."""
    try:
        date = parsedate_to_datetime(header or "")
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
