"""Queries about earlier posts, for policy and the conversation."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, func, or_, select

from bot.messages import Message

from .database import Component, count_rows, from_row, is_any, query
from .outbox import decode
from .restore_window import RestoreWindow
from .tables import askings, hushes, journal, outbox, unsent
from .values import ANSWERING, OutboxRow, Purpose, RecentPost, SentPost

RECENT = 4  # posts to a person that are examined: an offer may precede several without an answer
NO_TEXT = ("mark", "removal")  # purposes of posts that nobody reads
alive = or_(unsent, outbox.c.event.is_not(None))  # neither given up nor withdrawn
_is_text = outbox.c.purpose.not_in(NO_TEXT)
_later = outbox.alias("later")  # made once: that takes half a millisecond


class PostQueries(Component):
    async def has_human_answer(self, room: str, event: str, asker: str) -> bool:
        """Whether a person other than the asker replied to the event."""
        return await self._has_human_answer(room, event, self._database.hash(asker))

    async def is_answered_by_human(self, row: OutboxRow) -> bool:
        """Whether a person other than the asker replied to the question of an unsent row."""
        return row.question is not None and await self._has_human_answer(row.room, row.question, row.asker)

    async def _has_human_answer(self, room: str, event: str, asker: str | None) -> bool:
        replies = (journal.c.room == room, journal.c.kind == "message", journal.c.relates_to == event)
        is_own = exists().where(outbox.c.event == journal.c.event)
        return await self._any(*replies, journal.c.person.is_distinct_from(asker), ~is_own)

    @query
    def room_of(self, connection: Connection, channel: str, event: str) -> str | None:
        """Return the room of an event that was received, is queued, is the bot's own or was replied to; else None."""
        # A rehearsal and what follows from it are in another room than the question.
        is_reply = (outbox.c.question == event) & outbox.c.purpose.not_in(("rehearsal", *NO_TEXT))
        is_own = or_(outbox.c.event == event, outbox.c.replaces == event)
        places = [(journal, journal.c.event == event), (askings, askings.c.event == event), (outbox, is_own)]
        for table, this in (*places, (outbox, is_reply)):
            if room := connection.scalar(select(table.c.room).where(table.c.channel == channel, this).limit(1)):
                return str(room)
        return None

    async def is_warned(self, user: str, purpose: Purpose, since: datetime) -> bool:
        """Whether that person got a post with that purpose since then."""
        to_person = outbox.c.asker == self._database.hash(user)
        return await self._any(outbox.c.purpose == purpose, to_person, outbox.c.made >= since, alive)

    async def find(self, event: str) -> SentPost | None:
        """Return the bot's own post with this event id, as of its latest edit."""
        is_edit = (outbox.c.replaces == event) & outbox.c.event.is_not(None)
        posts = await self._posts(or_(outbox.c.event == event, is_edit))
        return posts[-1] if posts else None

    async def latest_to(self, room: str, user: str, purposes: Collection[Purpose], since: datetime) -> SentPost | None:
        """Return the latest post to that person in a room with one of these purposes, as of its latest edit."""
        to_person = (outbox.c.room == room, outbox.c.asker == self._database.hash(user), outbox.c.made >= since)
        posts = await self._posts(*to_person, outbox.c.purpose.in_(purposes), outbox.c.event.is_not(None))
        return await self.find(posts[-1].event) if posts and posts[-1].event else None

    @query
    def recent_to(
        self, connection: Connection, message: Message, purposes: Collection[Purpose], since: datetime
    ) -> list[RecentPost]:
        """Return the latest posts of these purposes to a message's sender in its room, newest first.

        Removed posts and replies to the message itself are left out.
        """
        person = self._database.hash(message.sender)
        to_person = (outbox.c.room == message.room, outbox.c.asker == person, outbox.c.made >= since)
        is_there = (outbox.c.event.is_not(None), outbox.c.removed.is_(False), outbox.c.purpose.in_(purposes))
        in_room = (journal.c.channel == message.channel, journal.c.room == message.room, journal.c.kind == "message")
        is_others = (journal.c.person.is_distinct_from(person), journal.c.received >= outbox.c.made)
        is_later = (_later.c.room == outbox.c.room, _later.c.asker == person, _later.c.id > outbox.c.id)
        is_said = (_later.c.event.is_not(None), _later.c.purpose.not_in(NO_TEXT))
        others = exists().where(*in_room, *is_others).label("others")
        more = exists().where(*is_later, *is_said).label("more")
        is_other = outbox.c.question.is_distinct_from(message.id)
        statement = select(outbox, others, more).where(*to_person, *is_there, is_other, alive)
        rows = connection.execute(statement.order_by(outbox.c.id.desc()).limit(RECENT))
        return [RecentPost(_sent_post(row), bool(row.others), not row.more) for row in rows]

    async def replies_to(self, question: str) -> list[SentPost]:
        """Return the replies to that event, sent or waiting, oldest first; without marks and removals."""
        return await self._posts(outbox.c.question == question, _is_text)

    @query
    def signs_on(self, connection: Connection, event: str) -> list[int]:
        """Return the ids of the bot's reactions on somebody's message, sent or waiting."""
        which = (outbox.c.question == event, outbox.c.purpose == "mark", outbox.c.removed.is_(False), alive)
        rows = connection.execute(select(outbox.c.id, outbox.c.outgoing).where(*which, outbox.c.outgoing.is_not(None)))
        return [row.id for row in rows if getattr(decode(row.outgoing), "target", None) == event]

    async def latest_in(self, room: str) -> SentPost | None:
        """Return the bot's latest text in a room."""
        posts = await self._posts(outbox.c.room == room, _is_text, outbox.c.event.is_not(None))
        return posts[-1] if posts else None

    async def public_answers(self, since: datetime) -> list[SentPost]:
        """Return answers and offers to questions asked in public since then, oldest first."""
        is_public = (outbox.c.private.is_(False), outbox.c.question.is_not(None), outbox.c.overheard.is_(False))
        purposes = outbox.c.purpose.in_(("answer", "short", "suggest"))
        return await self._posts(outbox.c.made >= since, purposes, *is_public)

    async def relaying(self, message: str) -> list[SentPost]:
        """Return the posts that bring a moderator's message to those who asked, and the report of it, unless
        removed."""
        return await self._posts(outbox.c.relays == message, outbox.c.removed.is_(False))

    async def about(self, number: int, purpose: Purpose) -> list[SentPost]:
        """Return the readable posts with that purpose about a question or draft."""
        which = (outbox.c.number == number, outbox.c.purpose == purpose, outbox.c.event.is_not(None))
        return await self._posts(*which, outbox.c.removed.is_(False))

    @query
    def replies_and_news(self, connection: Connection, channel: str, user: str) -> list[int]:
        """Return the ids of a channel's posts that reply to that person, or that bring an answer to them alone."""
        person, in_room = self._database.hash(user), (askings.c.channel == channel, askings.c.room == outbox.c.room)
        by_person = askings.c.asker == person
        events = select(askings.c.event).where(askings.c.channel == channel, by_person)
        of_question = (*in_room, askings.c.question == outbox.c.number)
        is_alone = exists().where(*of_question, by_person) & ~exists().where(*of_question, askings.c.asker != person)
        is_reply = (outbox.c.asker == person) | outbox.c.question.in_(events)
        which = is_reply & _is_text | (outbox.c.purpose == "told") & is_alone
        of_channel = (outbox.c.channel == channel, outbox.c.removed.is_(False))
        return list(connection.scalars(select(outbox.c.id).where(*of_channel, which)))

    async def latest_answer(
        self, room: str, entry: str, since: datetime, purpose: Purpose = "answer"
    ) -> SentPost | None:
        """Return the latest full answer with this entry, or other post on it, that can still be read in the room."""
        is_edit = _later.c.replaces == func.coalesce(outbox.c.replaces, outbox.c.event)
        is_edited = exists().where(is_edit, _later.c.id > outbox.c.id, _later.c.event.is_not(None))
        is_readable = (outbox.c.removed.is_(False), ~is_edited)
        is_answer = (outbox.c.room == room, outbox.c.made >= since, outbox.c.purpose == purpose)
        posts = await self._posts(*is_answer, *is_readable)
        return next((post for post in reversed(posts) if entry in post.entries), None)

    @query
    def overheard_since(self, connection: Connection, room: str, since: datetime) -> int:
        """Count the answers to overheard questions given in the room, or rehearsed for it; edits do not count."""
        is_given = (outbox.c.room == room) & outbox.c.overheard & outbox.c.purpose.in_(ANSWERING)
        in_room = outbox.c.question.in_(select(journal.c.event).where(journal.c.room == room))
        is_rehearsed = (outbox.c.purpose == "rehearsal") & in_room
        is_recent = (outbox.c.made >= since, outbox.c.replaces.is_(None), alive)
        return count_rows(connection, outbox, or_(is_given, is_rehearsed), *is_recent)

    @query
    def lost_since(self, connection: Connection, channel: str, question: str, now: datetime) -> datetime | None:
        """Return since when the network may hold a reply to that event that no row records; None if it holds none."""
        window = RestoreWindow.read(connection)
        if window and window.may_be_lost(window.question_sent(connection, channel, question, now)):
            return window.since
        return None

    async def has_any(self, room: str, purpose: Purpose) -> bool:
        """Whether a room got a post with that purpose, or will."""
        return await self._any(outbox.c.room == room, outbox.c.purpose == purpose, alive)

    async def is_muted(self, room: str, now: datetime) -> bool:
        return await self._any(hushes.c.room == room, hushes.c.until > now)

    @query
    def _any(self, connection: Connection, *which: ColumnElement[bool]) -> bool:
        return is_any(connection, *which)

    @query
    def _posts(self, connection: Connection, *which: ColumnElement[bool]) -> list[SentPost]:
        rows = connection.execute(select(outbox).where(*which, alive).order_by(outbox.c.id))
        return [_sent_post(row) for row in rows]


def _sent_post(row: Row[Any]) -> SentPost:
    return from_row(SentPost, row, event=row.event and (row.replaces or row.event))
