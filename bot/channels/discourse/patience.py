"""The pauses while the forum does not answer."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable

from bot.messages import ChannelError, TooFast

log = logging.getLogger(__name__)

_FIRST, _LONGEST = 1.0, 300.0  # seconds


class Patience:
    """Ever longer, uneven so that many bots spread. The first failure in a row is said, and the end of the row."""

    def __init__(self, sleep: Callable[[float], Awaitable[object]]) -> None:
        self._sleep, self._failures = sleep, 0

    async def wait(self, error: ChannelError) -> None:
        seconds = error.after if isinstance(error, TooFast) else self._next()
        level = logging.DEBUG if self._failures else logging.WARNING
        log.log(level, "the forum: %s; trying again in %.0f s, and for as long as it takes", error, seconds)
        self._failures += 1
        await self._sleep(seconds)

    def over(self) -> None:
        if self._failures:
            log.info("the forum: all right again after %d tries", self._failures)
        self._failures = 0

    def _next(self) -> float:
        longest = min(_LONGEST, _FIRST * 2 ** min(self._failures, 10))
        return secrets.SystemRandom().uniform(longest / 2, longest)
