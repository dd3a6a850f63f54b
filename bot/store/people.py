"""The queue of questions, and what people asked us to remember or to forget: the rest of an outcome."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, delete, select, update

from .database import Database, reading, upsert, writing
from .journal import forget_waiting
from .tables import feedback, forgotten, hushes, journal, outbox, questions
from .values import Outcome, Question, Queued

WHO = timedelta(days=2)  # how long it matters whose an event was: suggestions can be chosen from for a day
EVENTS = timedelta(days=30)  # how long an event is known as seen
SAID = timedelta(days=90)  # how long an answer can be changed or taken back
STUCK = timedelta(days=7)  # after this an event that was never dealt with is given up


class People(Database):
    @reading
    def questions(self, connection: Connection, limit: int = 100) -> list[Queued]:
        """The open queue, oldest first."""
        rows = connection.execute(select(questions).order_by(questions.c.number).limit(limit))
        return [_queued(row) for row in rows]

    @writing
    def erase_old(self, connection: Connection, now: datetime, questions_days: int) -> None:
        """Erase what has been kept long enough. For once an hour or so."""
        connection.execute(delete(questions).where(questions.c.asked < now - timedelta(days=questions_days)))
        connection.execute(delete(hushes).where(hushes.c.until <= now))
        _erase_journal(connection, now)
        _erase_outbox(connection, now)

    def _remember(self, connection: Connection, outcome: Outcome, now: datetime) -> None:
        if outcome.forget:
            self._forget(connection, self.hash(outcome.forget), now)
        if outcome.welcome:
            connection.execute(delete(forgotten).where(forgotten.c.person == self.hash(outcome.welcome)))
        if outcome.ask:
            self._ask(connection, outcome.ask)
        if outcome.unask:
            connection.execute(delete(questions).where(questions.c.event == outcome.unask))
        if outcome.hush:
            _set(connection, hushes, {"room": outcome.hush[0]}, {"until": outcome.hush[1]})
        if outcome.feedback:
            self._rate(connection, *outcome.feedback, now)

    def _forget(self, connection: Connection, person: str, now: datetime) -> None:
        """What counts towards flood stays until it is old: it must not be possible to ask it away."""
        forget_waiting(connection, person, now)
        connection.execute(delete(questions).where(questions.c.asker == person))
        connection.execute(delete(feedback).where(feedback.c.person == person))
        theirs = (outbox.c.asker == person, outbox.c.purpose != "flood")
        connection.execute(update(outbox).where(*theirs).values(asker=None))
        _set(connection, forgotten, {"person": person}, {"since": now})

    def _ask(self, connection: Connection, ask: Question) -> None:
        key = {"channel": ask.channel, "event": ask.event}
        first = {"room": ask.room, "asker": self.hash(ask.asker), "asked": ask.asked}
        _set(connection, questions, key, {"text": ask.text}, **first)

    def _rate(self, connection: Connection, entry: str, user: str, value: int, now: datetime) -> None:
        key = {"entry": entry, "person": self.hash(user)}
        if value:
            _set(connection, feedback, key, {"value": value, "given": now})
        else:
            this = (feedback.c.entry == entry, feedback.c.person == key["person"])
            connection.execute(delete(feedback).where(*this))


def _set(connection: Connection, table: Table, key: dict[str, Any], change: dict[str, Any], **first: Any) -> None:
    """A new row, or the change alone when there is one with this key."""
    insert = upsert(connection, table).values(**key, **change, **first)
    connection.execute(insert.on_conflict_do_update(index_elements=list(key), set_=change))


def _erase_journal(connection: Connection, now: datetime) -> None:
    connection.execute(delete(journal).where(journal.c.done_at < now - EVENTS))
    connection.execute(update(journal).where(journal.c.done_at < now - WHO).values(person=None))
    stuck = (journal.c.done_at.is_(None), journal.c.received < now - STUCK)
    closed = {"done_at": now, "due_at": None, "sender": None, "content": None, "reason": "never dealt with"}
    connection.execute(update(journal).where(*stuck).values(closed))


def _erase_outbox(connection: Connection, now: datetime) -> None:
    """That we introduced ourselves in a room, or posted something under a key, must never be forgotten."""
    old = (outbox.c.closed < now - SAID, outbox.c.question.is_not(None))
    connection.execute(delete(outbox).where(*old))
    connection.execute(update(outbox).where(outbox.c.made < now - WHO).values(asker=None))


def _queued(row: Any) -> Queued:
    return Queued(row.number, Question(row.text, row.channel, row.room, row.event, row.asker, row.asked))
