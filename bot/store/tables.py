"""The tables. A change needs a migration."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, SmallInteger, Table, UniqueConstraint

from .column_types import Names, Plain, Utc

metadata = MetaData()

memory = Table(
    "memory",
    metadata,
    Column("name", Plain, primary_key=True),
    Column("value", Plain, nullable=False),
)

positions = Table(
    "positions",
    metadata,
    Column("channel", Plain, primary_key=True),
    Column("position", Plain, nullable=False),
)

# `sender` (a user id) and `content` are erased once the event is handled; `person` is the sender's hash.
journal = Table(
    "journal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", Plain, nullable=False),
    Column("event", Plain, nullable=False),
    Column("room", Plain, nullable=False),
    Column("kind", Plain, nullable=False),
    Column("relates_to", Plain),
    Column("person", Plain),
    Column("sender", Plain),
    Column("content", Plain),
    Column("sent", Utc, nullable=False),
    Column("received", Utc, nullable=False),
    Column("addressed", Boolean, nullable=False, default=False),
    Column("due_at", Utc),
    Column("done_at", Utc),
    Column("reason", Plain),
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
    Column("channel", Plain, nullable=False),
    Column("room", Plain, nullable=False),
    Column("transaction_id", Plain, nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("purpose", Plain, nullable=False),
    Column("entries", Names, nullable=False),
    Column("answered", Names, nullable=False),
    Column("question", Plain),
    Column("asker", Plain),
    Column("overheard", Boolean, nullable=False),
    Column("replaces", Plain),
    Column("outgoing", Plain),
    Column("made", Utc, nullable=False),
    Column("not_before", Utc),
    Column("begun", Utc),
    Column("login", Plain),
    Column("attempts", Integer, nullable=False, default=0),
    Column("closed", Utc),
    Column("reason", Plain),
    Column("event", Plain),
    Column("removed", Boolean, nullable=False, default=False),
    Column("number", Integer),
    Column("private", Boolean),
    Column("relays", Plain),
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
    Column("opened", Utc, nullable=False),
    Column("closed", Utc),
    Column("entry", Plain),
    Column("taken_in", Plain),
    Column("taken_by", Plain),
    Column("taken", Utc),
)
still_open = questions.c.closed.is_(None)

# Each time a question was asked; `told`: when the asker was told of the answer.
askings = Table(
    "askings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("question", Integer, nullable=False),
    Column("channel", Plain, nullable=False),
    Column("room", Plain, nullable=False),
    Column("event", Plain, nullable=False),
    Column("asker", Plain, nullable=False),
    Column("text", Plain, nullable=False),
    Column("asked", Utc, nullable=False),
    Column("private", Boolean, nullable=False),
    Column("told", Utc),
    UniqueConstraint("channel", "event", name="askings_event"),
    sqlite_autoincrement=True,
)
Index("askings_question", askings.c.question)

# Changes of the knowledge that wait for a moderator's decision; `content` is JSON, erased when `state` is not 'open'.
drafts = Table(
    "drafts",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", Plain, nullable=False),
    Column("question", Integer),
    Column("content", Plain, nullable=False),
    Column("moderator", Plain, nullable=False),
    Column("made", Utc, nullable=False),
    Column("state", Plain, nullable=False),
)
Index("drafts_question", drafts.c.question)

# Messages that may enter the knowledge: their words as phrasings of an entry, or, as replies to a `question` (an event;
# then `entry` is empty), as an answer. `list` and `place`: where moderators were shown them.
candidates = Table(
    "candidates",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", Plain, nullable=False),
    Column("room", Plain, nullable=False),
    Column("event", Plain, nullable=False),
    Column("entry", Plain, nullable=False),
    Column("made", Utc, nullable=False),
    Column("list", Integer),
    Column("place", SmallInteger),
    Column("question", Plain),
    UniqueConstraint("channel", "event", "entry", name="candidates_event"),
    sqlite_autoincrement=True,
)

feedback = Table(
    "feedback",
    metadata,
    Column("entry", Plain, primary_key=True),
    Column("person", Plain, primary_key=True),
    Column("value", SmallInteger, nullable=False),
    Column("given", Utc, nullable=False),
)

# Counts by day, with nothing that says who asked, or in which words; `day` is an ISO date. See `figure_counts.py`.
figures = Table(
    "figures",
    metadata,
    Column("day", Plain, primary_key=True),
    Column("figure", Plain, primary_key=True),
    Column("detail", Plain, primary_key=True),
    Column("number", Integer, nullable=False),
)

forgotten = Table(
    "forgotten",
    metadata,
    Column("person", Plain, primary_key=True),
    Column("since", Utc, nullable=False),
)

hushes = Table(
    "hushes",
    metadata,
    Column("room", Plain, primary_key=True),
    Column("until", Utc, nullable=False),
)

# The addresses in the answers, as of the weekly check.
links = Table(
    "links",
    metadata,
    Column("url", Plain, primary_key=True),
    Column("state", Plain, nullable=False),
    Column("detail", Plain, nullable=False),
    Column("checked", Utc, nullable=False),
    Column("moved_to", Plain),
    Column("right_last", Utc),
    Column("dead_since", Utc),
    Column("dead_last", Utc),
    Column("dead_times", Integer, nullable=False),
)

# A moderator's link to the desk, and the session that it opens; `link` and `cookie` are SHA-256 of secrets, never the
# secrets. `user` (a user id) and `name` are erased when the session ends, the row soon after.
sessions = Table(
    "sessions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("link", Plain, nullable=False),
    Column("cookie", Plain),
    Column("channel", Plain, nullable=False),
    Column("user", Plain, nullable=False),
    Column("name", Plain, nullable=False),
    Column("room", Plain, nullable=False),
    Column("made", Utc, nullable=False),
    Column("opened", Utc),
    Column("used", Utc),
    UniqueConstraint("link", name="sessions_link"),
    UniqueConstraint("cookie", name="sessions_cookie"),
)

# Changes of the answers that the bot made for a moderator. `before`, `after`: the entry's fields as JSON, null where
# there is no entry.
edits = Table(
    "edits",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("entry", Plain, nullable=False),
    Column("made", Utc, nullable=False),
    Column("author", Plain, nullable=False),
    Column("file", Plain, nullable=False),
    Column("before", Plain),
    Column("after", Plain),
    sqlite_autoincrement=True,
)
Index("edits_entry", edits.c.entry)

reader_notes = Table(
    "reader_notes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("entry", Plain, nullable=False),
    Column("value", SmallInteger, nullable=False),
    Column("words", Plain, nullable=False),
    Column("day", Utc, nullable=False),
    Column("times", Integer, nullable=False),
    sqlite_autoincrement=True,
)
