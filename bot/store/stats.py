"""Statistics of questions and posts; and the members' feedback, 👍 and 👎."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import Connection, delete, exists, func, or_, select

from .database import Component, put_row, query
from .post_queries import alive
from .tables import askings, feedback, journal, outbox, questions, still_open, unfinished, unsent
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


@dataclass(frozen=True, slots=True)
class PeriodCounts:
    """`posts`: how many of each purpose; `liked`, `disliked`: reactions that were given then and still stand; `waits`:
    seconds that those who asked then waited for an answer of the moderators."""

    posts: Counter[str]
    liked: int
    disliked: int
    waits: Sequence[float]


class Stats(Component):
    @query
    def posts_since(self, connection: Connection, since: datetime) -> Counter[str]:
        """How many posts of each purpose; edits do not count."""
        posts = (outbox.c.made >= since, alive, outbox.c.replaces.is_(None))
        rows = connection.execute(select(outbox.c.purpose, func.count()).where(*posts).group_by(outbox.c.purpose))
        return Counter({row[0]: row[1] for row in rows})

    @query
    def periods(self, connection: Connection, bounds: Sequence[datetime]) -> list[PeriodCounts]:
        """Between each two neighbours of `bounds`, which are in order; edits of posts do not count."""
        return [_period(connection, since, until) for since, until in pairwise(bounds)]

    @query
    def entry_uses(self, connection: Connection) -> Counter[str]:
        """How often each entry was answered with, or offered, as far back as posts are stored."""
        is_given = (outbox.c.purpose.in_(("answer", "short", "suggest", "told")), alive, outbox.c.replaces.is_(None))
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


def _period(connection: Connection, since: datetime, until: datetime) -> PeriodCounts:
    posted = (outbox.c.made >= since, outbox.c.made < until, alive, outbox.c.replaces.is_(None))
    given = (feedback.c.given >= since, feedback.c.given < until)
    posts = connection.execute(select(outbox.c.purpose, func.count()).where(*posted).group_by(outbox.c.purpose))
    votes = connection.execute(select(feedback.c.value, func.count()).where(*given).group_by(feedback.c.value))
    values = {row[0]: row[1] for row in votes}
    counts = Counter({row[0]: row[1] for row in posts})
    return PeriodCounts(counts, values.get(1, 0), values.get(-1, 0), _waits(connection, since, until))


def _waits(connection: Connection, since: datetime, until: datetime) -> list[float]:
    """But for questions that entered the queue with their answer."""
    queued = askings.join(questions, questions.c.number == askings.c.question)
    told = (askings.c.asked >= since, askings.c.asked < until, askings.c.told.is_not(None))
    waited = or_(questions.c.closed.is_(None), questions.c.closed > questions.c.opened)
    rows = connection.execute(select(askings.c.asked, askings.c.told).select_from(queued).where(*told, waited))
    return [(told - asked).total_seconds() for asked, told in rows]


VALUES = {LIKED: 1, DISLIKED: -1}
_is_feedback = (journal.c.kind == "reaction", journal.c.reason.in_(VALUES))


@dataclass(frozen=True, slots=True)
class RetractedFeedback:
    """A reaction that its author removed. `target`: the event it was set on. `value`: of the same person's other
    reaction which remains there, else 0; `disliked`: whether anybody's 👎 remains."""

    target: str
    value: int
    disliked: bool


class Feedback(Component):
    @query
    def counts(self, connection: Connection) -> dict[str, tuple[int, int]]:
        """How many 👍 and how many 👎, by entry; without the entries that have none."""
        grouped = select(feedback.c.entry, feedback.c.value, func.count()).group_by(feedback.c.entry, feedback.c.value)
        counts: defaultdict[str, Counter[int]] = defaultdict(Counter)
        for entry, value, number in connection.execute(grouped):
            counts[entry][value] = number
        return {entry: (values[1], values[-1]) for entry, values in counts.items()}

    @query
    def retracted(self, connection: Connection, channel: str, event: str, user: str) -> RetractedFeedback | None:
        """None: the event was neither 👍 nor 👎, or somebody else's, or is no longer known. After two days its author
        is not known any more; then it counts as the user's who removed it. The redaction is in the journal."""
        person, in_channel = self._database.hash(user), (journal.c.channel == channel, *_is_feedback)
        row = connection.execute(select(journal).where(journal.c.event == event, *in_channel)).one_or_none()
        if row is None or row.relates_to is None or row.person not in (person, None):
            return None
        redaction = journal.alias("redaction")
        is_redacted = exists().where(
            redaction.c.kind == "redaction",
            redaction.c.relates_to == journal.c.event,
            redaction.c.room == journal.c.room,
        )
        remaining = (journal.c.relates_to == row.relates_to, *in_channel, ~is_redacted)
        reactions = connection.execute(
            select(journal.c.person, journal.c.reason).where(*remaining).order_by(journal.c.id)
        ).all()
        own = [VALUES[reason] for author, reason in reactions if author == person]
        is_disliked = any(reason == DISLIKED for _, reason in reactions)
        return RetractedFeedback(row.relates_to, own[-1] if own else 0, is_disliked)

    def rate(self, connection: Connection, entry: str, user: str, value: int, now: datetime) -> None:
        """0 deletes that person's feedback on the entry."""
        person = self._database.hash(user)
        if value:
            put_row(connection, feedback, {"entry": entry, "person": person}, {"value": value, "given": now})
        else:
            connection.execute(delete(feedback).where(feedback.c.entry == entry, feedback.c.person == person))
