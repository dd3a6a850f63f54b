"""What was said and done before, as policy and the conversation need to know it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, exists, func, or_, select

from .database import Database, reading
from .restore_window import lost_since
from .tables import askings, forgotten, hushes, journal, outbox, unfinished, unsent
from .values import OutboxRow, SentPost

alive = or_(unsent, outbox.c.event.is_not(None))  # neither given up nor withdrawn


class PostQueries(Database):
    async def answered_by_person(self, room: str, event: str, asker: str) -> bool:
        """Whether somebody else than the asker, and than us, wrote a message in answer to the event."""
        return await self._answered(room, event, self.hash(asker))

    async def answered_meanwhile(self, row: OutboxRow) -> bool:
        """The same, for what nobody asked us and is still to be sent."""
        return row.question is not None and await self._answered(row.room, row.question, row.asker)

    async def _answered(self, room: str, event: str, asker: str | None) -> bool:
        answers = (journal.c.room == room, journal.c.kind == "message", journal.c.relates_to == event)
        ours = exists().where(outbox.c.event == journal.c.event)
        return await self._any(*answers, journal.c.person.is_distinct_from(asker), ~ours)

    async def unheard(self, event: str) -> bool:
        """Whether the event is still to be dealt with."""
        return await self._any(journal.c.event == event, unfinished)

    async def redacted(self, event: str) -> bool:
        """Whether it was deleted, where it stands."""
        deleted = (journal.c.kind == "redaction", journal.c.relates_to == event)
        if not await self._any(*deleted):  # nearly always, and in a third of the time
            return False
        its = journal.alias("its")
        elsewhere = exists().where(
            its.c.channel == journal.c.channel, its.c.event == event, its.c.room != journal.c.room
        )
        return await self._any(*deleted, ~elsewhere)

    @reading
    def room_of(self, connection: Connection, channel: str, event: str) -> str | None:
        """Where an event stands that came in, is queued, is ours or got our reply; None: we know nothing of it."""
        for table, this in _known(event):
            if room := connection.scalar(select(table.c.room).where(table.c.channel == channel, this).limit(1)):
                return str(room)
        return None

    async def addressed_since(self, user: str, since: datetime, reason: str | None = None) -> int:
        """How many of that person's addressed events were dealt with since then, in all rooms, for that `reason`."""
        theirs = (journal.c.person == self.hash(user), journal.c.addressed, journal.c.done_at >= since)
        why = () if reason is None else (journal.c.reason == reason,)
        return await self._count(select(func.count()).select_from(journal).where(*theirs, *why))

    async def flooded(self, user: str, since: datetime) -> bool:
        """Whether that person was told since then that it is too much."""
        return await self._any(
            outbox.c.purpose == "flood", outbox.c.asker == self.hash(user), outbox.c.made >= since, alive
        )

    async def said(self, event: str) -> SentPost | None:
        """What the event of ours with this id says now: its newest words, when they were replaced."""
        replaced = (outbox.c.replaces == event) & outbox.c.event.is_not(None)
        rows = await self._said(or_(outbox.c.event == event, replaced))
        return rows[-1] if rows else None

    async def replies_to(self, question: str) -> list[SentPost]:
        """What we said for that question, or are about to say, oldest first; marks and removals are left out."""
        return await self._said(outbox.c.question == question, outbox.c.purpose.not_in(("mark", "removal")))

    @reading
    def replies_and_news(self, connection: Connection, channel: str, user: str) -> list[int]:
        """The posts of a channel, by their ids, that reply to that person, or tell them alone of an answer."""
        person, here = self.hash(user), (askings.c.channel == channel, askings.c.room == outbox.c.room)
        theirs = askings.c.asker == person
        events = select(askings.c.event).where(askings.c.channel == channel, theirs)
        named = (*here, askings.c.question == outbox.c.number)
        alone = exists().where(*named, theirs) & ~exists().where(*named, askings.c.asker != person)
        replies = (outbox.c.asker == person) | outbox.c.question.in_(events)
        these = replies & outbox.c.purpose.not_in(("mark", "removal")) | (outbox.c.purpose == "told") & alone
        there = (outbox.c.channel == channel, outbox.c.removed.is_(False))
        return list(connection.scalars(select(outbox.c.id).where(*there, these)))

    async def last_with(self, room: str, entry: str, since: datetime) -> SentPost | None:
        """The newest full answer with this entry that can still be read in the room."""
        rows = await self._said(
            outbox.c.room == room,
            outbox.c.made >= since,
            outbox.c.purpose == "answer",
            outbox.c.removed.is_(False),
            ~_replaced(),
        )
        return next((said for said in reversed(rows) if entry in said.entries), None)

    async def overheard_since(self, room: str, since: datetime) -> int:
        """How many answers nobody had asked us for were given in the room, or rehearsed for it; new words for an old
        one do not count."""
        given = (outbox.c.room == room) & outbox.c.overheard & outbox.c.purpose.in_(("answer", "short"))
        asked_there = outbox.c.question.in_(select(journal.c.event).where(journal.c.room == room))
        rehearsed = (outbox.c.purpose == "rehearsal") & asked_there
        which = (or_(given, rehearsed), outbox.c.made >= since, outbox.c.replaces.is_(None), alive)
        return await self._count(select(func.count()).select_from(outbox).where(*which))

    @reading
    def lost_since(self, connection: Connection, channel: str, question: str, now: datetime) -> datetime | None:
        """From when on the network may hold a reply to that event which no row knows of; None: there is none."""
        return lost_since(connection, channel, question, now)

    async def introduced(self, room: str) -> bool:
        return await self._any(outbox.c.room == room, outbox.c.purpose == "introduction", alive)

    async def told_undecryptable(self, room: str) -> bool:
        return await self._any(outbox.c.room == room, outbox.c.purpose == "undecryptable", alive)

    async def hushed(self, room: str, now: datetime) -> bool:
        return await self._any(hushes.c.room == room, hushes.c.until > now)

    async def forgotten(self, user: str) -> bool:
        """Whether that person does not want to be overheard."""
        return await self._any(forgotten.c.person == self.hash(user))

    @reading
    def _any(self, connection: Connection, *conditions: ColumnElement[bool]) -> bool:
        return bool(connection.scalar(select(exists().where(*conditions))))

    @reading
    def _count(self, connection: Connection, query: Select[Any]) -> int:
        return connection.scalar(query) or 0

    @reading
    def _said(self, connection: Connection, *conditions: ColumnElement[bool]) -> list[SentPost]:
        rows = connection.execute(select(outbox).where(*conditions, alive).order_by(outbox.c.id))
        return [_said(row) for row in rows]


def _known(event: str) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """Where to look for it. What is rehearsed, and what follows from that, stands in another room than its question."""
    yield journal, journal.c.event == event
    yield askings, askings.c.event == event
    yield outbox, or_(outbox.c.event == event, outbox.c.replaces == event)
    yield outbox, (outbox.c.question == event) & outbox.c.purpose.not_in(("rehearsal", "mark", "removal"))


def _replaced() -> ColumnElement[bool]:
    """Newer words stand in the place of this row's."""
    newer = outbox.alias("newer")
    place = func.coalesce(outbox.c.replaces, outbox.c.event)
    return exists().where(newer.c.replaces == place, newer.c.id > outbox.c.id, newer.c.event.is_not(None))


def _said(row: Any) -> SentPost:
    return SentPost(
        id=row.id,
        channel=row.channel,
        room=row.room,
        purpose=row.purpose,
        entries=row.entries,
        question=row.question,
        asker=row.asker,
        overheard=row.overheard,
        event=row.event and (row.replaces or row.event),
        made=row.made,
        removed=row.removed,
        answered=row.answered,
        number=row.number,
    )
