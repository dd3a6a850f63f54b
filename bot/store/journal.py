"""The journal: every event that came in, once, until it is dealt with; and after that, that it was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.messages import Event

from .database import Database, upsert
from .outbox import note_removed
from .tables import journal, positions, unfinished
from .values import Outcome


class Journal(Database):
    async def receive(self, channel: str, events: Sequence[Event], position: str) -> int:
        """Keep a batch and the position after it, both or neither; the number of events that are new."""
        async with self._writing() as connection:
            new = await self._note(connection, events) if events else 0
            await connection.execute(
                upsert(connection, positions)
                .values(channel=channel, position=position)
                .on_conflict_do_update(index_elements=["channel"], set_={"position": position})
            )
        return new

    async def position(self, channel: str) -> str | None:
        async with self._reading() as connection:
            return await connection.scalar(select(positions.c.position).where(positions.c.channel == channel))

    async def due(self, now: datetime, turns: int = 200) -> list[Event]:
        """What is to be looked at now: each sender's oldest `turns` events in each room, one of each in turn."""
        when = or_(journal.c.due_at.is_(None), journal.c.due_at <= now)
        queue = func.row_number().over(
            partition_by=(journal.c.channel, journal.c.room, journal.c.person), order_by=journal.c.id
        )
        queues = select(journal.c.id, queue.label("turn")).where(unfinished, when).subquery()
        query = select(journal).join(queues, queues.c.id == journal.c.id).where(queues.c.turn <= turns)
        async with self._reading() as connection:
            rows = await connection.execute(query.order_by(queues.c.turn, journal.c.id))
            return [_event(row) for row in rows]

    async def next_due(self) -> datetime | None:
        """When the earliest event that was put off comes up; None when none was."""
        async with self._reading() as connection:
            first: datetime | None = await connection.scalar(select(func.min(journal.c.due_at)).where(unfinished))
        return first

    async def received(self, event: Event) -> datetime:
        """When it came in."""
        query = select(journal.c.received).where(journal.c.channel == event.channel, journal.c.event == event.id)
        async with self._reading() as connection:
            when: datetime = (await connection.execute(query)).scalar_one()
        return when

    async def _note(self, connection: AsyncConnection, events: Sequence[Event]) -> int:
        rows = [self._row(event) for event in events]
        insert = upsert(connection, journal).on_conflict_do_nothing()
        new = (await connection.execute(insert, rows, execution_options={"preserve_rowcount": True})).rowcount
        redacted = [event.relates_to for event in events if event.kind == "redaction" and event.relates_to]
        if redacted:
            await note_removed(connection, redacted, self._clock())
        return new

    def _row(self, event: Event) -> dict[str, Any]:
        return {
            "channel": event.channel,
            "event": event.id,
            "room": event.room,
            "kind": event.kind,
            "relates_to": event.relates_to,
            "person": self.hash(event.sender),
            "sender": event.sender,
            "content": event.content,
            "sent": event.sent,
            "received": self._clock(),
        }


async def settle(connection: AsyncConnection, event: Event, outcome: Outcome, now: datetime) -> bool:
    """Note what became of an event; False when that was already known, and nothing more must happen."""
    this = (journal.c.channel == event.channel, journal.c.event == event.id, unfinished)
    change: dict[str, Any] = {"reason": outcome.reason, "addressed": outcome.addressed, "due_at": outcome.later}
    if outcome.later is None:
        change |= {"done_at": now, "sender": None, "content": None}
    return (await connection.execute(update(journal).where(*this).values(change))).rowcount == 1


async def hasten_all(connection: AsyncConnection) -> None:
    await connection.execute(update(journal).where(unfinished).values(due_at=None))


async def hasten(connection: AsyncConnection, channel: str, room: str) -> None:
    """Bring up now what was put off in a room."""
    there = (journal.c.channel == channel, journal.c.room == room, unfinished)
    await connection.execute(update(journal).where(*there).values(due_at=None))


async def forget_waiting(connection: AsyncConnection, person: str, now: datetime) -> None:
    """Give up the events of a person that were put off, and whose those were that did not speak to us."""
    theirs = journal.c.person == person
    waiting = (theirs, unfinished, journal.c.due_at.is_not(None))
    closed = {"done_at": now, "due_at": None, "sender": None, "content": None, "reason": "forgotten"}
    await connection.execute(update(journal).where(*waiting).values(closed))
    past = (theirs, journal.c.done_at.is_not(None), journal.c.addressed.is_(False))
    await connection.execute(update(journal).where(*past).values(person=None))


def _event(row: Any) -> Event:
    return Event(row.channel, row.event, row.room, row.sender, row.kind, row.sent, row.content, row.relates_to)
