"""The first tables: journal, outbox, questions, memory, positions, feedback, opt-outs and mutes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)
MISSING_DONE = sa.text("done_at IS NULL")
MISSING_CLOSED = sa.text("closed IS NULL")


def upgrade() -> None:
    _journal()
    _outbox()
    _questions()
    _small_tables()


def _journal() -> None:
    op.create_table(
        "journal",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("room", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("relates_to", sa.Text),
        sa.Column("person", sa.Text),
        sa.Column("sender", sa.Text),
        sa.Column("content", sa.Text),
        sa.Column("sent", MOMENT, nullable=False),
        sa.Column("received", MOMENT, nullable=False),
        sa.Column("addressed", sa.Boolean, nullable=False),
        sa.Column("due_at", MOMENT),
        sa.Column("done_at", MOMENT),
        sa.Column("reason", sa.Text),
        sa.UniqueConstraint("channel", "event", name="journal_event"),
        sqlite_autoincrement=True,
    )
    op.create_index("journal_unfinished", "journal", ["id"], sqlite_where=MISSING_DONE, postgresql_where=MISSING_DONE)
    op.create_index("journal_relates_to", "journal", ["relates_to"])
    op.create_index("journal_person", "journal", ["person", "done_at"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("room", sa.Text, nullable=False),
        sa.Column("transaction_id", sa.Text, nullable=False),
        sa.Column("priority", sa.SmallInteger, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("entries", sa.Text, nullable=False),
        sa.Column("answered", sa.Text, nullable=False),
        sa.Column("question", sa.Text),
        sa.Column("asker", sa.Text),
        sa.Column("overheard", sa.Boolean, nullable=False),
        sa.Column("replaces", sa.Text),
        sa.Column("outgoing", sa.Text),
        sa.Column("made", MOMENT, nullable=False),
        sa.Column("not_before", MOMENT),
        sa.Column("begun", MOMENT),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("closed", MOMENT),
        sa.Column("reason", sa.Text),
        sa.Column("event", sa.Text),
        sa.Column("removed", sa.Boolean, nullable=False),
        sa.UniqueConstraint("transaction_id", name="outbox_transaction"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "outbox_unsent",
        "outbox",
        ["channel", "room", "priority", "id"],
        sqlite_where=MISSING_CLOSED,
        postgresql_where=MISSING_CLOSED,
    )
    op.create_index("outbox_event", "outbox", ["event"])
    op.create_index("outbox_replaces", "outbox", ["replaces"])
    op.create_index("outbox_question", "outbox", ["question"])
    op.create_index("outbox_room", "outbox", ["room", "made"])


def _questions() -> None:
    op.create_table(
        "questions",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("room", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("asker", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("asked", MOMENT, nullable=False),
        sa.UniqueConstraint("channel", "event", name="questions_event"),
        sqlite_autoincrement=True,
    )


def _small_tables() -> None:
    op.create_table(
        "memory",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "positions",
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("position", sa.Text, nullable=False),
    )
    op.create_table(
        "feedback",
        sa.Column("entry", sa.Text, primary_key=True),
        sa.Column("person", sa.Text, primary_key=True),
        sa.Column("value", sa.SmallInteger, nullable=False),
        sa.Column("given", MOMENT, nullable=False),
    )
    op.create_table(
        "forgotten",
        sa.Column("person", sa.Text, primary_key=True),
        sa.Column("since", MOMENT, nullable=False),
    )
    op.create_table(
        "hushes",
        sa.Column("room", sa.Text, primary_key=True),
        sa.Column("until", MOMENT, nullable=False),
    )
