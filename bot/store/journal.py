"""The journal: every event that came in, once, until it is dealt with; and after that, that it was."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, or_, select, update

from bot.messages import Event

from .database import insert_into, put_row, reading, writing
from .outbox import Outbox, note_removed
from .tables import journal, positions, unfinished
from .values import Outcome


class Journal(Outbox):
    @writing
    def receive(self, connection: Connection, channel: str, events: Sequence[Event], position: str) -> int:
        """Keep a batch and the position after it, both or neither; the number of events that are new."""
        new = self._note(connection, events) if events else 0
        put_row(connection, positions, {"channel": channel}, {"position": position})
        return new

    @reading
    def position(self, connection: Connection, channel: str) -> str | None:
        return connection.scalar(select(positions.c.position).where(positions.c.channel == channel))

    @reading
    def due(self, connection: Connection, now: datetime, turns: int = 200) -> list[Event]:
        """What is to be looked at now: each sender's oldest `turns` events in each room, one of each in turn."""
        when = or_(journal.c.due_at.is_(None), journal.c.due_at <= now)
        queue = func.row_number().over(
            partition_by=(journal.c.channel, journal.c.room, journal.c.person), order_by=journal.c.id
        )
        queues = select(journal.c.id, queue.label("turn")).where(unfinished, when).subquery()
        query = select(journal).join(queues, queues.c.id == journal.c.id).where(queues.c.turn <= turns)
        rows = connection.execute(query.order_by(queues.c.turn, journal.c.id))
        return [_event(row) for row in rows]

    @writing
    def count_try(self, connection: Connection, events: Collection[tuple[str, str]]) -> None:
        """The program was held up while it worked on these events (channel and id), and ended."""
        for channel, event in events:
            this = (journal.c.channel == channel, journal.c.event == event, unfinished)
            connection.execute(update(journal).where(*this).values(tries=journal.c.tries + 1))

    @reading
    def received(self, connection: Connection, event: Event) -> datetime:
        """When it came in."""
        query = select(journal.c.received).where(journal.c.channel == event.channel, journal.c.event == event.id)
        when: datetime = connection.execute(query).scalar_one()
        return when

    @reading
    def newest_edit(self, connection: Connection, event: Event) -> Event | None:
        """The latest of its sender's edits of it that are still to be dealt with."""
        # `coalesce` hides the index of persons: a burst of theirs would be read through for each event of it.
        theirs = func.coalesce(journal.c.person, "") == self.hash(event.sender)
        of_it = (edits, journal.c.relates_to == event.id, theirs, unfinished)
        there = (journal.c.channel == event.channel, journal.c.room == event.room)
        newest = connection.scalar(select(func.max(journal.c.id)).where(*there, *of_it))
        if newest is None:  # nearly always
            return None
        return _event(connection.execute(select(journal).where(journal.c.id == newest)).one())

    def _note(self, connection: Connection, events: Sequence[Event]) -> int:
        rows = [self._row(event) for event in events]
        insert = insert_into(connection, journal).on_conflict_do_nothing()
        new = connection.execute(insert, rows, execution_options={"preserve_rowcount": True}).rowcount
        redactions = [event for event in events if event.kind == "redaction" and event.relates_to]
        for room in {event.room for event in redactions}:
            gone = [event.relates_to for event in redactions if event.room == room and event.relates_to]
            note_removed(connection, gone, self._clock(), room)
        for event in events:
            if event.kind == "appeared" and event.relates_to:
                self._appeared(connection, event.channel, event.relates_to, event.id, self._clock())
        for event in redactions:
            _erase_waiting(connection, event, self._clock())
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


def settle(connection: Connection, event: Event, outcome: Outcome, now: datetime) -> bool:
    """Note what became of an event; False when that was already known, and nothing more must happen."""
    this = (journal.c.channel == event.channel, journal.c.event == event.id, unfinished)
    change: dict[str, Any] = {"reason": outcome.reason, "addressed": outcome.addressed, "due_at": outcome.retry_at}
    if outcome.retry_at is None:
        change |= {"done_at": now, "sender": None, "content": None}
    return connection.execute(update(journal).where(*this).values(change)).rowcount == 1


def hasten_all(connection: Connection) -> None:
    connection.execute(update(journal).where(unfinished).values(due_at=None))


def hasten(connection: Connection, channel: str, room: str) -> None:
    """Bring up now what was put off in a room."""
    there = (journal.c.channel == channel, journal.c.room == room, unfinished)
    connection.execute(update(journal).where(*there).values(due_at=None))


def _erase_waiting(connection: Connection, redaction: Event, now: datetime) -> None:
    """What was put off and is deleted meanwhile leaves no words, neither its own nor those of its edits."""
    there = (journal.c.channel == redaction.channel, journal.c.room == redaction.room)
    it = or_(journal.c.event == redaction.relates_to, edits & (journal.c.relates_to == redaction.relates_to))
    waiting = (*there, it, unfinished, _put_off)
    connection.execute(update(journal).where(*waiting).values(closed(now, "deleted")))


edits = journal.c.kind == "edit"
_put_off = or_(journal.c.due_at.is_not(None), journal.c.tries > 0)  # what was tried comes after all others


def closed(now: datetime, reason: str) -> dict[str, Any]:
    """For an event of which nothing more will come."""
    return {"done_at": now, "due_at": None, "sender": None, "content": None, "reason": reason}


def forget_waiting(connection: Connection, person: str, now: datetime) -> None:
    """Give up the events of a person that were put off, and whose those were that did not speak to us."""
    theirs = journal.c.person == person
    waiting = (theirs, unfinished, _put_off)
    connection.execute(update(journal).where(*waiting).values(closed(now, "forgotten")))
    past = (theirs, journal.c.done_at.is_not(None), journal.c.addressed.is_(False))
    connection.execute(update(journal).where(*past).values(person=None))


def _event(row: Any) -> Event:
    # Servers of others write the date: one that is yet to come would have the message wait for it.
    sent = min(row.sent, row.received)
    return Event(row.channel, row.event, row.room, row.sender, row.kind, sent, row.content, row.relates_to, row.tries)
