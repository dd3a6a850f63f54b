"""The moderators' queue: questions merged under lasting numbers, who asked, and drafts that wait for a word."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, exists, func, select, update

from .database import get_value, insert_into, reading, set_value, writing
from .digest_posts import note_withdrawn
from .outbox import Outbox
from .tables import askings, drafts, outbox, questions, still_open
from .values import Draft, DraftState, Outcome, Question, QuestionClosure, QuestionOccurrence, QueuedQuestion

NUMBER = "store: number"
DRAFTS = timedelta(days=7)
"""How long a draft waits for a moderator's word."""
CLOCKS = timedelta(minutes=1)
"""By so much the clock that dates a question may be ahead of ours."""


class Queue(Outbox):
    @writing
    def reserve(self, connection: Connection) -> int:
        """A number that no question and no draft has had. Not used after a crash, it is skipped."""
        return _next(connection)

    @reading
    def questions(self, connection: Connection) -> list[QueuedQuestion]:
        """The open ones: those that most people asked first, then the oldest."""
        found = _queued(connection, still_open)
        return sorted(found, key=lambda queued: (-queued.askers, queued.number))

    @reading
    def question(self, connection: Connection, number: int) -> QueuedQuestion | None:
        """Open or closed."""
        return next(iter(_queued(connection, questions.c.number == number)), None)

    @reading
    def question_of(self, connection: Connection, channel: str, event: str) -> QueuedQuestion | None:
        """The question that was asked by this event, open or closed."""
        asked = select(askings.c.question).where(askings.c.channel == channel, askings.c.event == event)
        return next(iter(_queued(connection, questions.c.number.in_(asked))), None)

    @reading
    def news_of(self, connection: Connection, channel: str, event: str) -> list[int]:
        """The posts, by their ids, that told who asked by this event, and nobody else in the room, of an answer."""
        asked = select(askings.c.question, askings.c.room).where(askings.c.channel == channel, askings.c.event == event)
        row = connection.execute(asked).one_or_none()
        if row is None:
            return []
        here = (askings.c.question == row.question, askings.c.channel == channel, askings.c.room == row.room)
        others = exists().where(*here, askings.c.event != event)
        told = (outbox.c.number == row.question, outbox.c.purpose == "told")
        there = (outbox.c.channel == channel, outbox.c.room == row.room)
        return list(connection.scalars(select(outbox.c.id).where(*told, *there, ~others)))

    @reading
    def draft(self, connection: Connection, number: int) -> Draft | None:
        row = connection.execute(select(drafts).where(drafts.c.number == number)).one_or_none()
        return _draft(row) if row else None

    @reading
    def draft_for(self, connection: Connection, question: int) -> Draft | None:
        """The newest one for a question that is still open."""
        query = select(drafts).where(drafts.c.question == question, drafts.c.state == "open")
        row = connection.execute(query.order_by(drafts.c.number.desc()).limit(1)).one_or_none()
        return _draft(row) if row else None

    @reading
    def shown(self, connection: Connection, number: int) -> list[int]:
        """The posts that show a draft, by their ids."""
        those = (outbox.c.number == number, outbox.c.purpose == "draft", outbox.c.removed.is_(False))
        return list(connection.scalars(select(outbox.c.id).where(*those)))

    @reading
    def drafts_about(
        self, connection: Connection, channel: str, event: str | None, user: str | None
    ) -> list[tuple[int, str, str]]:
        """Number of each open draft about what that person asked, or that event, with channel and room of its post."""
        its = (askings.c.channel == channel, askings.c.event == event)
        theirs = (askings.c.asker == self.hash(user or ""),)
        shown = (outbox.c.purpose == "draft", outbox.c.event.is_not(None), outbox.c.removed.is_(False))
        query = select(outbox.c.number, outbox.c.channel, outbox.c.room, outbox.c.made, askings.c.asked).join(
            drafts, (drafts.c.number == outbox.c.number) & (drafts.c.state == "open")
        )
        rows = connection.execute(
            query.join(askings, askings.c.question == drafts.c.question).where(*shown, *(theirs if user else its))
        )
        found = [(row.number, row.channel, row.room) for row in rows if row.made > row.asked - CLOCKS]
        return list(dict.fromkeys(found))

    def _ask(self, connection: Connection, ask: Question, now: datetime) -> None:
        this = (askings.c.channel == ask.channel, askings.c.event == ask.event)
        earlier = connection.execute(select(askings).where(*this)).one_or_none()
        if earlier and _state(connection, earlier.question) == "open":
            connection.execute(update(askings).where(*this).values(text=ask.text))
            return
        self._drop(connection, this, now)  # else what was shown of its first words would stay for ever
        number, new = _place(connection, ask)
        if new:
            connection.execute(questions.insert().values(number=number, opened=now))
        connection.execute(askings.insert().values(self._asking_row(ask, number)))
        if new and ask.note and number == ask.number:
            self._put(connection, ask.channel, f"question {number}", [ask.note], now)

    def _asking_row(self, ask: Question, number: int) -> dict[str, Any]:
        return {
            "question": number,
            "channel": ask.channel,
            "room": ask.room,
            "event": ask.event,
            "asker": self.hash(ask.asker),
            "text": ask.text,
            "asked": ask.asked,
            "private": ask.private,
        }

    def _unask(self, connection: Connection, channel: str, event: str, now: datetime) -> None:
        self._drop(connection, (askings.c.channel == channel, askings.c.event == event), now)

    def _forget_asker(self, connection: Connection, person: str, now: datetime) -> None:
        self._drop(connection, (askings.c.asker == person,), now)

    def _drop(self, connection: Connection, which: Sequence[ColumnElement[bool]], now: datetime) -> None:
        """Their words, also where the moderators were shown them, and questions that nobody asks any more. A post that
        was made before they asked shows others' words: nobody takes those away by asking the same."""
        asked = connection.execute(select(askings).where(*which)).all()
        if not asked:
            return
        note_withdrawn(connection, {row.event for row in asked})
        for row in asked:
            since = row.asked - CLOCKS
            self._withdraw(connection, _showing(connection, row.question, since), now)
            shown = select(outbox.c.number).where(outbox.c.purpose == "draft", outbox.c.made > since)
            made = (drafts.c.made > since) | drafts.c.number.in_(shown)
            _empty_drafts(connection, drafts.c.question == row.question, made)
        connection.execute(delete(askings).where(*which))
        _drop_unasked(connection)

    def _close(self, connection: Connection, closing: QuestionClosure, now: datetime) -> None:
        told = askings.c.id.in_(closing.askings)
        connection.execute(update(askings).where(told).values(told=func.coalesce(askings.c.told, now)))
        this = questions.c.number == closing.question
        waiting = exists().where(askings.c.question == closing.question, askings.c.told.is_(None))
        closed = {"closed": func.coalesce(questions.c.closed, now), "entry": closing.entry}
        connection.execute(update(questions).where(this, ~waiting).values(closed))
        done = exists().where(this, ~still_open)
        connection.execute(update(askings).where(askings.c.question == closing.question, done).values(text=""))

    def _keep(self, connection: Connection, draft: Draft) -> None:
        row = {
            "number": draft.number,
            "kind": draft.kind,
            "question": draft.question,
            "content": draft.content,
            "moderator": self.hash(draft.moderator),
            "made": draft.made,
            "state": draft.state,
        }
        insert = insert_into(connection, drafts).values(row)
        change = {"kind": draft.kind, "content": draft.content}
        still_waits = drafts.c.state == "open"
        connection.execute(insert.on_conflict_do_update(index_elements=["number"], set_=change, where=still_waits))

    def _settle(self, connection: Connection, number: int, state: DraftState) -> bool:
        """False: it is settled already."""
        this = (drafts.c.number == number, drafts.c.state == "open")
        return connection.execute(update(drafts).where(*this).values(state=state, content="")).rowcount == 1

    def _is_withdrawn(self, connection: Connection, outcome: Outcome) -> bool:
        """Whether somebody took back words, or a draft was settled, that the outcome goes on showing."""
        if not (outcome.shows or outcome.draft):
            return False
        there = select(func.count()).select_from(askings).where(askings.c.id.in_(outcome.shows))
        number = outcome.draft.number if outcome.draft else None
        settled = select(drafts.c.number).where(drafts.c.number == number, drafts.c.state != "open")
        return connection.scalar(there) != len(outcome.shows) or connection.scalar(settled) is not None

    def _erase_queue(self, connection: Connection, now: datetime, oldest: datetime) -> None:
        """A draft about a question that is kept loses its content alone: its posts can still be withdrawn then."""
        connection.execute(delete(askings).where(askings.c.asked < oldest))
        _drop_unasked(connection)
        old, kept = drafts.c.made < now - DRAFTS, exists().where(questions.c.number == drafts.c.question)
        _empty_drafts(connection, old)
        connection.execute(delete(drafts).where(old, ~kept))


