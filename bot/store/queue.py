"""The moderators' question queue: questions under lasting numbers, each time one was asked, and drafts."""

from collections import defaultdict
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, exists, func, select, update

from .database import fetch_all, fetch_one, get_value, insert_into, is_any, put_row, query, set_value, transaction
from .digest_posts import note_withdrawn
from .outbox import PostingComponent
from .outcome import Contact, Draft, DraftState, Outcome, Question, QuestionClosure, QuestionReopening, QuestionTaking
from .tables import askings, contacts, drafts, has_waited, outbox, questions, still_open
from .values import QuestionOccurrence, QueuedQuestion

NUMBER = "store: number"  # in `memory`: the number given last
DRAFTS = timedelta(days=7)  # how long a draft waits for a moderator's decision
DAY = timedelta(days=1)  # between two messages to a contact
TAKING = timedelta(days=3)  # how long somebody who does nothing looks after a question
CLOCK_SKEW = timedelta(minutes=1)  # how far the clock that dates a question may be ahead of ours


class QuestionQueue(PostingComponent):
    @transaction
    def reserve_number(self, connection: Connection) -> int:
        """Return a number that no question and no draft has had. One left unused after a crash is skipped."""
        return _next_number(connection)

    @query
    def questions(self, connection: Connection) -> list[QueuedQuestion]:
        """Return the open questions: those that most people asked first, then the oldest."""
        return sorted(_questions(connection, still_open), key=lambda question: (-question.askers, question.number))

    @query
    def question(self, connection: Connection, number: int) -> QueuedQuestion | None:
        """Return a question, open or closed."""
        return next(iter(_questions(connection, questions.c.number == number)), None)

    @query
    def contacts(self, connection: Connection) -> list[Contact]:
        return fetch_all(connection, Contact, select(contacts))

    def put_contact(self, connection: Connection, contact: Contact) -> None:
        if contact.room:
            put_row(connection, contacts, {"channel": contact.channel, "user": contact.user}, {"room": contact.room})
        else:
            is_theirs = (contacts.c.channel == contact.channel, contacts.c.user == contact.user)
            connection.execute(delete(contacts).where(*is_theirs))

    @query
    def question_of(self, connection: Connection, channel: str, event: str) -> QueuedQuestion | None:
        """Return the question that this event asked, open or closed."""
        number = select(askings.c.question).where(askings.c.channel == channel, askings.c.event == event)
        return next(iter(_questions(connection, questions.c.number.in_(number))), None)

    @query
    def waits(self, connection: Connection, since: datetime) -> list[float]:
        """Return how many seconds those who asked since then waited for the moderators' answer.

        Questions that entered the queue with their answer are left out.
        """
        queued = askings.join(questions, questions.c.number == askings.c.question)
        told = (askings.c.asked >= since, askings.c.told.is_not(None), has_waited)
        rows = connection.execute(select(askings.c.asked, askings.c.told).select_from(queued).where(*told))
        return [(told - asked).total_seconds() for asked, told in rows]

    @query
    def news_of(self, connection: Connection, channel: str, event: str) -> list[int]:
        """Return the ids of posts that told the asker of this event, and nobody else in the room, of an answer."""
        this = (askings.c.channel == channel, askings.c.event == event)
        row = connection.execute(select(askings.c.question, askings.c.room).where(*this)).one_or_none()
        if row is None:
            return []
        in_room = (askings.c.question == row.question, askings.c.channel == channel, askings.c.room == row.room)
        has_others = exists().where(*in_room, askings.c.event != event)
        news = (outbox.c.number == row.question, outbox.c.purpose == "told")
        posted = (outbox.c.channel == channel, outbox.c.room == row.room)
        return list(connection.scalars(select(outbox.c.id).where(*news, *posted, ~has_others)))

    @query
    def draft(self, connection: Connection, number: int) -> Draft | None:
        return fetch_one(connection, Draft, select(drafts).where(drafts.c.number == number))

    @query
    def draft_for(self, connection: Connection, question: int) -> Draft | None:
        """Return the latest open draft for a question."""
        of_question = select(drafts).where(drafts.c.question == question, drafts.c.state == "open")
        return fetch_one(connection, Draft, of_question.order_by(drafts.c.number.desc()).limit(1))

    @query
    def open_drafts(self, connection: Connection, now: datetime) -> list[Draft]:
        """Return the drafts that wait for a decision, oldest first."""
        which = (drafts.c.state == "open", drafts.c.made >= now - DRAFTS)
        return fetch_all(connection, Draft, select(drafts).where(*which).order_by(drafts.c.number))

    @query
    def draft_posts(self, connection: Connection, number: int) -> list[int]:
        """Return the ids of the posts that show a draft."""
        which = (outbox.c.number == number, outbox.c.purpose == "draft", outbox.c.removed.is_(False))
        return list(connection.scalars(select(outbox.c.id).where(*which)))

    @query
    def drafts_about(
        self, connection: Connection, channel: str, event: str | None, user: str | None
    ) -> list[tuple[int, str, str]]:
        """Return each open draft about what that person or that event asked: its number, and channel and room of its
        post."""
        by_event = (askings.c.channel == channel, askings.c.event == event)
        by_user = (askings.c.asker == self._database.hash(user or ""),)
        is_shown = (outbox.c.purpose == "draft", outbox.c.event.is_not(None), outbox.c.removed.is_(False))
        posts = (
            select(outbox.c.number, outbox.c.channel, outbox.c.room, outbox.c.made, askings.c.asked)
            .join(drafts, (drafts.c.number == outbox.c.number) & (drafts.c.state == "open"))
            .join(askings, askings.c.question == drafts.c.question)
        )
        rows = connection.execute(posts.where(*is_shown, *(by_user if user else by_event)))
        after = (row for row in rows if row.made > row.asked - CLOCK_SKEW)
        return list(dict.fromkeys((row.number, row.channel, row.room) for row in after))

    def add(self, connection: Connection, question: Question, now: datetime) -> None:
        """Queue a question, or give the open one that its event asked the new text."""
        this = (askings.c.channel == question.channel, askings.c.event == question.event)
        earlier = connection.execute(select(askings).where(*this)).one_or_none()
        if earlier and _state(connection, earlier.question) == "open":
            connection.execute(update(askings).where(*this).values(text=question.text))
            return
        self.remove(connection, now, *this)  # otherwise posts that show its first text would stay for ever
        number, state = question.number, question.number and _state(connection, question.number)
        if not number or state == "closed":  # a question closed meanwhile is not reopened
            number, state = _next_number(connection), "none"
        if state == "none":
            closed = now if question.is_answered else None
            connection.execute(questions.insert().values(number=number, opened=now, closed=closed))
        row = {name: getattr(question, name) for name in ("channel", "room", "event", "asked", "private")}
        row |= {"question": number, "asker": self._database.hash(question.asker)}
        row |= {"text": "", "told": now} if question.is_answered else {"text": question.text, "told": None}
        connection.execute(askings.insert().values(row))
        if state == "none" and question.note and number == question.number:
            lately = select(outbox.c.room).where(outbox.c.purpose == "near", outbox.c.made > now - DAY)
            told = set(connection.scalars(lately))
            posts = [post for post in question.tells if post.outgoing.room not in told]
            self._outbox.add(connection, question.channel, f"question {number}", [question.note, *posts], now)

    def forget(self, connection: Connection, user: str, now: datetime) -> None:
        """Erase what that person asked, looks after, and wants to be told."""
        connection.execute(update(questions).where(questions.c.taken_by == user).values(taken_by=None))
        self.remove(connection, now, askings.c.asker == self._database.hash(user))
        connection.execute(delete(contacts).where(contacts.c.user == user))

    def remove(self, connection: Connection, now: datetime, *which: ColumnElement[bool]) -> None:
        """Erase askings, withdraw posts that show them, and drop questions that nobody asks any more.

        A post made before the question was asked shows other people's text: asking the same does not withdraw it.
        """
        rows = connection.execute(select(askings).where(*which)).all()
        if not rows:
            return
        note_withdrawn(connection, {row.event for row in rows})
        for row in rows:
            since = row.asked - CLOCK_SKEW
            of_drafts = select(drafts.c.number).where(drafts.c.question == row.question)
            is_about = (outbox.c.number == row.question) | outbox.c.number.in_(of_drafts)
            # Notes, drafts with the replies to them, and lists may show it.
            is_shown = outbox.c.purpose.in_(("asked", "draft", "command")) & is_about
            may_show = is_shown | outbox.c.purpose.in_(("list", "gaps"))
            which_posts = (may_show, outbox.c.made > since, outbox.c.removed.is_(False))
            self._outbox.withdraw(connection, connection.scalars(select(outbox.c.id).where(*which_posts)).all(), now)
            shown_since = select(outbox.c.number).where(outbox.c.purpose == "draft", outbox.c.made > since)
            is_later = (drafts.c.made > since) | drafts.c.number.in_(shown_since)
            _drop_drafts(connection, drafts.c.question == row.question, is_later)
        connection.execute(delete(askings).where(*which))
        _drop_unasked(connection)

    def close(self, connection: Connection, closure: QuestionClosure, now: datetime) -> None:
        """Record who was told of the answer; once everybody was, close the question and erase its texts."""
        is_told = askings.c.id.in_(closure.askings)
        connection.execute(update(askings).where(is_told).values(told=func.coalesce(askings.c.told, now)))
        this = questions.c.number == closure.question
        is_waited_for = exists().where(askings.c.question == closure.question, askings.c.told.is_(None))
        change = {"closed": func.coalesce(questions.c.closed, now), "entry": closure.entry, "taken_by": None}
        connection.execute(update(questions).where(this, ~is_waited_for).values(change))
        is_closed = exists().where(this, ~still_open)
        connection.execute(update(askings).where(askings.c.question == closure.question, is_closed).values(text=""))

    def reopen(self, connection: Connection, reopening: QuestionReopening) -> None:
        for id, text in reopening.askings:
            connection.execute(update(askings).where(askings.c.id == id).values(told=None, text=text))
        this = questions.c.number == reopening.question
        connection.execute(update(questions).where(this).values(closed=None, entry=None))

    def take(self, connection: Connection, taking: QuestionTaking) -> None:
        change = {"taken_in": taking.channel, "taken_by": taking.user or None, "taken": taking.at}
        connection.execute(update(questions).where(questions.c.number == taking.question, still_open).values(change))

    def put_draft(self, connection: Connection, draft: Draft) -> None:
        """Store a new draft, or new content for one that is still open."""
        row = asdict(draft) | {"moderator": self._database.hash(draft.moderator)}
        insert = insert_into(connection, drafts).values(row)
        change = {"kind": draft.kind, "content": draft.content}
        is_open = drafts.c.state == "open"
        connection.execute(insert.on_conflict_do_update(index_elements=["number"], set_=change, where=is_open))


