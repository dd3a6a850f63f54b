"""The journal: every incoming event, once, with its content until it is handled."""

import functools
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, exists, func, or_, select, update

from bot.messages import Event, Message

from .database import count_rows, insert_into, is_any, put_row, query, transaction
from .outbox import PostingComponent, mark_removed
from .outcome import Outcome
from .tables import journal, positions, unfinished

_is_edit = journal.c.kind == "edit"
_STORED = ("channel", "room", "kind", "relates_to", "sender", "content", "sent")  # as in the event
_is_put_off = or_(journal.c.due_at.is_not(None), journal.c.tries > 0)


@functools.cache
def _due() -> Select[Any]:
    """Build the query of due events, with parameters `now` and `turns`.

    It runs after every event and takes longer to build than to run.
    """
    is_due = or_(journal.c.due_at.is_(None), journal.c.due_at <= bindparam("now", type_=journal.c.due_at.type))
    turn = func.row_number().over(
        partition_by=(journal.c.channel, journal.c.room, journal.c.person), order_by=journal.c.id
    )
    turns_of = select(journal.c.id, turn.label("turn")).where(unfinished, is_due).subquery()
    events = select(journal).join(turns_of, turns_of.c.id == journal.c.id)
    return events.where(turns_of.c.turn <= bindparam("turns")).order_by(turns_of.c.turn, journal.c.id)


class Journal(PostingComponent):
    @transaction
    def receive(self, connection: Connection, channel: str, events: Sequence[Event], position: str) -> int:
        """Store a batch and the position after it, both or neither. Returns how many events are new."""
        now, new = self._database.clock(), 0
        rows = [
            {name: getattr(event, name) for name in _STORED}
            | {"event": event.id, "person": self._database.hash(event.sender), "received": now}
            for event in events
        ]
        if rows:
            insert = insert_into(connection, journal).on_conflict_do_nothing()
            new = connection.execute(insert, rows, execution_options={"preserve_rowcount": True}).rowcount
        for event in events:
            if event.kind == "redaction" and event.relates_to:
                mark_removed(connection, event.relates_to, now, event.room)
                is_edit_of_it = _is_edit & (journal.c.relates_to == event.relates_to)
                is_target = or_(journal.c.event == event.relates_to, is_edit_of_it)
                in_room = (journal.c.channel == event.channel, journal.c.room == event.room)
                drop_events(connection, "deleted", now, *in_room, is_target, _is_put_off)
        for event in events:
            if event.kind == "appeared" and event.relates_to:
                self._outbox.rename_event(connection, event.channel, event.relates_to, event.id, now)
        put_row(connection, positions, {"channel": channel}, {"position": position})
        return new

    @query
    def position(self, connection: Connection, channel: str) -> str | None:
        return connection.scalar(select(positions.c.position).where(positions.c.channel == channel))

    @query
    def due(self, connection: Connection, now: datetime, turns: int = 200) -> list[Event]:
        """Return the events to handle now: each sender's oldest `turns` events in each room, senders taking turns."""
        return [_event(row) for row in connection.execute(_due(), {"now": now, "turns": turns})]

    @query
    def is_pending(self, connection: Connection, event: str) -> bool:
        """Whether the event is still to be handled."""
        return is_any(connection, journal.c.event == event, unfinished)

    @query
    def is_redacted(self, connection: Connection, event: str) -> bool:
        """Whether the event was deleted by a redaction in its own room."""
        redaction = (journal.c.kind == "redaction", journal.c.relates_to == event)
        if not is_any(connection, *redaction):  # nearly always, and in a third of the time
            return False
        target = journal.alias("target")
        is_target = (target.c.channel == journal.c.channel, target.c.event == event)
        in_another_room = exists().where(*is_target, target.c.room != journal.c.room)
        return is_any(connection, *redaction, ~in_another_room)

    @query
    def received_at(self, connection: Connection, event: Event) -> datetime:
        received = select(journal.c.received).where(journal.c.channel == event.channel, journal.c.event == event.id)
        moment: datetime = connection.execute(received).scalar_one()
        return moment

    @query
    def latest_edit(self, connection: Connection, event: Event) -> Event | None:
        """The latest pending edit of the event by its sender."""
        # `coalesce` keeps the planner off the index of persons, which would read a sender's whole burst for each event.
        by_sender = func.coalesce(journal.c.person, "") == self._database.hash(event.sender)
        of_event = (_is_edit, journal.c.relates_to == event.id, by_sender, unfinished)
        in_room = (journal.c.channel == event.channel, journal.c.room == event.room)
        latest = connection.scalar(select(func.max(journal.c.id)).where(*in_room, *of_event))
        if latest is None:  # nearly always
            return None
        return _event(connection.execute(select(journal).where(journal.c.id == latest)).one())

    @query
    def addressed_since(self, connection: Connection, user: str, since: datetime, reason: str | None = None) -> int:
        """Count that person's addressed events handled since then in all rooms, with that `reason` if given."""
        of_person = (journal.c.person == self._database.hash(user), journal.c.addressed, journal.c.done_at >= since)
        for_reason = () if reason is None else (journal.c.reason == reason,)
        return count_rows(connection, journal, *of_person, *for_reason)

    @query
    def others_spoke(self, connection: Connection, message: Message, since: datetime) -> bool:
        """Whether anybody but the sender has written a message in its room since then."""
        in_room = (journal.c.channel == message.channel, journal.c.room == message.room, journal.c.kind == "message")
        by_others = journal.c.person.is_distinct_from(self._database.hash(message.sender))
        return is_any(connection, *in_room, by_others, journal.c.received >= since)

    @query
    def question_of(self, connection: Connection, channel: str, reply: str, asker: str) -> str | None:
        """Return the id of the message that `reply` answers in the same room, if the asker wrote it.

        A message whose author is no longer known counts as theirs.
        """
        question = journal.alias("question")
        is_reply = (journal.c.channel == channel, journal.c.event == reply, journal.c.kind == "message")
        is_asked = (question.c.event == journal.c.relates_to, question.c.kind == "message")
        same_room = (question.c.channel == journal.c.channel, question.c.room == journal.c.room)
        by_asker = or_(question.c.person == self._database.hash(asker), question.c.person.is_(None))
        return connection.scalar(select(question.c.event).where(*is_reply, *is_asked, *same_room, by_asker))

    @transaction
    def count_try(self, connection: Connection, events: Collection[tuple[str, str]]) -> None:
        """Count a failed attempt on these events (channel, id): the program hung while it handled them, and ended."""
        for channel, event in events:
            this = (journal.c.channel == channel, journal.c.event == event, unfinished)
            connection.execute(update(journal).where(*this).values(tries=journal.c.tries + 1))


