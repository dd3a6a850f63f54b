"""Statistics of questions and posts: what waits now, and figures by day, stored before what they count is erased.

A figure is one query, without words or persons; a day belongs to the time zone of the caller.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, func, or_, select, tuple_

from .database import Component, count_rows, is_any, query
from .post_queries import alive
from .tables import askings, feedback, figures, has_waited, journal, outbox, questions, still_open, unfinished, unsent
from .values import ANSWERING, CHOSEN, DISLIKED, LIKED, NONE_FITS, THANKED, Purpose

USES: Sequence[Purpose] = (*ANSWERING, "suggest", "told")


@dataclass(frozen=True, slots=True)
class QueueDepths:
    """Queue lengths, and the age of the oldest post in seconds.

    `outbox` and `oldest` are by channel; `due` and `put_off` count events, `questions` those without an answer.
    """

    outbox: Mapping[str, int]
    oldest: Mapping[str, float]
    due: int
    put_off: int
    questions: int


class Stats(Component):
    @query
    def posts_since(self, connection: Connection, since: datetime) -> Counter[str]:
        """Count posts by purpose; edits do not count."""
        posts = (outbox.c.made >= since, alive, outbox.c.replaces.is_(None))
        rows = connection.execute(select(outbox.c.purpose, func.count()).where(*posts).group_by(outbox.c.purpose))
        return Counter({row[0]: row[1] for row in rows})

    @query
    def figures(self, connection: Connection, first: date, last: date, zone: tzinfo) -> Counts:
        """Return the figures of the days from `first` to `last`, as far back as they are stored."""
        of_days = (figures.c.day >= first.isoformat(), figures.c.day <= last.isoformat())
        rows = connection.execute(select(figures).where(*of_days))
        stored = Counter({(date.fromisoformat(row.day), row.figure, row.detail): row.number for row in rows})
        return stored + _count(connection, max(first, _first_unstored(connection)), last, zone)

    @query
    def entry_uses(self, connection: Connection, purposes: Sequence[Purpose] = USES) -> Counter[str]:
        """Count how often each entry was answered with or offered, as far back as posts are stored."""
        is_given = (outbox.c.purpose.in_(purposes), alive, outbox.c.replaces.is_(None))
        rows = connection.scalars(select(outbox.c.entries).where(*is_given))
        return Counter(entry for entries in rows for entry in entries)

    @query
    def depths(self, connection: Connection, now: datetime) -> QueueDepths:
        waiting = select(outbox.c.channel, func.count(), func.min(outbox.c.made)).where(unsent)
        posts = connection.execute(waiting.group_by(outbox.c.channel)).all()
        put_off = count_rows(connection, journal, unfinished, journal.c.due_at > now)
        return QueueDepths(
            {channel: number for channel, number, _ in posts},
            {channel: max((now - made).total_seconds(), 0.0) for channel, _, made in posts},
            count_rows(connection, journal, unfinished) - put_off,
            put_off,
            count_rows(connection, questions, still_open),
        )


Counts = Counter[tuple[date, str, str]]
"""Counts by day of asking, figure and detail: the id of an entry (empty: none), of `waited` the minutes."""
SETTLED = 30  # days after which a question's figures no longer change: reactions are forgotten, and askers told no more
_BEGINNING = date(2000, 1, 1)
_redaction = journal.alias("redaction")
_is_of_event = (_redaction.c.relates_to == journal.c.event, _redaction.c.room == journal.c.room)
_is_by_author = or_(_redaction.c.person == journal.c.person, journal.c.person.is_(None), _redaction.c.person.is_(None))
is_taken_back = exists().where(_redaction.c.kind == "redaction", *_is_of_event, _is_by_author)
"""The author deleted the reaction: what a moderator deletes for somebody else still counts. After two days nobody knows
who it was; it then counts as the author's."""


def store_settled(connection: Connection, now: datetime, questions_days: int) -> None:
    """Store the counts of days before their questions are erased. `now`: in the time zone of the days."""
    last = now.date() - timedelta(days=max(min(SETTLED, questions_days) - 1, 1))
    counts = _count(connection, _first_unstored(connection), last, now.tzinfo)
    rows = [
        {"day": day.isoformat(), "figure": figure, "detail": detail, "number": number}
        for (day, figure, detail), number in counts.items()
    ]
    if rows:
        connection.execute(figures.insert(), rows)


