"""How fast a network takes what we send, learnt from its refusals alone. Pure: a steady clock's seconds are arguments.

The first refusal shows the pace that is allowed: as many as were taken, in the time that we are then asked to wait.
From there it is raised by a tenth with each turn, used or not, and halved when the network refuses again.
"""

from __future__ import annotations

_EASIER = 0.9  # of the gap, with each turn
_NO_GAP = 0.01  # seconds: a shorter gap is none
_SHORTEST = 0.2  # seconds: a server that refuses and asks for no pause must not be asked without one


class AdaptiveRate:
    def __init__(self) -> None:
        self.gap = 0.0  # seconds between two sendings; 0: no limit is known
        self._next = 0.0
        self._taken = 0  # since the last refusal

    def wait(self, now: float) -> float:
        """Seconds until the next sending may begin."""
        return max(self._next - now, 0.0)

    def begin(self, now: float) -> None:
        if self.gap:
            turns = 1 + max(now - self._next, 0.0) / self.gap
            self.gap *= _EASIER**turns
        if self.gap < _NO_GAP:
            self.gap = 0.0
        self._next = now + self.gap

    def taken(self) -> None:
        self._taken += 1

    def refused(self, now: float, after: float) -> None:
        """Several that were under way together may be refused; only the first of them tells something new."""
        self._next = max(self._next, now + max(after, _SHORTEST))
        if self._taken:
            self.gap = max(2 * self.gap, after / self._taken)
        self._taken = 0
