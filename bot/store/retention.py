"""Retention: how long anything is stored, and what a person asks to have erased."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, exists, select, update

from .database import Component, Database, put_row, query, transaction
from .desk_sessions import LINK_AGE, LONGEST
from .journal import drop_events, forget_sender
from .queue import QuestionQueue, erase_old_questions
from .tables import candidates, edits, feedback, forgotten, hushes, journal, outbox, sessions
from .values import Purpose

SENDERS = timedelta(days=2)  # suggestions can be chosen from for a day
EVENTS = timedelta(days=30)  # none is handled twice
POSTS = timedelta(days=90)  # they can be edited or removed; so long their 👍 and 👎 count
EDITS = timedelta(days=90)
STUCK = timedelta(days=7)  # an event that was not dealt with by then is dropped
ONCE: tuple[Purpose, ...] = ("introduction", "undecryptable", "digest")
"""Purposes of posts that would be made again if they were forgotten."""


class Retention(Component):
    def __init__(self, database: Database, queue: QuestionQueue) -> None:
        super().__init__(database)
        self._queue = queue

    @transaction
    def erase_old(self, connection: Connection, now: datetime, questions_days: int) -> None:
        """Erase what has been stored long enough. Call about once an hour."""
        oldest = now - timedelta(days=questions_days)
        erase_old_questions(connection, now, oldest)
        connection.execute(delete(candidates).where(candidates.c.made < oldest))
        connection.execute(delete(hushes).where(hushes.c.until <= now))
        connection.execute(delete(sessions).where(sessions.c.made < now - LONGEST - LINK_AGE))
        connection.execute(delete(edits).where(edits.c.made < now - EDITS))
        connection.execute(delete(feedback).where(feedback.c.given < now - POSTS))
        _erase_old_events(connection, now)
        _erase_old_posts(connection, now)

    @query
    def has_opted_out(self, connection: Connection, user: str) -> bool:
        """Whether that person does not want to be overheard."""
        return bool(connection.scalar(select(exists().where(forgotten.c.person == self._database.hash(user)))))

    def opt_in(self, connection: Connection, user: str) -> None:
        connection.execute(delete(forgotten).where(forgotten.c.person == self._database.hash(user)))

    def opt_out(self, connection: Connection, user: str, now: datetime) -> None:
        """Erase what is stored of a person. What counts towards flood stays until it is old: forgetting must not be a
        way around that limit."""
        person = self._database.hash(user)
        forget_sender(connection, person, now)
        connection.execute(delete(sessions).where(sessions.c.user == user))
        self._queue.remove_asker(connection, person, now)
        connection.execute(delete(feedback).where(feedback.c.person == person))
        to_person = (outbox.c.asker == person, outbox.c.purpose != "flood")
        connection.execute(update(outbox).where(*to_person).values(asker=None))
        put_row(connection, forgotten, {"person": person}, {"since": now})


def _erase_old_events(connection: Connection, now: datetime) -> None:
    connection.execute(delete(journal).where(journal.c.done_at < now - EVENTS))
    connection.execute(update(journal).where(journal.c.done_at < now - SENDERS).values(person=None))
    drop_events(connection, "never dealt with", now, journal.c.received < now - STUCK)


def _erase_old_posts(connection: Connection, now: datetime) -> None:
    connection.execute(delete(outbox).where(outbox.c.closed < now - POSTS, outbox.c.purpose.not_in(ONCE)))
    connection.execute(update(outbox).where(outbox.c.made < now - SENDERS).values(asker=None))
