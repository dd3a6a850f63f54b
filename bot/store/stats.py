"""Figures: how much was asked, what was thought of the answers, which were never given; what waits."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, exists, func, select

from .database import Database, reading
from .post_queries import alive
from .tables import feedback, journal, outbox, questions, still_open, unfinished, unsent
from .values import DISLIKED, LIKED


@dataclass(frozen=True, slots=True)
class QueueDepths:
    """What waits: posts in the outbox and the age in seconds of the oldest, by channel; events that are due, and that
    are put off; questions without an answer.
    """

    outbox: Mapping[str, int]
    oldest: Mapping[str, float]
    due: int
    put_off: int
    questions: int


class Stats(Database):
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
    def depths(self, connection: Connection, now: datetime) -> QueueDepths:
        waiting = select(outbox.c.channel, func.count(), func.min(outbox.c.made)).where(unsent)
        posts = connection.execute(waiting.group_by(outbox.c.channel)).all()
        late = journal.c.due_at > now
        put_off = connection.scalar(select(func.count()).select_from(journal).where(unfinished, late)) or 0
        events = connection.scalar(select(func.count()).select_from(journal).where(unfinished)) or 0
        open = connection.scalar(select(func.count()).select_from(questions).where(still_open)) or 0
        return QueueDepths(
            {channel: number for channel, number, _ in posts},
            {channel: max((now - made).total_seconds(), 0.0) for channel, _, made in posts},
            events - put_off,
            put_off,
            open,
        )


VALUES = {LIKED: 1, DISLIKED: -1}
_judged = (journal.c.kind == "reaction", journal.c.reason.in_(VALUES))


@dataclass(frozen=True, slots=True)
class RetractedFeedback:
    """`target`: the event that it was set under. `value`: that person's other word which still stands there, 0 where
    there is none; `disliked`: whether anybody's 👎 does."""

    target: str
    value: int
    disliked: bool


class Feedback(Database):
    @reading
    def taken_back(self, connection: Connection, channel: str, event: str, user: str) -> RetractedFeedback | None:
        """None: that was neither 👍 nor 👎, or somebody else's, or more than a month ago. Whose it was is known for two
        days; after that it counts as the user's who took it away. Its redaction is in the journal."""
        person, here = self.hash(user), (journal.c.channel == channel, *_judged)
        row = connection.execute(select(journal).where(journal.c.event == event, *here)).one_or_none()
        if row is None or row.relates_to is None or row.person not in (person, None):
            return None
        redaction = journal.alias("redaction")
        gone = exists().where(
            redaction.c.kind == "redaction",
            redaction.c.relates_to == journal.c.event,
            redaction.c.room == journal.c.room,
        )
        query = select(journal.c.person, journal.c.reason).where(journal.c.relates_to == row.relates_to, *here, ~gone)
        standing = connection.execute(query.order_by(journal.c.id)).all()
        own = [VALUES[reason] for who, reason in standing if who == person]
        return RetractedFeedback(
            row.relates_to, own[-1] if own else 0, any(reason == DISLIKED for _, reason in standing)
        )