def settle_event(connection: Connection, event: Event, outcome: Outcome, now: datetime) -> bool:
    """Record the outcome of an event. Returns False if it is already done, so nothing more may follow from it."""
    this = (journal.c.channel == event.channel, journal.c.event == event.id, unfinished)
    change: dict[str, Any] = {"reason": outcome.reason, "addressed": outcome.addressed, "due_at": outcome.retry_at}
    if outcome.about:
        change["relates_to"] = outcome.about
    if outcome.retry_at is None:
        change |= {"done_at": now, "sender": None, "content": None}
    return connection.execute(update(journal).where(*this).values(change)).rowcount == 1


def retry_events(connection: Connection, *which: ColumnElement[bool]) -> None:
    """Make postponed events due now."""
    connection.execute(update(journal).where(unfinished, *which).values(due_at=None))


def drop_events(connection: Connection, reason: str, now: datetime, *which: ColumnElement[bool]) -> None:
    """Mark these pending events as done, without handling them."""
    change = {"done_at": now, "due_at": None, "sender": None, "content": None, "reason": reason}
    connection.execute(update(journal).where(unfinished, *which).values(change))


def forget_sender(connection: Connection, person: str, now: datetime) -> None:
    """Drop a person's postponed events, and forget who sent the handled ones that did not address the bot."""
    drop_events(connection, "forgotten", now, journal.c.person == person, _is_put_off)
    overheard = (journal.c.person == person, journal.c.done_at.is_not(None), journal.c.addressed.is_(False))
    connection.execute(update(journal).where(*overheard).values(person=None))


def _event(row: Any) -> Event:
    # Other people's servers write the date: one in the future would make the message wait for it.
    sent = min(row.sent, row.received)
    return Event(row.channel, row.event, row.room, row.sender, row.kind, sent, row.content, row.relates_to, row.tries)
