"""The outbox: each post to send, once; and after that, what was sent as which event."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, func, or_, select, true, update

from bot.messages import Outgoing, OutgoingReaction, Removal, Reply

from .database import Component, Database, from_row, insert_into, query, transaction
from .restore_window import maybe_sent
from .tables import journal, outbox, unsent
from .values import LOGIN_BEFORE_RESTORE, OutboxRow, Post, Purpose

ADDRESSED, OVERHEARD, MARK = range(3)  # the lower is sent first
MAX_MARKS = 10  # under one post
KINDS: dict[str, Callable[..., Outgoing]] = {"reply": Reply, "removal": Removal, "mark": OutgoingReaction}
NAMES: dict[object, str] = {kind: name for name, kind in KINDS.items()}


def _due(which: ColumnElement[bool]) -> Select[Any]:
    """`now`: a parameter. It is asked after every change, and takes longer to build than to run."""
    now = bindparam("now", type_=outbox.c.not_before.type)
    group = (outbox.c.channel, outbox.c.room, outbox.c.priority, outbox.c.asker)
    is_ready = or_(outbox.c.not_before.is_(None), outbox.c.not_before <= now)
    waiting = (unsent, which, outbox.c.asker.is_not(None) | is_ready)
    oldest = select(func.min(outbox.c.id)).where(*waiting).group_by(*group)
    return select(outbox).where(outbox.c.id.in_(oldest), is_ready).order_by(outbox.c.priority, outbox.c.id)


_DUE = _due(true())


class Outbox(Component):
    @transaction
    def post(self, connection: Connection, channel: str, post: Post, key: str, now: datetime) -> bool:
        """Send something that no event asked for; False when it was posted before under this key."""
        return self.add(connection, channel, key, [post], now) == 1

    @query
    def due(self, connection: Connection, now: datetime, purpose: Purpose | None = None) -> list[OutboxRow]:
        """What to send now: for each asker in each room the oldest; addressed first, then overheard, then marks.
        With a purpose: as if nothing else waited.

        A row that was put off holds up those behind it, so that questions are answered in their order; what answers
        nobody (removals, notes, marks) waits for nothing.
        """
        statement = _due(outbox.c.purpose == purpose) if purpose else _DUE
        return [_outbox_row(row) for row in connection.execute(statement, {"now": now})]

    @query
    def without_row(self, connection: Connection, events: Sequence[str]) -> list[str]:
        """Those of the bot's own events that no row was sent as."""
        known = set(connection.scalars(select(outbox.c.event).where(outbox.c.event.in_(events))))
        return [event for event in events if event not in known]

    @query
    def is_sending(self, connection: Connection, room: str) -> bool:
        """Whether something is on its way into the room whose event is not known yet."""
        begun = select(outbox.c.id).where(outbox.c.room == room, unsent, outbox.c.begun.is_not(None))
        return connection.execute(begun.limit(1)).first() is not None

    @transaction
    def begin(self, connection: Connection, id: int, now: datetime, login: str = "") -> bool:
        """Call before each attempt to send. False: do not, the row was withdrawn or is closed.

        Time and login of the first attempt are stored.
        """
        change = {"begun": func.coalesce(outbox.c.begun, now), "login": func.coalesce(outbox.c.login, login)}
        return update_unsent(connection, id, change)

    @transaction
    def postpone(self, connection: Connection, id: int, until: datetime) -> None:
        """After a failed attempt."""
        update_unsent(connection, id, {"not_before": until, "attempts": outbox.c.attempts + 1})

    @transaction
    def mark_sent(self, connection: Connection, id: int, event: str, now: datetime) -> datetime | None:
        """It arrived as `event`. Its marks follow, in place of those of the text that it replaces; or its removal, if
        it was withdrawn meanwhile.

        When the question was received that it replies to; None: there is no known one, or it was sent before.
        """
        row = connection.execute(select(outbox).where(outbox.c.id == id, unsent)).one_or_none()
        if row is None:
            return None
        redaction = (journal.c.kind == "redaction", journal.c.relates_to == event, journal.c.room == row.room)
        is_redacted = connection.execute(select(journal.c.id).where(*redaction).limit(1)).first() is not None
        is_removed = row.removed or is_redacted
        kept = row.outgoing if row.purpose == "mark" else None
        change = {"closed": now, "event": event, "outgoing": kept, "removed": is_removed}
        connection.execute(update(outbox).where(outbox.c.id == id).values(change))
        follow_ups = [_removal(row, event)] if row.removed else self._marks(connection, row, event, is_removed, now)
        self.add(connection, row.channel, row.transaction_id, follow_ups, now)
        question = (journal.c.channel == row.channel, journal.c.event == row.question)
        received: datetime | None = connection.scalar(select(journal.c.received).where(*question))
        return received

    def add(
        self,
        connection: Connection,
        channel: str,
        source: str,
        posts: Iterable[Post],
        now: datetime,
        event_sent: datetime | None = None,
    ) -> int:
        """Rows for posts that follow from `source`, an event of that time or a key; how many are new. A row that exists
        under its transaction id stays as it is."""
        ordinals: dict[str, int] = {}
        new = 0
        for post in posts:
            ordinal = ordinals[post.purpose] = ordinals.get(post.purpose, -1) + 1
            row = self._row(channel, transaction_id(channel, source, post.purpose, ordinal), post, now)
            if since := maybe_sent(connection, row["channel"], post, event_sent, now):
                row |= {"begun": since, "login": LOGIN_BEFORE_RESTORE}
            insert = insert_into(connection, outbox).values(row).on_conflict_do_nothing()
            new += connection.execute(insert, execution_options={"preserve_rowcount": True}).rowcount
            if isinstance(post.outgoing, Removal):
                mark_removed(connection, [post.outgoing.target], now, post.outgoing.room)
        return new

    def withdraw(self, connection: Connection, ids: Iterable[int], now: datetime) -> None:
        """Close what was not begun, remove what was sent; what is being sent is removed once it has arrived."""
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
        """What was sent under one id has appeared under another one; if it was withdrawn meanwhile, it is removed."""
        this = (outbox.c.channel == channel, outbox.c.event == old)
        for row in connection.execute(select(outbox).where(*this)).all():
            connection.execute(update(outbox).where(outbox.c.id == row.id).values(event=new))
            if row.removed:
                self.add(connection, channel, f"{row.transaction_id} {new}", [_removal(row, new)], now)

    def _marks(self, connection: Connection, row: Row[Any], event: str, is_removed: bool, now: datetime) -> list[Post]:
        """Those that a post sent as `event` lacks. Marks of the text that it replaces go, unless it has them too."""
        outgoing = decode(row.outgoing)
        if not isinstance(outgoing, Reply):
            return []
        choices = () if is_removed else outgoing.choices
        earlier = {mark.id: _key(mark) for mark in _marks_under(connection, row)} if row.replaces else {}
        self.withdraw(connection, [id for id, key in earlier.items() if key not in choices], now)
        new = [key for key in choices if key not in earlier.values()]
        target = row.replaces or event
        return [Post(OutgoingReaction(row.room, target, key), "mark", question=row.question) for key in new]

    def _row(self, channel: str, transaction: str, post: Post, now: datetime) -> dict[str, Any]:
        outgoing = post.outgoing
        return {
            "channel": post.channel or channel,
            "room": outgoing.room,
            "transaction_id": transaction,
            "priority": MARK if post.purpose == "mark" else OVERHEARD if post.overheard else ADDRESSED,
            "purpose": post.purpose,
            "entries": post.entries,
            "answered": post.answered,
            "question": post.question,
            "asker": post.asker and self._database.hash(post.asker),
            "overheard": post.overheard,
            "replaces": outgoing.replaces if isinstance(outgoing, Reply) else None,
            "outgoing": encode(outgoing),
            "made": now,
            "number": post.number,
            "private": post.private,
            "relays": post.relays,
        }


