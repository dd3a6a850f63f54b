"""Topics where our replies stand one behind the other: a forum takes no fourth one before somebody else has written."""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.messages import Unreachable

IN_A_ROW = 3
_AGAIN = 600.0  # seconds: somebody may have deleted one, or the forum may be set otherwise
_MEMORY = 120.0  # seconds for which a forum gives the same answer to the same post, whatever has happened since


class Turns:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._full: dict[int, float] = {}  # topic -> until when it is no use to try

    def check(self, topic: int) -> None:
        """Raises Unreachable where it is no use to try."""
        if self._clock() < self._full.get(topic, 0.0):
            raise full(topic)

    def found_full(self, topic: int) -> None:
        self._full[topic] = self._clock() + _AGAIN

    def others_wrote(self, topic: int) -> None:
        if topic in self._full:
            self._full[topic] -= _AGAIN - _MEMORY


def full(topic: int) -> Unreachable:
    return Unreachable(f"the last posts of topic {topic} are ours, another one must wait until somebody else writes")
