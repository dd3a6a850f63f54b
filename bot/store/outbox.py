"""The outbox: each post to send, once; afterwards, which event it was sent as."""

import functools
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, func, or_, select, true, update

from bot.messages import Outgoing, OutgoingReaction, Removal, Reply

from .database import Component, Database, from_row, insert_into, is_any, query, transaction
from .restore_window import maybe_sent
from .tables import journal, outbox, unsent
from .values import LOGIN_BEFORE_RESTORE, OutboxRow, Post, Purpose

ADDRESSED, OVERHEARD, MARK = range(3)  # the lower is sent first
MAX_MARKS = 10  # reactions looked up under one post
KINDS: dict[str, Callable[..., Outgoing]] = {"reply": Reply, "removal": Removal, "mark": OutgoingReaction}
_STORED = ("purpose", "entries", "answered", "question", "overheard", "number", "private", "relays")  # as in the post
NAMES: dict[object, str] = {kind: name for name, kind in KINDS.items()}


@functools.cache
def _due(purpose: Purpose | None) -> Select[Any]:
    """Build the query of due rows (of one purpose, if given), with parameter `now`.

    It runs after every change and takes longer to build than to run.
    """
    now = bindparam("now", type_=outbox.c.not_before.type)
    group = (outbox.c.channel, outbox.c.room, outbox.c.priority, outbox.c.asker)
    is_ready = or_(outbox.c.not_before.is_(None), outbox.c.not_before <= now)
    of_purpose = true() if purpose is None else outbox.c.purpose == purpose
    waiting = (unsent, of_purpose, outbox.c.asker.is_not(None) | is_ready)
    oldest = select(func.min(outbox.c.id)).where(*waiting).group_by(*group)
    return select(outbox).where(outbox.c.id.in_(oldest), is_ready).order_by(outbox.c.priority, outbox.c.id)


