"""Replies that must wait: where ours stand one behind the other, a forum takes no fourth one before somebody else has
written; and what it refused for a reason that was gone when we asked for it is tried once more.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.messages import Outgoing, Unreachable

IN_A_ROW = 3
_AGAIN = 600.0  # seconds: somebody may have deleted one, or the forum may be set otherwise
_MEMORY = 125.0  # seconds for which a forum gives the same answer to the same post, whatever has happened since
_DAY = 86_400.0


class PostLimits:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._full: dict[int, float] = {}  # topic -> until when it is no use to try
        self._doubtful: dict[Outgoing, float] = {}  # the same of a reply

    def check(self, topic: int, reply: Outgoing) -> None:
        """Raises Unreachable where it is no use to try."""
        now = self._clock()
        if now < self._full.get(topic, 0.0):
            raise full(topic)
        if now < self._doubtful.get(reply, 0.0):
            raise unexplained(topic)

    def found_full(self, topic: int) -> None:
        self._full[topic] = self._clock() + _AGAIN

    def others_wrote(self, topic: int) -> None:
        if topic in self._full:
            self._full[topic] -= _AGAIN - _MEMORY

    def doubt(self, reply: Outgoing) -> bool:
        """Whether it is worth another try, later: it was not refused before."""
        now = self._clock()
        self._doubtful = {one: until for one, until in self._doubtful.items() if until > now - _DAY}
        if reply in self._doubtful:
            return False
        self._doubtful[reply] = now + _MEMORY
        return True


def full(topic: int) -> Unreachable:
    return Unreachable(f"the last posts of topic {topic} are ours, another one must wait until somebody else writes")


def unexplained(topic: int) -> Unreachable:
    return Unreachable(f"a reply in topic {topic} was refused, which is tried once more in two minutes")
