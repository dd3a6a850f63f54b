"""The tables, of columns that behave alike in SQLite and PostgreSQL. A change needs a migration."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Dialect, Index, MetaData, Table, UniqueConstraint, or_
from sqlalchemy.types import Boolean, DateTime, Integer, SmallInteger, Text, TypeDecorator, TypeEngine


def in_utc(stored: datetime) -> datetime:
    """Return a stored time in UTC; one without a zone, as SQLite returns it, is in UTC already."""
    return stored.astimezone(UTC) if stored.tzinfo else stored.replace(tzinfo=UTC)


class Utc(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and in_utc(value)


class Plain(TypeDecorator[str]):
    """Text from outside, with characters that a database refuses (lone surrogates; NUL in PostgreSQL) replaced."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return value and value.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


class Names(TypeDecorator[tuple[str, ...]]):
    """A tuple of ids, as JSON."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str:
        return json.dumps(value or ())

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...]:
        return tuple(json.loads(value or "[]"))


metadata = MetaData()


def required(kind: type[TypeEngine[Any]], *names: str) -> list[Column[Any]]:
    """Columns that always have a value."""
    return [Column(name, kind, nullable=False) for name in names]


def optional(kind: type[TypeEngine[Any]], *names: str) -> list[Column[Any]]:
    return [Column(name, kind) for name in names]


def keys(*names: str) -> list[Column[Any]]:
    """Text columns that make up the primary key."""
    return [Column(name, Plain, primary_key=True) for name in names]


def _table(name: str, *columns: Column[Any] | UniqueConstraint) -> Table:
    return Table(name, metadata, *columns)


def _with_ids(name: str, *columns: Column[Any] | UniqueConstraint) -> Table:
    """A table whose rows get an `id`, no id twice."""
    return Table(name, metadata, Column("id", Integer, primary_key=True), *columns, sqlite_autoincrement=True)


def _with_numbers(name: str, *columns: Column[Any] | UniqueConstraint) -> Table:
    """A table whose rows get a `number` from one counter, a row of `memory`: no number ever means two things."""
    return Table(name, metadata, Column("number", Integer, primary_key=True, autoincrement=False), *columns)


def _partial_index(name: str, condition: ColumnElement[bool], *columns: Column[Any]) -> None:
    """An index of the rows that fulfil the condition."""
    Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


memory = _table("memory", *keys("name"), *required(Plain, "value"))
positions = _table("positions", *keys("channel"), *required(Plain, "position"))

# `sender` (a user id) and `content` are erased once the event is handled; `person` is the sender's hash.
journal = _with_ids(
    "journal",
    *required(Plain, "channel", "event", "room", "kind"),
    *optional(Plain, "relates_to", "person", "sender", "content", "reason"),
    *required(Utc, "sent", "received"),
    *optional(Utc, "due_at", "done_at"),
    Column("addressed", Boolean, nullable=False, default=False),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    UniqueConstraint("channel", "event", name="journal_event"),
)
unfinished = journal.c.done_at.is_(None)
_partial_index("journal_unfinished", unfinished, journal.c.id)
Index("journal_relates_to", journal.c.relates_to)
Index("journal_person", journal.c.person, journal.c.done_at)

# `outgoing` is erased when the row is closed: sent (it has an `event` then), given up or withdrawn. A mark that was
# sent keeps it, an emoji and no words, so that it can be removed when its post no longer offers it.
outbox = _with_ids(
    "outbox",
    *required(Plain, "channel", "room", "transaction_id", "purpose"),
    *required(SmallInteger, "priority"),
    *required(Names, "entries", "answered"),
    *required(Boolean, "overheard"),
    *optional(Plain, "question", "asker", "replaces", "relays", "outgoing", "login", "reason", "event"),
    *required(Utc, "made"),
    *optional(Utc, "not_before", "begun", "closed"),
    *optional(Integer, "number"),
    *optional(Boolean, "private"),
    Column("attempts", Integer, nullable=False, default=0),
    Column("removed", Boolean, nullable=False, default=False),
    UniqueConstraint("transaction_id", name="outbox_transaction"),
)
unsent = outbox.c.closed.is_(None)
_partial_index("outbox_unsent", unsent, outbox.c.channel, outbox.c.room, outbox.c.priority, outbox.c.id)
Index("outbox_room", outbox.c.room, outbox.c.made)
for column in (outbox.c.event, outbox.c.replaces, outbox.c.question, outbox.c.number, outbox.c.relays):
    Index(f"outbox_{column.name}", column)

# `taken_by`: a user id, of the moderator who looks after it, erased when it is closed and after a few days; `taken_in`:
# their channel.
questions = _with_numbers(
    "questions",
    *required(Utc, "opened"),
    *optional(Utc, "closed", "taken"),
    *optional(Plain, "entry", "taken_in", "taken_by"),
)
still_open = questions.c.closed.is_(None)
has_waited = or_(still_open, questions.c.closed > questions.c.opened)  # not queued with its answer

# Each time a question was asked; `told`: when the asker was told of the answer.
askings = _with_ids(
    "askings",
    *required(Integer, "question"),
    *required(Plain, "channel", "room", "event", "asker", "text"),
    *required(Utc, "asked"),
    *required(Boolean, "private"),
    *optional(Utc, "told"),
    UniqueConstraint("channel", "event", name="askings_event"),
)
Index("askings_question", askings.c.question)

# Changes of the knowledge that wait for a moderator's decision; `content` is JSON, erased when `state` is not 'open'.
drafts = _with_numbers(
    "drafts",
    *required(Plain, "kind", "content", "moderator", "state"),
    *required(Utc, "made"),
    *optional(Integer, "question"),
)
Index("drafts_question", drafts.c.question)

# Messages that may enter the knowledge: their words as phrasings of an entry, or, as replies to a `question` (an event;
# then `entry` is empty), as an answer. `list` and `place`: where moderators were shown them.
candidates = _with_ids(
    "candidates",
    *required(Plain, "channel", "room", "event", "entry"),
    *required(Utc, "made"),
    *optional(Integer, "list"),
    *optional(SmallInteger, "place"),
    *optional(Plain, "question"),
    UniqueConstraint("channel", "event", "entry", name="candidates_event"),
)

feedback = _table("feedback", *keys("entry", "person"), *required(SmallInteger, "value"), *required(Utc, "given"))

# Counts by day, with nothing that says who asked, or in which words; `day` is an ISO date. See `stats.py`.
figures = _table("figures", *keys("day", "figure", "detail"), *required(Integer, "number"))

forgotten = _table("forgotten", *keys("person"), *required(Utc, "since"))
hushes = _table("hushes", *keys("room"), *required(Utc, "until"))

# The addresses in the answers, as of the weekly check.
links = _table(
    "links",
    *keys("url"),
    *required(Plain, "state", "detail"),
    *required(Utc, "checked"),
    *optional(Plain, "moved_to"),
    *optional(Utc, "right_last", "dead_since", "dead_last"),
    *required(Integer, "dead_times"),
)

# A moderator's link to the desk, and the session that it opens; `link` and `cookie` are SHA-256 of secrets, never the
# secrets. `user` (a user id) and `name` are erased when the session ends, the row soon after.
sessions = _with_numbers(
    "sessions",
    *required(Plain, "link", "channel", "user", "name", "room"),
    *optional(Plain, "cookie"),
    *required(Utc, "made"),
    *optional(Utc, "opened", "used"),
    UniqueConstraint("link", name="sessions_link"),
    UniqueConstraint("cookie", name="sessions_cookie"),
)

# Changes of the answers that the bot made for a moderator. `before`, `after`: the entry's fields as JSON, null where
# there is no entry.
edits = _with_ids(
    "edits", *required(Plain, "entry", "author", "file"), *required(Utc, "made"), *optional(Plain, "before", "after")
)
Index("edits_entry", edits.c.entry)

# People who agreed, in a direct room, to be told there about questions near the answers that name them.
contacts = _table("contacts", *keys("channel", "user"), *required(Plain, "room"))

reader_notes = _with_ids(
    "reader_notes",
    *required(Plain, "entry", "words"),
    *required(SmallInteger, "value"),
    *required(Utc, "day"),
    *required(Integer, "times"),
)

# Encryption keys of a network's device, encrypted by the network's channel. `account`: the bot's own user id.
device_keys = _table("device_keys", *keys("account", "name"), *required(Plain, "sealed"))