class Outbox(Component):
    @transaction
    def post(self, connection: Connection, channel: str, post: Post, key: str, now: datetime) -> bool:
        """Queue a post that follows from no event. Returns False if this key was used before."""
        return self.add(connection, channel, key, [post], now) == 1

    @query
    def due(self, connection: Connection, now: datetime, purpose: Purpose | None = None) -> list[OutboxRow]:
        """Return the rows to send now: the oldest for each asker in each room; addressed first, then overheard, then
        marks.

        With a purpose, rows of other purposes are ignored. A postponed row holds up those behind it, so that questions
        are answered in order; rows without an asker (removals, notes, marks) wait for nothing.
        """
        rows = connection.execute(_due(purpose), {"now": now})
        return [from_row(OutboxRow, row, transaction=row.transaction_id, outgoing=decode(row.outgoing)) for row in rows]

    @query
    def without_row(self, connection: Connection, events: Sequence[str]) -> list[str]:
        """Return those of the bot's own events that belong to no row."""
        known = set(connection.scalars(select(outbox.c.event).where(outbox.c.event.in_(events))))
        return [event for event in events if event not in known]

    @query
    def is_sending(self, connection: Connection, room: str) -> bool:
        """Whether a post into the room is under way whose event is not known yet."""
        return is_any(connection, outbox.c.room == room, unsent, outbox.c.begun.is_not(None))

    @transaction
    def begin(self, connection: Connection, id: int, now: datetime, login: str = "") -> bool:
        """Record an attempt to send, with time and login of the first one. Call before each attempt.

        Returns False if the row must not be sent: it was withdrawn or is closed.
        """
        change = {"begun": func.coalesce(outbox.c.begun, now), "login": func.coalesce(outbox.c.login, login)}
        return update_unsent(connection, id, change)

    @transaction
    def postpone(self, connection: Connection, id: int, until: datetime) -> None:
        """Record a failed attempt, and retry not before `until`."""
        update_unsent(connection, id, {"not_before": until, "attempts": outbox.c.attempts + 1})

    @transaction
    def mark_sent(self, connection: Connection, id: int, event: str, now: datetime) -> datetime | None:
        """Record that a row arrived as `event`, and queue its marks; its removal if it was withdrawn meanwhile.

        Marks of the text that it replaces are withdrawn unless it has them as well. Returns when the question that it
        answers was received; None if that is unknown or the row was sent before.
        """
        row = connection.execute(select(outbox).where(outbox.c.id == id, unsent)).one_or_none()
        if row is None:
            return None
        redaction = (journal.c.kind == "redaction", journal.c.relates_to == event, journal.c.room == row.room)
        is_removed = row.removed or is_any(connection, *redaction)
        kept = row.outgoing if row.purpose == "mark" else None
        change = {"closed": now, "event": event, "outgoing": kept, "removed": is_removed}
        connection.execute(update(outbox).where(outbox.c.id == id).values(change))
        follow_ups = [_removal(row, event)] if row.removed else self._marks(connection, row, event, is_removed, now)
        self.add(connection, row.channel, row.transaction_id, follow_ups, now)
        question = (journal.c.channel == row.channel, journal.c.event == row.question)
        return connection.scalar(select(journal.c.received).where(*question))

    def add(
        self,
        connection: Connection,
        channel: str,
        source: str,
        posts: Iterable[Post],
        now: datetime,
        event_sent: datetime | None = None,
    ) -> int:
        """Add rows for posts that follow from `source`, a key or an event sent at `event_sent`.

        Returns how many are new. A row that exists under its transaction id stays as it is.
        """
        ordinals: dict[str, int] = {}
        new = 0
        for post in posts:
            ordinal = ordinals[post.purpose] = ordinals.get(post.purpose, -1) + 1
            row = {name: getattr(post, name) for name in _STORED} | {
                "channel": post.channel or channel,
                "room": post.outgoing.room,
                "transaction_id": transaction_id(channel, source, post.purpose, ordinal),
                "priority": MARK if post.purpose == "mark" else OVERHEARD if post.overheard else ADDRESSED,
                "asker": post.asker and self._database.hash(post.asker),
                "replaces": post.outgoing.replaces if isinstance(post.outgoing, Reply) else None,
                "outgoing": encode(post.outgoing),
                "made": now,
            }
            if since := maybe_sent(connection, row["channel"], post, event_sent, now):
                row |= {"begun": since, "login": LOGIN_BEFORE_RESTORE}
            insert = insert_into(connection, outbox).values(row).on_conflict_do_nothing()
            new += connection.execute(insert, execution_options={"preserve_rowcount": True}).rowcount
            if isinstance(post.outgoing, Removal):
                mark_removed(connection, post.outgoing.target, now, post.outgoing.room)
        return new

    def withdraw(self, connection: Connection, ids: Iterable[int], now: datetime) -> None:
        """Close rows not begun and remove posts that were sent; one being sent is removed once it has arrived."""
        for id in ids:
            this = outbox.c.id == id
            close_rows(connection, "withdrawn", now, this, outbox.c.begun.is_(None))
            row = connection.execute(select(outbox).where(this)).one_or_none()
            if row is None or row.removed:
                continue
            connection.execute(update(outbox).where(this).values(removed=True))
            if row.event:
                removal = _removal(row, row.replaces or row.event)
                self.add(connection, row.channel, row.transaction_id, [removal], now)
                marks = () if row.purpose == "mark" else _marks_under(connection, row)
                self.withdraw(connection, [mark.id for mark in marks], now)

    def rename_event(self, connection: Connection, channel: str, old: str, new: str, now: datetime) -> None:
        """Record that a post sent under one id has appeared under another; remove it if it was withdrawn meanwhile."""
        this = (outbox.c.channel == channel, outbox.c.event == old)
        for row in connection.execute(select(outbox).where(*this)).all():
            connection.execute(update(outbox).where(outbox.c.id == row.id).values(event=new))
            if row.removed:
                self.add(connection, channel, f"{row.transaction_id} {new}", [_removal(row, new)], now)

    def _marks(self, connection: Connection, row: Row[Any], event: str, is_removed: bool, now: datetime) -> list[Post]:
        """Return the marks that a post sent as `event` lacks, and withdraw those of the replaced text that it does not
        want."""
        outgoing = decode(row.outgoing)
        if not isinstance(outgoing, Reply):
            return []
        choices = () if is_removed else outgoing.choices
        marks = _marks_under(connection, row) if row.replaces else ()
        earlier = {mark.id: mark.outgoing and getattr(decode(mark.outgoing), "key", None) for mark in marks}
        self.withdraw(connection, [id for id, key in earlier.items() if key not in choices], now)
        new = [key for key in choices if key not in earlier.values()]
        target = row.replaces or event
        return [Post(OutgoingReaction(row.room, target, key), "mark", question=row.question) for key in new]


