"""Retention: how long data is stored, and erasure at a person's request."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, update

from .database import Component, Database, is_any, put_row, query, transaction
from .desk_sessions import LINK_AGE, LONGEST
from .journal import drop_events, forget_sender
from .queue import QuestionQueue, erase_old_questions
from .stats import store_settled
from .tables import candidates, edits, feedback, forgotten, hushes, journal, outbox, reader_notes, sessions
from .values import Purpose

SENDERS = timedelta(days=2)  # a suggestion can be chosen for a day
EVENTS = timedelta(days=30)  # as long as an event that comes again is not handled twice
POSTS = timedelta(days=90)  # as long as they can be edited or removed, and their 👍 and 👎 count
EDITS = timedelta(days=90)  # as long as a change of an entry can be undone
STUCK = timedelta(days=7)  # an event not handled by then is dropped
ONCE: tuple[Purpose, ...] = ("introduction", "undecryptable", "digest")
"""Purposes of posts that would be made again if their rows were erased."""


class Retention(Component):
    def __init__(self, database: Database, queue: QuestionQueue) -> None:
        super().__init__(database)
        self._queue = queue

    @transaction
    def erase_old(self, connection: Connection, now: datetime, questions_days: int) -> None:
        """Erase data past its retention, once it is counted. Call about once an hour.

        `now`: in the time zone in which days are counted.
        """
        store_settled(connection, now, questions_days)
        oldest = now - timedelta(days=questions_days)
        erase_old_questions(connection, now, oldest)
        connection.execute(delete(candidates).where(candidates.c.made < oldest))
        connection.execute(delete(hushes).where(hushes.c.until <= now))
        connection.execute(delete(sessions).where(sessions.c.made < now - LONGEST - LINK_AGE))
        connection.execute(delete(edits).where(edits.c.made < now - EDITS))
        connection.execute(delete(feedback).where(feedback.c.given < now - POSTS))
        connection.execute(delete(reader_notes).where(reader_notes.c.day < now - POSTS))
        connection.execute(delete(journal).where(journal.c.done_at < now - EVENTS))
        connection.execute(update(journal).where(journal.c.done_at < now - SENDERS).values(person=None))
        drop_events(connection, "never dealt with", now, journal.c.received < now - STUCK)
        connection.execute(delete(outbox).where(outbox.c.closed < now - POSTS, outbox.c.purpose.not_in(ONCE)))
        connection.execute(update(outbox).where(outbox.c.made < now - SENDERS).values(asker=None))

    @query
    def has_opted_out(self, connection: Connection, user: str) -> bool:
        """Whether that person does not want to be overheard."""
        return is_any(connection, forgotten.c.person == self._database.hash(user))

    def opt_in(self, connection: Connection, user: str) -> None:
        connection.execute(delete(forgotten).where(forgotten.c.person == self._database.hash(user)))

    def opt_out(self, connection: Connection, user: str, now: datetime) -> None:
        """Erase a person's data.

        Events that count towards the flood limit stay until they are old, so that opting out is no way around it.
        """
        person = self._database.hash(user)
        forget_sender(connection, person, now)
        connection.execute(delete(sessions).where(sessions.c.user == user))
        self._queue.forget(connection, user, now)
        connection.execute(delete(feedback).where(feedback.c.person == person))
        to_person = (outbox.c.asker == person, outbox.c.purpose != "flood")
        connection.execute(update(outbox).where(*to_person).values(asker=None))
        put_row(connection, forgotten, {"person": person}, {"since": now})
