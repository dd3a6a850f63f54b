"""Wall-clock time corrected for skew against the networks' servers, and detection of clock jumps."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from time import monotonic

log = logging.getLogger(__name__)

MIN_JUMP = timedelta(minutes=1)  # less may be a gradual correction (NTP)
TICK = 10.0  # seconds between two looks at the clock


def now() -> datetime:
    return datetime.now(UTC)


class SkewedClock:
    """The machine's time, or the network's if they differ by a minute or more.

    Events carry the network's time, by which questions are old or new: with a clock that is hours ahead they would all
    be too old to answer.
    """

    def __init__(self) -> None:
        self._server_time: tuple[datetime, float] | None = None  # and the monotonic seconds when it was reported

    def __call__(self) -> datetime:
        return now() - self.ahead

    @property
    def ahead(self) -> timedelta:
        """How far the machine's clock is ahead of the network's; zero below a minute."""
        if self._server_time is None:
            return timedelta()
        moment, reported = self._server_time
        ahead = now() - (moment + timedelta(seconds=monotonic() - reported))
        return ahead if abs(ahead) >= MIN_JUMP else timedelta()

    def on_server_time(self, moment: datetime) -> None:
        """Report the network's present time."""
        self._server_time = moment, monotonic()


class ClockWatch:
    """Logs jumps and skew of the clock, which it compares with monotonic seconds and with the network's time; calls
    `on_set_back` after it was set back."""

    def __init__(self, time: SkewedClock, on_set_back: Callable[[], Awaitable[None]]) -> None:
        self._time, self._on_set_back = time, on_set_back
        self._offset = now() - timedelta(seconds=monotonic())
        self._last_jump = float("-inf")  # monotonic

    def is_steady(self, period: float) -> bool:
        """Whether the clock has not jumped for `period` seconds."""
        return monotonic() - self._last_jump >= period

    async def run(self) -> None:
        is_reported = False
        while True:
            await asyncio.sleep(TICK)
            before, moment = self._offset, monotonic()
            self._offset = now() - timedelta(seconds=moment)
            jump = self._offset - before  # negative: it was set back
            if abs(jump) >= MIN_JUMP:
                self._last_jump = moment
                log.warning("system clock jumped by %s, or the machine slept; it is now %s", jump, now())
            if (ahead := round(self._time.ahead.total_seconds())) and not is_reported:
                log.warning(
                    "system clock differs from the network's by %d s (using the network's); please sync it (NTP)",
                    ahead,
                )
            is_reported = bool(ahead)
            if jump <= -MIN_JUMP:
                await self._on_set_back()