def settle_draft(connection: Connection, number: int, state: DraftState) -> bool:
    """Settle an open draft; False if it is settled already."""
    this = (drafts.c.number == number, drafts.c.state == "open")
    return connection.execute(update(drafts).where(*this).values(state=state, content="")).rowcount == 1


def is_outdated(connection: Connection, outcome: Outcome) -> bool:
    """Whether the outcome came too late.

    A question that it quotes was withdrawn, its draft was settled, or somebody else answered the same question.
    """
    closure, draft = outcome.find(QuestionClosure), outcome.find(Draft)
    if closure and closure.entry is None and _state(connection, closure.question) != "open":
        return True  # an entry may answer a closed one anew
    stored = select(func.count()).where(askings.c.id.in_(outcome.shows))
    if outcome.shows and connection.scalar(stored) != len(outcome.shows):
        return True
    return draft is not None and is_any(connection, drafts.c.number == draft.number, drafts.c.state != "open")


def erase_old_questions(connection: Connection, now: datetime, oldest: datetime) -> None:
    """Erase questions asked before `oldest`, who took one some days ago, and expired drafts.

    A draft whose question is kept loses only its content, so that its posts can still be withdrawn.
    """
    connection.execute(delete(askings).where(askings.c.asked < oldest))
    connection.execute(update(questions).where(questions.c.taken < now - TAKING).values(taken_by=None))
    _drop_unasked(connection)
    is_old, has_question = drafts.c.made < now - DRAFTS, exists().where(questions.c.number == drafts.c.question)
    _drop_drafts(connection, is_old)
    connection.execute(delete(drafts).where(is_old, ~has_question))


