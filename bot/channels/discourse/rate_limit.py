"""Pace of requests to the forum, and replies that it would not take yet.

All Api-Keys of a site share 60 requests a minute (`max_admin_api_reqs_per_minute`, `config/discourse_defaults.conf`).
Requests of other keys cannot be seen, so a bucket of twenty is refilled at the pace of the settings. Posts go before
reads. Limits that a trust level may lift are not applied in advance.
"""

import itertools
import time
from bisect import insort
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from bot.messages import RateLimited, Reply, Unreachable

BUCKET = 20.0  # requests that may follow each other at once
AT_ONCE = 4  # requests in flight: those that still wait obey a 429 to one of these
EVERYTHING = ""  # key of a pause of all actions

IN_A_ROW = 3  # `max_consecutive_replies` (`config/site_settings.yml`): a fourth reply is refused with 422
_FULL = 600.0  # seconds: one of the replies may be deleted, or the forum's setting changed
_MEMOIZED = 125.0  # seconds for which `POST /posts.json` repeats its answer to the same post (a memo of 120 s)
_DAY = 86_400.0  # seconds for which a refused reply is remembered


class TokenBucket:
    """Token bucket. `pace` is in requests a second in the long run; `on_pause` is called with each pause."""

    def __init__(
        self,
        pace: float,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        on_pause: Callable[[], None],
    ) -> None:
        self._pace, self._clock, self._sleep, self._on_pause = pace, clock, sleep, on_pause
        self._tokens, self._filled_at = BUCKET, clock()
        self._queue: list[tuple[bool, int]] = []  # the lowest is served first
        self._under_way = 0
        self._numbers = itertools.count()
        self._paused_until: dict[str, float] = {}  # by action

    @asynccontextmanager
    async def slot(self, action: str, urgent: bool) -> AsyncIterator[None]:
        """Wait for a token, then hold one of the places for a request. Raises RateLimited during a pause."""
        ticket = (not urgent, next(self._numbers))
        insort(self._queue, ticket)
        try:
            while self._queue[0] != ticket or self._under_way >= AT_ONCE or self._refill() < 1:
                self.check(action)
                await self._sleep(max(0.02, (1 - self._tokens) / self._pace))
            self.check(action)
            self._tokens -= 1
            self._under_way += 1
        finally:
            self._queue.remove(ticket)
        try:
            yield
        finally:
            self._under_way -= 1

    def check(self, action: str) -> None:
        """Raise RateLimited during a pause."""
        until = max(self._paused_until.get(EVERYTHING, 0.0), self._paused_until.get(action, 0.0))
        if (seconds := until - self._clock()) > 0:
            raise RateLimited(seconds)

    def pause(self, action: str, seconds: float) -> None:
        self._on_pause()
        self._paused_until[action] = max(self._paused_until.get(action, 0.0), self._clock() + seconds)

    def _refill(self) -> float:
        now = self._clock()
        self._tokens = min(BUCKET, self._tokens + (now - self._filled_at) * self._pace)
        self._filled_at = now
        return self._tokens


class PostLimits:
    """Replies that must wait: in a topic that ends with three posts of ours, and those refused without a reason."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._full_until: dict[int, float] = {}  # by topic
        self._unexplained_until: dict[Reply, float] = {}

    def check(self, topic: int, reply: Reply) -> None:
        """Raise Unreachable if it is too early to try."""
        now = self._clock()
        if now < self._full_until.get(topic, 0.0):
            raise topic_full(topic)
        if now < self._unexplained_until.get(reply, 0.0):
            raise unexplained_refusal(topic)

    def mark_full(self, topic: int) -> None:
        self._full_until[topic] = self._clock() + _FULL

    def on_post_by_others(self, topic: int) -> None:
        if topic in self._full_until:
            self._full_until[topic] -= _FULL - _MEMOIZED

    def may_retry(self, reply: Reply) -> bool:
        """Whether a reply refused without a reason is worth one more try, later: True the first time in a day."""
        now = self._clock()
        self._unexplained_until = {one: until for one, until in self._unexplained_until.items() if until > now - _DAY}
        if reply in self._unexplained_until:
            return False
        self._unexplained_until[reply] = now + _MEMOIZED
        return True


def topic_full(topic: int) -> Unreachable:
    return Unreachable(f"the last posts of topic {topic} are ours, another one must wait until somebody else writes")


def unexplained_refusal(topic: int) -> Unreachable:
    return Unreachable(f"a reply in topic {topic} was refused, which is tried once more in two minutes")