def _next(connection: Connection) -> int:
    number = int(get_value(connection, NUMBER) or 0) + 1
    set_value(connection, NUMBER, str(number))
    return number


def _state(connection: Connection, number: int) -> str:
    """'open', 'closed' or 'none'."""
    row = connection.execute(select(questions.c.closed).where(questions.c.number == number)).one_or_none()
    return "none" if row is None else "closed" if row.closed else "open"


def _place(connection: Connection, ask: Question) -> tuple[int, bool]:
    """The number of the question, and whether it is a new one; what was closed meanwhile is not opened again."""
    if ask.number is None or (state := _state(connection, ask.number)) == "closed":
        return _next(connection), True
    return ask.number, state == "none"


def _drop_unasked(connection: Connection) -> None:
    asked = exists().where(askings.c.question == questions.c.number)
    connection.execute(delete(questions).where(~asked))


def _showing(connection: Connection, number: int, since: datetime) -> list[int]:
    """The posts that may show words of this question: notes, drafts with what was said of them, and lists."""
    of_drafts = select(drafts.c.number).where(drafts.c.question == number)
    about = (outbox.c.number == number) | outbox.c.number.in_(of_drafts)
    shown = outbox.c.purpose.in_(("asked", "draft", "command")) & about | (outbox.c.purpose == "list")
    these = (shown, outbox.c.made > since, outbox.c.removed.is_(False))
    return list(connection.scalars(select(outbox.c.id).where(*these)))


def _empty_drafts(connection: Connection, *which: ColumnElement[bool]) -> None:
    closed = {"state": "dropped", "content": ""}
    connection.execute(update(drafts).where(drafts.c.state == "open", *which).values(closed))


def _queued(connection: Connection, *which: ColumnElement[bool]) -> list[QueuedQuestion]:
    asked = _askings(
        connection, select(askings).where(askings.c.question.in_(select(questions.c.number).where(*which)))
    )
    rows = connection.execute(select(questions).where(*which).order_by(questions.c.number))
    return [QueuedQuestion(row.number, tuple(asked[row.number]), row.closed, row.entry) for row in rows]


def _askings(connection: Connection, query: Select[Any]) -> dict[int, list[QuestionOccurrence]]:
    found: dict[int, list[QuestionOccurrence]] = defaultdict(list)
    for row in connection.execute(query.order_by(askings.c.asked, askings.c.id)):
        found[row.question].append(QuestionOccurrence(**row._mapping))
    return found


def _draft(row: Row[Any]) -> Draft:
    return Draft(row.number, row.kind, row.content, row.moderator, row.made, row.question, row.state)
