"""Figures: how much was asked, what was thought of the answers, which were never given; what waits."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from .database import Database, reading
from .history import alive
from .tables import feedback, journal, outbox, questions, still_open, unfinished, unsent


@dataclass(frozen=True, slots=True)
class Depths:
    """What waits: posts in the outbox and the age in seconds of the oldest, by channel; events that are due, and that
    are put off; questions without an answer.
    """

    outbox: Mapping[str, int]
    oldest: Mapping[str, float]
    due: int
    put_off: int
    questions: int


class Figures(Database):
    @reading
    def said_since(self, connection: Connection, since: datetime) -> Counter[str]:
        """How many posts of each purpose; new words in the place of old ones do not count."""
        counted = select(outbox.c.purpose, func.count()).where(
            outbox.c.made >= since, alive, outbox.c.replaces.is_(None)
        )
        rows = connection.execute(counted.group_by(outbox.c.purpose))
        return Counter({row[0]: row[1] for row in rows})

    @reading
    def verdicts(self, connection: Connection) -> dict[str, tuple[int, int]]:
        """For each entry that was judged: how many 👍, how many 👎."""
        counted = select(feedback.c.entry, feedback.c.value, func.count()).group_by(feedback.c.entry, feedback.c.value)
        found: defaultdict[str, Counter[int]] = defaultdict(Counter)
        for entry, value, number in connection.execute(counted):
            found[entry][value] = number
        return {entry: (counts[1], counts[-1]) for entry, counts in found.items()}

    @reading
    def given(self, connection: Connection) -> set[str]:
        """The entries that were answered with, or offered, as far back as answers are kept."""
        return {entry for entries in connection.scalars(select(outbox.c.entries)) for entry in entries}

    @reading
    def depths(self, connection: Connection, now: datetime) -> Depths:
        waiting = select(outbox.c.channel, func.count(), func.min(outbox.c.made)).where(unsent)
        posts = connection.execute(waiting.group_by(outbox.c.channel)).all()
        late = journal.c.due_at > now
        put_off = connection.scalar(select(func.count()).select_from(journal).where(unfinished, late)) or 0
        events = connection.scalar(select(func.count()).select_from(journal).where(unfinished)) or 0
        open = connection.scalar(select(func.count()).select_from(questions).where(still_open)) or 0
        return Depths(
            {channel: number for channel, number, _ in posts},
            {channel: max((now - made).total_seconds(), 0.0) for channel, _, made in posts},
            events - put_off,
            put_off,
            open,
        )