def _first_unstored(connection: Connection) -> date:
    last = connection.scalar(select(func.max(figures.c.day)))
    return date.fromisoformat(last) + timedelta(days=1) if last else _BEGINNING


def _count(connection: Connection, first: date, last: date, zone: tzinfo | None) -> Counts:
    since, until = (datetime.combine(day, time(), zone) for day in (first, last + timedelta(days=1)))
    counts: Counts = Counter()
    if not any(is_any(connection, moment >= since, moment < until) for moment in _MOMENTS):
        return counts  # a quiet day costs three looks instead of eleven figures
    for figure, statement in _FIGURES.items():
        found = statement.subquery()
        for row in connection.execute(select(found).where(found.c.moment >= since, found.c.moment < until)):
            day = row.moment.astimezone(zone).date()
            details: tuple[str, ...]
            if figure == "waited":
                details = (str(int((row.told - row.moment).total_seconds()) // 60),)
            else:
                details = getattr(row, "entries", None) or (row.entry or "",)
            counts.update((day, figure, detail) for detail in (details if figure == "given" else details[:1]))
    return counts


def _of_questions() -> Mapping[str, Select[Any]]:
    """Return the figures of questions that the bot replied to, each once: from its latest reply, and what followed."""
    latest, news = outbox.alias("latest"), outbox.alias("news")
    is_reply = (outbox.c.question.is_not(None), outbox.c.purpose.in_((*ANSWERING, "suggest", "unknown")), alive)
    key = outbox.c.channel, outbox.c.question
    columns = func.min(outbox.c.made).label("asked"), func.max(outbox.c.id).label("latest")
    asked = select(*key, *columns).where(*is_reply).group_by(*key).subquery("asked_questions")

    def heard(*reasons: str) -> ColumnElement[bool]:
        is_about = (journal.c.channel == outbox.c.channel) & (journal.c.relates_to == outbox.c.event)
        judged = select(*key).join(journal, is_about).where(journal.c.reason.in_(reasons), ~is_taken_back)
        return tuple_(asked.c.channel, asked.c.question).in_(judged)  # once, not for each question: 6,000 took minutes

    queued = (askings.c.channel == asked.c.channel, askings.c.event == asked.c.question)
    by_people = exists().where(*queued, *_told(news))
    kept = select(questions.c.entry).join(askings, askings.c.question == questions.c.number).where(*queued)
    answered = or_(latest.c.purpose.in_(ANSWERING) & latest.c.removed.is_(False), by_people)
    helped = answered & heard(LIKED, CHOSEN, THANKED) & ~heard(DISLIKED)
    conditions = {
        "asked": asked.c.latest.is_not(None),
        "answered": answered,
        "given": answered,
        "resolved": or_(by_people, helped),
        "refused": heard(DISLIKED, NONE_FITS),
        "missed": ~answered,
        "dismissed": exists().where(*queued, askings.c.told.is_not(None)) & ~by_people,
        "open": exists().where(*queued, askings.c.told.is_(None)),
    }
    rows = select(asked.c.asked.label("moment"), kept.scalar_subquery().label("entry"), latest.c.entries)
    rows = rows.join(latest, latest.c.id == asked.c.latest)
    return {figure: rows.where(condition) for figure, condition in conditions.items()}


def _told(news: Any) -> tuple[ColumnElement[bool], ...]:
    """Match an asking whose asker was told of an answer: not one that was set aside, or queued with its answer."""
    is_news = (news.c.purpose == "told", news.c.number == askings.c.question, news.c.removed.is_(False))
    has_news = exists().where(*is_news, news.c.channel == askings.c.channel, news.c.room == askings.c.room)
    is_closed = (askings.c.question == questions.c.number, askings.c.told.is_not(None), has_waited)
    return (*is_closed, or_(questions.c.entry.is_not(None), has_news))


_votes = select(feedback.c.given.label("moment"), feedback.c.entry)
_FIGURES: Mapping[str, Select[Any]] = {
    **_of_questions(),
    "waited": select(askings.c.asked.label("moment"), askings.c.told).where(*_told(outbox)),
    "liked": _votes.where(feedback.c.value == 1),
    "disliked": _votes.where(feedback.c.value == -1),
}
"""Rows with the moment that says the day, and the entry, or entries."""
_MOMENTS = (outbox.c.made, askings.c.asked, feedback.c.given)  # one of which is the moment of each row
