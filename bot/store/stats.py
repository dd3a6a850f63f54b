"""Statistics of questions and posts, and members' feedback, 👍 and 👎."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from sqlalchemy import Connection, delete, func, select

from .database import Component, put_row, query
from .figure_counts import Counts, count, is_redacted
from .outcome import Rating
from .post_queries import alive
from .tables import feedback, journal, outbox, questions, still_open, unfinished, unsent
from .values import ANSWERING, DISLIKED, LIKED, TAKEN, Purpose

USES: Sequence[Purpose] = (*ANSWERING, "suggest", "told")


@dataclass(frozen=True, slots=True)
class QueueDepths:
    """Queue lengths, and the age of the oldest post in seconds.

    `outbox` and `oldest` are by channel; `due` and `put_off` count events, `questions` those without an answer.
    """

    outbox: Mapping[str, int]
    oldest: Mapping[str, float]
    due: int
    put_off: int
    questions: int


class Stats(Component):
    @query
    def posts_since(self, connection: Connection, since: datetime) -> Counter[str]:
        """Count posts by purpose; edits do not count."""
        posts = (outbox.c.made >= since, alive, outbox.c.replaces.is_(None))
        rows = connection.execute(select(outbox.c.purpose, func.count()).where(*posts).group_by(outbox.c.purpose))
        return Counter({row[0]: row[1] for row in rows})

    @query
    def figures(self, connection: Connection, first: date, last: date, zone: tzinfo) -> Counts:
        """Return the figures of the days from `first` to `last`, as far back as they are stored."""
        return count(connection, first, last, zone)

    @query
    def entry_uses(self, connection: Connection, purposes: Sequence[Purpose] = USES) -> Counter[str]:
        """Count how often each entry was answered with or offered, as far back as posts are stored."""
        is_given = (outbox.c.purpose.in_(purposes), alive, outbox.c.replaces.is_(None))
        rows = connection.scalars(select(outbox.c.entries).where(*is_given))
        return Counter(entry for entries in rows for entry in entries)

    @query
    def depths(self, connection: Connection, now: datetime) -> QueueDepths:
        waiting = select(outbox.c.channel, func.count(), func.min(outbox.c.made)).where(unsent)
        posts = connection.execute(waiting.group_by(outbox.c.channel)).all()
        is_late = journal.c.due_at > now
        put_off = connection.scalar(select(func.count()).select_from(journal).where(unfinished, is_late)) or 0
        events = connection.scalar(select(func.count()).select_from(journal).where(unfinished)) or 0
        open_questions = connection.scalar(select(func.count()).select_from(questions).where(still_open)) or 0
        return QueueDepths(
            {channel: number for channel, number, _ in posts},
            {channel: max((now - made).total_seconds(), 0.0) for channel, _, made in posts},
            events - put_off,
            put_off,
            open_questions,
        )


VALUES = {LIKED: 1, DISLIKED: -1, TAKEN: 0}
_is_feedback = (journal.c.kind == "reaction", journal.c.reason.in_(VALUES))


@dataclass(frozen=True, slots=True)
class RetractedFeedback:
    """A reaction that its author removed from the event `target`.

    `value` is that person's other reaction that remains there, else 0; `disliked`: anybody's 👎 remains.
    """

    target: str
    value: int
    disliked: bool


class Feedback(Component):
    @query
    def counts(self, connection: Connection, without: str | None = None) -> dict[str, tuple[int, int]]:
        """Return the numbers of 👍 and 👎 by entry, without entries that have none, and those of that user."""
        others = feedback.c.person != self._database.hash(without or "")
        columns = feedback.c.entry, feedback.c.value
        grouped = select(*columns, func.count()).where(others).group_by(*columns)
        counts: defaultdict[str, Counter[int]] = defaultdict(Counter)
        for entry, value, number in connection.execute(grouped):
            counts[entry][value] = number
        return {entry: (values[1], values[-1]) for entry, values in counts.items()}

    @query
    def retracted(self, connection: Connection, channel: str, event: str, user: str) -> RetractedFeedback | None:
        """Return the feedback that a redaction took back; None if the event was no 👀, 👍 or 👎, or not this user's.

        The redaction is in the journal already. After two days the author of a reaction is no longer known; it then
        counts as the user's who removed it.
        """
        person, in_channel = self._database.hash(user), (journal.c.channel == channel, *_is_feedback)
        row = connection.execute(select(journal).where(journal.c.event == event, *in_channel)).one_or_none()
        if row is None or row.relates_to is None or row.person not in (person, None):
            return None
        remaining = (journal.c.relates_to == row.relates_to, *in_channel, ~is_redacted)
        reactions = connection.execute(
            select(journal.c.person, journal.c.reason).where(*remaining).order_by(journal.c.id)
        ).all()
        own = [VALUES[reason] for author, reason in reactions if author == person]
        is_disliked = any(reason == DISLIKED for _, reason in reactions)
        return RetractedFeedback(row.relates_to, own[-1] if own else 0, is_disliked)

    def rate(self, connection: Connection, rating: Rating, now: datetime) -> None:
        """Store that person's feedback on the entry; 0 deletes it."""
        key = {"entry": rating.entry, "person": self._database.hash(rating.user)}
        if rating.value:
            put_row(connection, feedback, key, {"value": rating.value, "given": now})
        else:
            connection.execute(delete(feedback).filter_by(**key))
