"""Wall-clock time corrected for skew against the homeserver, and detection of clock jumps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic

JUMP = timedelta(minutes=1)  # what less is may be the network's gentle correction


def now() -> datetime:
    return datetime.now(UTC)


def seconds() -> float:
    """Monotonic: nobody sets it."""
    return monotonic()


def skewed_clock() -> SkewedClock:
    return SkewedClock(now, seconds)


class SkewedClock:
    """The machine's time, unless it is far from what a network said. Questions bear the network's time, and by that
    they are old or new: a clock that is hours ahead must not make them too old to be answered."""

    def __init__(self, machine: Callable[[], datetime], seconds: Callable[[], float]) -> None:
        self._machine, self._seconds = machine, seconds
        self._said: tuple[datetime, float] | None = None

    def __call__(self) -> datetime:
        return self._machine() - self.ahead

    @property
    def ahead(self) -> timedelta:
        """How far the machine's clock is ahead of the network's; zero when that is little."""
        if self._said is None:
            return timedelta()
        said, when = self._said
        ahead = self._machine() - (said + timedelta(seconds=self._seconds() - when))
        return ahead if abs(ahead) >= JUMP else timedelta()

    def said(self, moment: datetime) -> None:
        """A network says that it is this moment now."""
        self._said = moment, self._seconds()


class ClockJumps:
    """Told the clock again and again, beside seconds that nobody sets."""

    def __init__(self, now: datetime, seconds: float) -> None:
        self._offset = now - timedelta(seconds=seconds)
        self._jumped: float | None = None

    def jump(self, now: datetime, seconds: float) -> timedelta:
        """How far it jumped since the last look, below zero when it was set back; zero when it did not."""
        before, self._offset = self._offset, now - timedelta(seconds=seconds)
        jump = self._offset - before
        if abs(jump) < JUMP:
            return timedelta()
        self._jumped = seconds
        return jump

    def lasts(self, seconds: float, long: float) -> bool:
        """Whether it has not jumped for as long as that."""
        return self._jumped is None or seconds - self._jumped >= long