class PostingComponent(Component):
    """Base of a component whose transactions also put posts into the outbox."""

    def __init__(self, database: Database, outbox: Outbox) -> None:
        super().__init__(database)
        self._outbox = outbox


def transaction_id(channel: str, source: str, purpose: str, ordinal: int) -> str:
    """Return an id that is the same whenever the same post is made again, so that the network recognises it.

    `source` is the id of the event, the key of a post, or the transaction that a mark or removal follows.
    """
    return hashlib.sha256(json.dumps([channel, source, purpose, ordinal]).encode()).hexdigest()[:32]


def encode(outgoing: Outgoing) -> str:
    return json.dumps([NAMES[type(outgoing)], asdict(outgoing)])


def decode(text: str) -> Outgoing:
    kind, fields = json.loads(text)
    return KINDS[kind](**{name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()})


def mark_removed(connection: Connection, event: str, now: datetime, room: str) -> None:
    """Record that an event of a room was deleted.

    If it is the bot's own, it counts as removed, and edits of it that were not begun are dropped.
    """
    in_room = outbox.c.room == room
    is_unbegun = outbox.c.begun.is_(None) | (outbox.c.login == LOGIN_BEFORE_RESTORE)
    close_rows(connection, "removed", now, outbox.c.replaces == event, in_room, is_unbegun)
    is_own = or_(outbox.c.event == event, outbox.c.replaces == event)
    connection.execute(update(outbox).where(is_own, in_room).values(removed=True))


def close_rows(connection: Connection, reason: str, now: datetime, *which: ColumnElement[bool]) -> int:
    """Close unsent rows for good. Returns how many there were."""
    change = {"closed": now, "outgoing": None, "reason": reason}
    return connection.execute(update(outbox).where(unsent, *which).values(change)).rowcount


def retry_posts(connection: Connection) -> None:
    """Make postponed rows due now."""
    connection.execute(update(outbox).where(unsent).values(not_before=None))


def update_unsent(connection: Connection, id: int, change: dict[str, Any]) -> bool:
    """Change an unsent row; False if it is closed."""
    return connection.execute(update(outbox).where(outbox.c.id == id, unsent).values(change)).rowcount == 1


def _marks_under(connection: Connection, row: Row[Any]) -> Sequence[Row[Any]]:
    """Return the bot's own marks under a row's post, sent or waiting, found by their transaction ids."""
    event = row.replaces or row.event
    is_same_post = (outbox.c.channel == row.channel, or_(outbox.c.event == event, outbox.c.replaces == event))
    sources = connection.scalars(select(outbox.c.transaction_id).where(*is_same_post))
    ids = [transaction_id(row.channel, source, "mark", number) for source in sources for number in range(MAX_MARKS)]
    alive = (outbox.c.removed.is_(False), or_(unsent, outbox.c.event.is_not(None)))
    return connection.execute(select(outbox).where(outbox.c.transaction_id.in_(ids), *alive)).all()


def _removal(row: Row[Any], target: str) -> Post:
    """Return the removal of a row's event. The removal of a mark is a mark again, so that nothing waits for it."""
    purpose: Purpose = "mark" if row.purpose == "mark" else "removal"
    return Post(Removal(row.room, target), purpose, question=row.question, overheard=row.overheard)
