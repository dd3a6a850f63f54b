"""Whether the machine's clock jumps: set by hand, by the network at last, or after a sleep. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

JUMP = timedelta(minutes=1)  # what less is may be the network's gentle correction


class Steadiness:
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
