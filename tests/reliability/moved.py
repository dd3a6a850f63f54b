"""A clock that a test moves: the machine's, and those of the networks beside it, which else would count for more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.app import clock
from bot.workers import digest_job

if TYPE_CHECKING:
    from tests.reliability.doors import Doors


@dataclass
class Moved:
    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def to(self, moment: datetime, doors: Doors) -> None:
        """For the machine, the homeserver's answers and the forum. What was said in a room keeps its time."""
        before, self.ahead = self.ahead, moment - datetime.now(UTC)
        doors.room.proxy.ahead = self.ahead
        doors.room.concierge.ahead = self.ahead.total_seconds()
        doors.forum.forum.clock.advance((self.ahead - before).total_seconds())


@contextmanager
def movable() -> Iterator[Moved]:
    """The clock of the bots in this process, which look at it all the time."""
    moved = Moved()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", moved)
        patch.setattr(digest_job, "TICK", 0.2)
        patch.setattr(digest_job, "START", 0.0)
        patch.setattr(digest_job, "ENTERING", 0.2)
        yield moved


def move(ahead: float) -> None:
    """The clock of this process, for good; seconds. The bot looks at it at once."""
    clock.now, digest_job.START, digest_job.ENTERING = Moved(timedelta(seconds=ahead)), 0.0, 0.2
