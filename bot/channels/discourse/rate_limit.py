"""How fast we may ask the forum: a bucket of requests, and the pauses that it asks for.

All keys of a site share sixty requests a minute: what they leave over cannot be seen, so a bucket of twenty is refilled
at the pace of the settings. Posts go before looks. What a trust level may lift is not waited for in advance.
"""

from __future__ import annotations

import itertools
from bisect import insort
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from bot.messages import RateLimited

BUCKET = 20.0
AT_ONCE = 4  # requests under way: those behind them hear of a pause that one of these is told of
EVERYTHING = ""
"""Stands for every action."""

Ticket = tuple[bool, int]  # the lower is served first


class TokenBucket:
    """`pace`: requests a second in the long run; `clock` counts seconds; `limited` is called with each pause."""

    def __init__(
        self,
        pace: float,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        limited: Callable[[], None] = lambda: None,
    ) -> None:
        self._pace, self._clock, self._sleep, self._limited = pace, clock, sleep, limited
        self._left, self._filled = BUCKET, clock()
        self._waiting: list[Ticket] = []
        self._under_way = 0
        self._numbers = itertools.count()
        self._until: dict[str, float] = {}  # action -> end of its pause

    @asynccontextmanager
    async def turn(self, action: str, urgent: bool) -> AsyncIterator[None]:
        """Wait for a request of this kind and make it. Raises TooFast during a pause: nothing must be asked then."""
        await self._begin(action, urgent)
        try:
            yield
        finally:
            self._under_way -= 1

    async def _begin(self, action: str, urgent: bool) -> None:
        ticket = (not urgent, next(self._numbers))
        insort(self._waiting, ticket)
        try:
            while self._waiting[0] != ticket or self._under_way >= AT_ONCE or self._fill() < 1:
                self.check(action)
                await self._sleep(max(0.02, (1 - self._left) / self._pace))
            self.check(action)
            self._left -= 1
            self._under_way += 1
        finally:
            self._waiting.remove(ticket)

    def check(self, action: str) -> None:
        """Raises TooFast during a pause."""
        ends = max(self._until.get(EVERYTHING, 0.0), self._until.get(action, 0.0))
        if (left := ends - self._clock()) > 0:
            raise RateLimited(left)

    def pause(self, action: str, seconds: float) -> None:
        """No request of this kind until then."""
        self._limited()
        self._until[action] = max(self._until.get(action, 0.0), self._clock() + seconds)

    def _fill(self) -> float:
        now = self._clock()
        self._left = min(BUCKET, self._left + (now - self._filled) * self._pace)
        self._filled = now
        return self._left
