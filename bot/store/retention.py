"""What people asked us to remember or to forget, and how long anything is kept: the rest of an outcome."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, or_, update

from .database import put_row, writing
from .journal import closed, forget_waiting
from .queue import Queue
from .tables import feedback, forgotten, hushes, journal, outbox
from .values import Outcome

WHO = timedelta(days=2)  # how long it matters whose an event was: suggestions can be chosen from for a day
EVENTS = timedelta(days=30)  # how long an event is known as seen
SAID = timedelta(days=90)  # how long an answer can be changed or taken back
STUCK = timedelta(days=7)  # after this an event that was never dealt with is given up


class Retention(Queue):
    @writing
    def erase_old(self, connection: Connection, now: datetime, questions_days: int) -> None:
        """Erase what has been kept long enough. For once an hour or so."""
        self._erase_queue(connection, now, now - timedelta(days=questions_days))
        connection.execute(delete(hushes).where(hushes.c.until <= now))
        _erase_journal(connection, now)
        _erase_outbox(connection, now)

    def _remember(self, connection: Connection, channel: str, outcome: Outcome, now: datetime) -> None:
        if outcome.opt_out:
            self._forget(connection, self.hash(outcome.opt_out), now)
        if outcome.opt_in:
            connection.execute(delete(forgotten).where(forgotten.c.person == self.hash(outcome.opt_in)))
        if outcome.ask:
            self._ask(connection, outcome.ask, now)
        if outcome.dequeue:
            self._unask(connection, channel, outcome.dequeue, now)
        if outcome.close:
            self._close(connection, outcome.close, now)
        if outcome.draft:
            self._keep(connection, outcome.draft)
        if outcome.mute:
            put_row(connection, hushes, {"room": outcome.mute[0]}, {"until": outcome.mute[1]})
        if outcome.feedback:
            self._rate(connection, *outcome.feedback, now)

    def _forget(self, connection: Connection, person: str, now: datetime) -> None:
        """What counts towards flood stays until it is old: it must not be possible to ask it away."""
        forget_waiting(connection, person, now)
        self._forget_asker(connection, person, now)
        connection.execute(delete(feedback).where(feedback.c.person == person))
        theirs = (outbox.c.asker == person, outbox.c.purpose != "flood")
        connection.execute(update(outbox).where(*theirs).values(asker=None))
        put_row(connection, forgotten, {"person": person}, {"since": now})

    def _rate(self, connection: Connection, entry: str, user: str, value: int, now: datetime) -> None:
        key = {"entry": entry, "person": self.hash(user)}
        if value:
            put_row(connection, feedback, key, {"value": value, "given": now})
        else:
            this = (feedback.c.entry == entry, feedback.c.person == key["person"])
            connection.execute(delete(feedback).where(*this))


def _erase_journal(connection: Connection, now: datetime) -> None:
    connection.execute(delete(journal).where(journal.c.done_at < now - EVENTS))
    connection.execute(update(journal).where(journal.c.done_at < now - WHO).values(person=None))
    stuck = (journal.c.done_at.is_(None), journal.c.received < now - STUCK)
    connection.execute(update(journal).where(*stuck).values(closed(now, "never dealt with")))


def _erase_outbox(connection: Connection, now: datetime) -> None:
    """That we introduced ourselves in a room, or posted something under a key, must never be forgotten."""
    old = (outbox.c.closed < now - SAID, or_(outbox.c.question.is_not(None), outbox.c.number.is_not(None)))
    connection.execute(delete(outbox).where(*old))
    connection.execute(update(outbox).where(outbox.c.made < now - WHO).values(asker=None))