def _next_number(connection: Connection) -> int:
    number = int(get_value(connection, NUMBER) or 0) + 1
    set_value(connection, NUMBER, str(number))
    return number


def _state(connection: Connection, number: int) -> str:
    """'open', 'closed' or 'none'."""
    row = connection.execute(select(questions.c.closed).where(questions.c.number == number)).one_or_none()
    return "none" if row is None else "closed" if row.closed else "open"


def _drop_unasked(connection: Connection) -> None:
    is_asked = exists().where(askings.c.question == questions.c.number)
    connection.execute(delete(questions).where(~is_asked))


def _drop_drafts(connection: Connection, *which: ColumnElement[bool]) -> None:
    change = {"state": "dropped", "content": ""}
    connection.execute(update(drafts).where(drafts.c.state == "open", *which).values(change))


def _questions(connection: Connection, *which: ColumnElement[bool]) -> list[QueuedQuestion]:
    occurrences: dict[int, list[QuestionOccurrence]] = defaultdict(list)
    of_questions = askings.c.question.in_(select(questions.c.number).where(*which))
    in_order = select(askings).where(of_questions).order_by(askings.c.asked, askings.c.id)
    for asking in fetch_all(connection, QuestionOccurrence, in_order):
        occurrences[asking.question].append(asking)
    columns = [questions.c[name] for name in ("number", "closed", "entry", "taken_by", "taken_in", "taken")]
    rows = connection.execute(select(*columns).where(*which).order_by(questions.c.number))
    return [QueuedQuestion(row.number, tuple(occurrences[row.number]), *row[1:]) for row in rows]
