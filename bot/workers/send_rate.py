"""Sending rate of a network, learnt from its refusals alone. Pure: seconds of a monotonic clock are arguments.

The first refusal shows the allowed rate: the number of posts accepted, in the time that the network then asks us to
wait. From there the rate rises by a tenth with each turn, used or not, and halves with each refusal.
"""

_GAP_FACTOR = 0.9  # applied to the gap with each turn
_MIN_GAP = 0.01  # seconds: a shorter gap counts as no limit
_MIN_PAUSE = 0.2  # seconds: for a server that refuses and asks for no pause


class AdaptiveRate:
    def __init__(self) -> None:
        self.gap = 0.0  # seconds between two posts; 0: no limit is known
        self._next = 0.0
        self._accepted = 0  # since the last refusal

    def wait(self, now: float) -> float:
        """Return the seconds until the next post may be sent."""
        return max(self._next - now, 0.0)

    def begin(self, now: float) -> None:
        if self.gap:
            turns = 1 + max(now - self._next, 0.0) / self.gap
            self.gap *= _GAP_FACTOR**turns
        if self.gap < _MIN_GAP:
            self.gap = 0.0
        self._next = now + self.gap

    def accepted(self) -> None:
        self._accepted += 1

    def refused(self, now: float, after: float) -> None:
        """Lower the rate. Of several posts refused together, only the first refusal does."""
        self._next = max(self._next, now + max(after, _MIN_PAUSE))
        if self._accepted:
            self.gap = max(2 * self.gap, after / self._accepted)
        self._accepted = 0
