"""The queue of questions, and what people asked us to remember or to forget: the rest of an outcome."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from .database import Database, upsert
from .journal import forget_waiting
from .tables import feedback, forgotten, hushes, journal, outbox, questions
from .values import Outcome, Question, Queued

WHO = timedelta(days=2)  # how long it matters whose an event was: suggestions can be chosen from for a day
EVENTS = timedelta(days=30)  # how long an event is known as seen
SAID = timedelta(days=90)  # how long an answer can be changed or taken back
STUCK = timedelta(days=7)  # after this an event that was never dealt with is given up


class People(Database):
    async def questions(self, limit: int = 100) -> list[Queued]:
        """The open queue, oldest first."""
        async with self._reading() as connection:
            rows = await connection.execute(select(questions).order_by(questions.c.number).limit(limit))
            return [_queued(row) for row in rows]

    async def erase_old(self, now: datetime, questions_days: int) -> None:
        """Erase what has been kept long enough. For once an hour or so."""
        async with self._writing() as connection:
            await connection.execute(delete(questions).where(questions.c.asked < now - timedelta(days=questions_days)))
            await connection.execute(delete(hushes).where(hushes.c.until <= now))
            await _erase_journal(connection, now)
            await _erase_outbox(connection, now)

    async def _remember(self, connection: AsyncConnection, outcome: Outcome, now: datetime) -> None:
        if outcome.forget:
            await self._forget(connection, self.hash(outcome.forget), now)
        if outcome.welcome:
            await connection.execute(delete(forgotten).where(forgotten.c.person == self.hash(outcome.welcome)))
        if outcome.ask:
            await self._ask(connection, outcome.ask)
        if outcome.unask:
            await connection.execute(delete(questions).where(questions.c.event == outcome.unask))
        if outcome.hush:
            await _set(connection, hushes, {"room": outcome.hush[0]}, {"until": outcome.hush[1]})
        if outcome.feedback:
            await self._rate(connection, *outcome.feedback, now)

    async def _forget(self, connection: AsyncConnection, person: str, now: datetime) -> None:
        """What counts towards flood stays until it is old: it must not be possible to ask it away."""
        await forget_waiting(connection, person, now)
        await connection.execute(delete(questions).where(questions.c.asker == person))
        await connection.execute(delete(feedback).where(feedback.c.person == person))
        theirs = (outbox.c.asker == person, outbox.c.purpose != "flood")
        await connection.execute(update(outbox).where(*theirs).values(asker=None))
        await _set(connection, forgotten, {"person": person}, {"since": now})

    async def _ask(self, connection: AsyncConnection, ask: Question) -> None:
        key = {"channel": ask.channel, "event": ask.event}
        first = {"room": ask.room, "asker": self.hash(ask.asker), "asked": ask.asked}
        await _set(connection, questions, key, {"text": ask.text}, **first)

    async def _rate(self, connection: AsyncConnection, entry: str, user: str, value: int, now: datetime) -> None:
        key = {"entry": entry, "person": self.hash(user)}
        if value:
            await _set(connection, feedback, key, {"value": value, "given": now})
        else:
            this = (feedback.c.entry == entry, feedback.c.person == key["person"])
            await connection.execute(delete(feedback).where(*this))


async def _set(
    connection: AsyncConnection, table: Table, key: dict[str, Any], change: dict[str, Any], **first: Any
) -> None:
    """A new row, or the change alone when there is one with this key."""
    insert = upsert(connection, table).values(**key, **change, **first)
    await connection.execute(insert.on_conflict_do_update(index_elements=list(key), set_=change))


async def _erase_journal(connection: AsyncConnection, now: datetime) -> None:
    await connection.execute(delete(journal).where(journal.c.done_at < now - EVENTS))
    await connection.execute(update(journal).where(journal.c.done_at < now - WHO).values(person=None))
    stuck = (journal.c.done_at.is_(None), journal.c.received < now - STUCK)
    closed = {"done_at": now, "due_at": None, "sender": None, "content": None, "reason": "never dealt with"}
    await connection.execute(update(journal).where(*stuck).values(closed))


async def _erase_outbox(connection: AsyncConnection, now: datetime) -> None:
    """That we introduced ourselves in a room, or posted something under a key, must never be forgotten."""
    old = (outbox.c.closed < now - SAID, outbox.c.question.is_not(None))
    await connection.execute(delete(outbox).where(*old))
    await connection.execute(update(outbox).where(outbox.c.made < now - WHO).values(asker=None))


def _queued(row: Any) -> Queued:
    return Queued(row.number, Question(row.text, row.channel, row.room, row.event, row.asker, row.asked))
