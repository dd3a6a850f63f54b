"""The tables, of columns that behave alike in SQLite and PostgreSQL. A change needs a migration."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, Dialect, Index, MetaData, Table, UniqueConstraint
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


memory = Table(
    "memory",
    metadata,
    Column("name", Plain, primary_key=True),
    *required(Plain, "value"),
)

positions = Table(
    "positions",
    metadata,
    Column("channel", Plain, primary_key=True),
    *required(Plain, "position"),
)

# `sender` (a user id) and `content` are erased once the event is handled; `person` is the sender's hash.
journal = Table(
    "journal",
    metadata,
    Column("id", Integer, primary_key=True),
    *required(Plain, "channel", "event", "room", "kind"),
    *optional(Plain, "relates_to", "person", "sender", "content", "reason"),
    *required(Utc, "sent", "received"),
    *optional(Utc, "due_at", "done_at"),
    Column("addressed", Boolean, nullable=False, default=False),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    UniqueConstraint("channel", "event", name="journal_event"),
    sqlite_autoincrement=True,
)
unfinished = journal.c.done_at.is_(None)
Index("journal_unfinished", journal.c.id, sqlite_where=unfinished, postgresql_where=unfinished)
Index("journal_relates_to", journal.c.relates_to)
Index("journal_person", journal.c.person, journal.c.done_at)

# `outgoing` is erased when the row is closed: sent (it has an `event` then), given up or withdrawn. A mark that was
# sent keeps it, an emoji and no words, so that it can be removed when its post no longer offers it.
outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
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
    sqlite_autoincrement=True,
)
unsent = outbox.c.closed.is_(None)
Index(
    "outbox_unsent",
    *(outbox.c.channel, outbox.c.room, outbox.c.priority, outbox.c.id),
    sqlite_where=unsent,
    postgresql_where=unsent,
)
Index("outbox_event", outbox.c.event)
Index("outbox_replaces", outbox.c.replaces)
Index("outbox_question", outbox.c.question)
Index("outbox_room", outbox.c.room, outbox.c.made)
Index("outbox_number", outbox.c.number)
Index("outbox_relays", outbox.c.relays)

# Questions and drafts share one counter, a row of `memory`: no number ever means two things. `taken_by`: a user id, of
# the moderator who looks after it, erased when it is closed and after a few days; `taken_in`: their channel.
questions = Table(
    "questions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    *required(Utc, "opened"),
    *optional(Utc, "closed", "taken"),
    *optional(Plain, "entry", "taken_in", "taken_by"),
)
still_open = questions.c.closed.is_(None)

# Each time a question was asked; `told`: when the asker was told of the answer.
askings = Table(
    "askings",
    metadata,
    Column("id", Integer, primary_key=True),
    *required(Integer, "question"),
    *required(Plain, "channel", "room", "event", "asker", "text"),
    *required(Utc, "asked"),
    *required(Boolean, "private"),
    *optional(Utc, "told"),
    UniqueConstraint("channel", "event", name="askings_event"),
    sqlite_autoincrement=True,
)
Index("askings_question", askings.c.question)

# Changes of the knowledge that wait for a moderator's decision; `content` is JSON, erased when `state` is not 'open'.
drafts = Table(
    "drafts",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    *required(Plain, "kind", "content", "moderator", "state"),
    *required(Utc, "made"),
    *optional(Integer, "question"),
)
Index("drafts_question", drafts.c.question)

# Messages that may enter the knowledge: their words as phrasings of an entry, or, as replies to a `question` (an event;
# then `entry` is empty), as an answer. `list` and `place`: where moderators were shown them.
candidates = Table(
    "candidates",
    metadata,
    Column("id", Integer, primary_key=True),
    *required(Plain, "channel", "room", "event", "entry"),
    *required(Utc, "made"),
    *optional(Integer, "list"),
    *optional(SmallInteger, "place"),
    *optional(Plain, "question"),
    UniqueConstraint("channel", "event", "entry", name="candidates_event"),
    sqlite_autoincrement=True,
)

feedback = Table(
    "feedback",
    metadata,
    Column("entry", Plain, primary_key=True),
    Column("person", Plain, primary_key=True),
    *required(SmallInteger, "value"),
    *required(Utc, "given"),
)

# Counts by day, with nothing that says who asked, or in which words; `day` is an ISO date. See `stats.py`.
figures = Table(
    "figures",
    metadata,
    Column("day", Plain, primary_key=True),
    Column("figure", Plain, primary_key=True),
    Column("detail", Plain, primary_key=True),
    *required(Integer, "number"),
)

forgotten = Table(
    "forgotten",
    metadata,
    Column("person", Plain, primary_key=True),
    *required(Utc, "since"),
)

hushes = Table(
    "hushes",
    metadata,
    Column("room", Plain, primary_key=True),
    *required(Utc, "until"),
)

# The addresses in the answers, as of the weekly check.
links = Table(
    "links",
    metadata,
    Column("url", Plain, primary_key=True),
    *required(Plain, "state", "detail"),
    *required(Utc, "checked"),
    *optional(Plain, "moved_to"),
    *optional(Utc, "right_last", "dead_since", "dead_last"),
    *required(Integer, "dead_times"),
)

# A moderator's link to the desk, and the session that it opens; `link` and `cookie` are SHA-256 of secrets, never the
# secrets. `user` (a user id) and `name` are erased when the session ends, the row soon after.
sessions = Table(
    "sessions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    *required(Plain, "link", "channel", "user", "name", "room"),
    *optional(Plain, "cookie"),
    *required(Utc, "made"),
    *optional(Utc, "opened", "used"),
    UniqueConstraint("link", name="sessions_link"),
    UniqueConstraint("cookie", name="sessions_cookie"),
)

# Changes of the answers that the bot made for a moderator. `before`, `after`: the entry's fields as JSON, null where
# there is no entry.
edits = Table(
    "edits",
    metadata,
    Column("id", Integer, primary_key=True),
    *required(Plain, "entry", "author", "file"),
    *required(Utc, "made"),
    *optional(Plain, "before", "after"),
    sqlite_autoincrement=True,
)
Index("edits_entry", edits.c.entry)

# People who agreed, in a direct room, to be told there about questions near the answers that name them.
contacts = Table(
    "contacts",
    metadata,
    Column("channel", Plain, primary_key=True),
    Column("user", Plain, primary_key=True),
    Column("room", Plain, nullable=False),
)

reader_notes = Table(
    "reader_notes",
    metadata,
    Column("id", Integer, primary_key=True),
    *required(Plain, "entry", "words"),
    *required(SmallInteger, "value"),
    *required(Utc, "day"),
    *required(Integer, "times"),
    sqlite_autoincrement=True,
)

# Encryption keys of a network's device, encrypted by the network's channel. `account`: the bot's own user id.
device_keys = Table(
    "device_keys",
    metadata,
    Column("account", Plain, primary_key=True),
    Column("name", Plain, primary_key=True),
    Column("sealed", Plain, nullable=False),
)
