"""The outbox: what is to be sent, once, and what was said."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, or_, select, true, update

from bot.messages import Outgoing, OutgoingReaction, Removal, Reply

from .database import Database, insert_into, reading, writing
from .restore_window import maybe_sent
from .tables import journal, outbox, unsent
from .values import LOGIN_BEFORE_RESTORE, OutboxRow, Post, Purpose

ADDRESSED, OVERHEARD, MARK = range(3)  # the lower is sent first
KINDS: dict[str, Callable[..., Outgoing]] = {"reply": Reply, "removal": Removal, "mark": OutgoingReaction}
NAMES: dict[object, str] = {kind: name for name, kind in KINDS.items()}


class Outbox(Database):
    @writing
    def post(self, connection: Connection, channel: str, post: Post, key: str, now: datetime) -> bool:
        """Send something that no event asked for; False when it was posted before under this key."""
        return self._put(connection, channel, key, [post], now) == 1

    @reading
    def outbox(
        self, connection: Connection, now: datetime, channel: str | None = None, purpose: Purpose | None = None
    ) -> list[OutboxRow]:
        """What to send now: for each asker in each room the oldest; addressed first, then overheard, then marks.
        With a purpose: as if nothing else waited.

        A row that was put off holds up those behind it, so that everybody is answered in the order of their questions;
        what answers nobody (removals, notes, marks) waits for nothing.
        """
        group = (outbox.c.channel, outbox.c.room, outbox.c.priority, outbox.c.asker)
        ready = or_(outbox.c.not_before.is_(None), outbox.c.not_before <= now)
        these = (unsent, outbox.c.purpose == purpose if purpose else true())
        oldest = select(func.min(outbox.c.id)).where(*these, or_(outbox.c.asker.is_not(None), ready)).group_by(*group)
        here = outbox.c.channel == channel if channel else true()
        query = select(outbox).where(outbox.c.id.in_(oldest), ready, here)
        rows = connection.execute(query.order_by(outbox.c.priority, outbox.c.id))
        return [_pending(row) for row in rows]

    @reading
    def waiting(self, connection: Connection) -> int:
        """How many rows are still to be sent."""
        return connection.scalar(select(func.count()).select_from(outbox).where(unsent)) or 0

    async def begin(self, id: int, now: datetime, login: str = "") -> bool:
        """Call before each attempt to send; False: do not, it was taken back or is closed.

        The first attempt is remembered, and the login under which it was made.
        """
        change = {"begun": func.coalesce(outbox.c.begun, now), "login": func.coalesce(outbox.c.login, login)}
        return await self._change(id, change)

    @reading
    def unknown(self, connection: Connection, events: Sequence[str]) -> list[str]:
        """Those of our own events that no row knows as its own."""
        query = select(outbox.c.event).where(outbox.c.event.in_(events))
        known = set(connection.scalars(query))
        return [event for event in events if event not in known]

    @reading
    def sending(self, connection: Connection, room: str) -> bool:
        """Whether something is on its way into the room whose event we do not know yet."""
        query = select(outbox.c.id).where(outbox.c.room == room, unsent, outbox.c.begun.is_not(None))
        return connection.execute(query.limit(1)).first() is not None

    async def postpone(self, id: int, until: datetime) -> None:
        """After an attempt that failed."""
        await self._change(id, {"not_before": until, "attempts": outbox.c.attempts + 1})

    @writing
    def sent(self, connection: Connection, id: int, event: str, now: datetime) -> datetime | None:
        """It arrived as `event`. Its marks come next; if it was taken back meanwhile, so does its removal.

        When that came in which it replies to; None: it replies to nothing that is known, or was sent before.
        """
        row = connection.execute(select(outbox).where(outbox.c.id == id, unsent)).one_or_none()
        if row is None:
            return None
        redaction = (journal.c.kind == "redaction", journal.c.relates_to == event, journal.c.room == row.room)
        gone = row.removed or connection.execute(select(journal.c.id).where(*redaction).limit(1)).first() is not None
        change = {"closed": now, "event": event, "outgoing": None, "removed": gone}
        connection.execute(update(outbox).where(outbox.c.id == id).values(change))
        after = _after(row, event, gone)
        self._put(connection, row.channel, row.transaction_id, after, now)
        asked = select(journal.c.received).where(journal.c.channel == row.channel, journal.c.event == row.question)
        received: datetime | None = connection.scalar(asked)
        return received

    @writing
    def _change(self, connection: Connection, id: int, change: dict[str, Any]) -> bool:
        return change_unsent(connection, id, change)

    def _put(
        self,
        connection: Connection,
        channel: str,
        source: str,
        posts: Iterable[Post],
        now: datetime,
        said: datetime | None = None,
    ) -> int:
        """Rows for posts that come from `source`, an event that was `said` then, or a key; those already there under
        their transaction id are left alone."""
        counts: dict[str, int] = {}
        new = 0
        for post in posts:
            ordinal = counts[post.purpose] = counts.get(post.purpose, -1) + 1
            row = self._post_row(channel, transaction_id(channel, source, post.purpose, ordinal), post, now)
            if since := maybe_sent(connection, row["channel"], post, said, now):
                row |= {"begun": since, "login": LOGIN_BEFORE_RESTORE}
            insert = insert_into(connection, outbox).values(row).on_conflict_do_nothing()
            result = connection.execute(insert, execution_options={"preserve_rowcount": True})
            new += result.rowcount
            if isinstance(post.outgoing, Removal):
                note_removed(connection, [post.outgoing.target], now, post.outgoing.room)
        return new

    def _post_row(self, channel: str, transaction: str, post: Post, now: datetime) -> dict[str, Any]:
        outgoing = post.outgoing
        return {
            "channel": post.channel or channel,
            "room": outgoing.room,
            "transaction_id": transaction,
            "priority": MARK if isinstance(outgoing, OutgoingReaction) else OVERHEARD if post.overheard else ADDRESSED,
            "purpose": post.purpose,
            "entries": post.entries,
            "answered": post.answered,
            "question": post.question,
            "asker": post.asker and self.hash(post.asker),
            "overheard": post.overheard,
            "replaces": outgoing.replaces if isinstance(outgoing, Reply) else None,
            "outgoing": written(outgoing),
            "made": now,
            "number": post.number,
            "private": post.private,
        }

    def _appeared(self, connection: Connection, channel: str, held: str, event: str, now: datetime) -> None:
        """What was sent under one id stands there under another one; taken back meanwhile, it is taken away."""
        this = (outbox.c.channel == channel, outbox.c.event == held)
        for row in connection.execute(select(outbox).where(*this)).all():
            connection.execute(update(outbox).where(outbox.c.id == row.id).values(event=event))
            if row.removed:
                self._put(connection, channel, f"{row.transaction_id} {event}", [_removal(row, event)], now)

    def _withdraw(self, connection: Connection, ids: Iterable[int], now: datetime) -> None:
        """Close what was not begun; remove what was sent; what is between will be removed once it is sent."""
        closed = {"closed": now, "outgoing": None, "reason": "withdrawn"}
        for id in ids:
            this = outbox.c.id == id
            connection.execute(update(outbox).where(this, unsent, outbox.c.begun.is_(None)).values(closed))
            row = connection.execute(select(outbox).where(this)).one_or_none()
            if row is None or row.removed:
                continue
            connection.execute(update(outbox).where(this).values(removed=True))
            if row.event:
                post = _removal(row, row.replaces or row.event)
                self._put(connection, row.channel, row.transaction_id, [post], now)


def transaction_id(channel: str, source: str, purpose: str, ordinal: int) -> str:
    """The same whenever the same post is made again: the network then takes it for the same one.

    `source`: the id of the event, the key of a post, or the transaction that a mark or removal follows.
    """
    return hashlib.sha256(json.dumps([channel, source, purpose, ordinal]).encode()).hexdigest()[:32]


def written(outgoing: Outgoing) -> str:
    return json.dumps([NAMES[type(outgoing)], asdict(outgoing)])


def read(text: str) -> Outgoing:
    kind, fields = json.loads(text)
    return KINDS[kind](**{name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()})


def _after(row: Any, event: str, gone: bool) -> list[Post]:
    if row.removed:
        return [_removal(row, event)]
    outgoing = read(row.outgoing)
    choices = () if gone or not isinstance(outgoing, Reply) else outgoing.choices
    return [Post(OutgoingReaction(row.room, event, key), "mark", question=row.question) for key in choices]


def _removal(row: Any, target: str) -> Post:
    return Post(Removal(row.room, target), "removal", question=row.question, overheard=row.overheard)


def note_removed(connection: Connection, events: Collection[str], now: datetime, room: str) -> None:
    """Events of a room were taken away: if they are ours, they cannot be read any more, and new words for them come too
    late."""
    unbegun, there = or_(outbox.c.begun.is_(None), outbox.c.login == LOGIN_BEFORE_RESTORE), outbox.c.room == room
    late = (outbox.c.replaces.in_(events), there, unsent, unbegun)
    connection.execute(update(outbox).where(*late).values(closed=now, outgoing=None, reason="removed"))
    ours = or_(outbox.c.event.in_(events), outbox.c.replaces.in_(events))
    connection.execute(update(outbox).where(ours, there).values(removed=True))


def change_unsent(connection: Connection, id: int, change: dict[str, Any]) -> bool:
    """False: the row is closed."""
    return connection.execute(update(outbox).where(outbox.c.id == id, unsent).values(change)).rowcount == 1


def _pending(row: Any) -> OutboxRow:
    return OutboxRow(
        id=row.id,
        channel=row.channel,
        transaction=row.transaction_id,
        priority=row.priority,
        purpose=row.purpose,
        question=row.question,
        asker=row.asker,
        overheard=row.overheard,
        outgoing=read(row.outgoing),
        made=row.made,
        begun=row.begun,
        login=row.login,
        attempts=row.attempts,
    )