class PostingComponent(Component):
    """A part whose transactions put posts into the outbox as well."""

    def __init__(self, database: Database, outbox: Outbox) -> None:
        super().__init__(database)
        self._outbox = outbox


def transaction_id(channel: str, source: str, purpose: str, ordinal: int) -> str:
    """The same whenever the same post is made again, so that the network recognises it.

    `source`: the id of the event, the key of a post, or the transaction that a mark or removal follows.
    """
    return hashlib.sha256(json.dumps([channel, source, purpose, ordinal]).encode()).hexdigest()[:32]


def encode(outgoing: Outgoing) -> str:
    return json.dumps([NAMES[type(outgoing)], asdict(outgoing)])


def decode(text: str) -> Outgoing:
    kind, fields = json.loads(text)
    return KINDS[kind](**{name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()})


def mark_removed(connection: Connection, events: Collection[str], now: datetime, room: str) -> None:
    """Events of a room were deleted: the bot's own among them cannot be read any more, and edits of them are dropped
    if they were not begun."""
    in_room = outbox.c.room == room
    is_unbegun = outbox.c.begun.is_(None) | (outbox.c.login == LOGIN_BEFORE_RESTORE)
    close_rows(connection, "removed", now, outbox.c.replaces.in_(events), in_room, is_unbegun)
    is_own = outbox.c.event.in_(events) | outbox.c.replaces.in_(events)
    connection.execute(update(outbox).where(is_own, in_room).values(removed=True))


def close_rows(connection: Connection, reason: str, now: datetime, *which: ColumnElement[bool]) -> int:
    """Never send these unsent rows; how many there were."""
    change = {"closed": now, "outgoing": None, "reason": reason}
    return connection.execute(update(outbox).where(unsent, *which).values(change)).rowcount


def retry_posts(connection: Connection) -> None:
    """Bring up now what was postponed."""
    connection.execute(update(outbox).where(unsent).values(not_before=None))


def update_unsent(connection: Connection, id: int, change: dict[str, Any]) -> bool:
    """False: the row is closed."""
    return connection.execute(update(outbox).where(outbox.c.id == id, unsent).values(change)).rowcount == 1


def _marks_under(connection: Connection, row: Row[Any]) -> Sequence[Row[Any]]:
    """The bot's own marks under the post of a row, sent or still to be sent; found by their transaction ids."""
    event = row.replaces or row.event
    is_same_post = (outbox.c.channel == row.channel, or_(outbox.c.event == event, outbox.c.replaces == event))
    sources = connection.scalars(select(outbox.c.transaction_id).where(*is_same_post))
    ids = [transaction_id(row.channel, source, "mark", number) for source in sources for number in range(MAX_MARKS)]
    alive = (outbox.c.removed.is_(False), or_(unsent, outbox.c.event.is_not(None)))
    return connection.execute(select(outbox).where(outbox.c.transaction_id.in_(ids), *alive)).all()


def _key(mark: Row[Any]) -> str | None:
    """None: of a mark that an earlier version sent."""
    outgoing = decode(mark.outgoing) if mark.outgoing else None
    return outgoing.key if isinstance(outgoing, OutgoingReaction) else None


def _removal(row: Row[Any], target: str) -> Post:
    """Of a mark it is a mark again: nothing waits for it."""
    purpose: Purpose = "mark" if row.purpose == "mark" else "removal"
    return Post(Removal(row.room, target), purpose, question=row.question, overheard=row.overheard)


def _outbox_row(row: Row[Any]) -> OutboxRow:
    return from_row(OutboxRow, row, transaction=row.transaction_id, outgoing=decode(row.outgoing))
