"""Figures for the moderators: how much was asked, what was thought of the answers, which were never given."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime

from sqlalchemy import Connection, func, select

from .database import Database, reading
from .history import alive
from .tables import feedback, outbox


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
