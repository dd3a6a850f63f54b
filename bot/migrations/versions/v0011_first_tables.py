"""The tables as they were on 30 November 2026; before, eleven migrations led to them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = None

MOMENT = sa.DateTime(timezone=True)
MISSING_DONE = sa.text("done_at IS NULL")
MISSING_CLOSED = sa.text("closed IS NULL")


def upgrade() -> None:
    _journal()
    _outbox()
    _queue()
    _knowledge()
    _people()
    _small_tables()


def _optional(name: str, type: Any = sa.Text) -> sa.Column[Any]:
    return sa.Column(name, type)


def _required(name: str, type: Any = sa.Text, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, type, nullable=False, **more)


def _key(name: str, type: Any = sa.Text, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, type, primary_key=True, **more)


def _journal() -> None:
    op.create_table(
        "journal",
        _key("id", sa.Integer),
        _required("channel"),
        _required("event"),
        _required("room"),
        _required("kind"),
        _optional("relates_to"),
        _optional("person"),
        _optional("sender"),
        _optional("content"),
        _required("sent", MOMENT),
        _required("received", MOMENT),
        _required("addressed", sa.Boolean),
        _optional("due_at", MOMENT),
        _optional("done_at", MOMENT),
        _optional("reason"),
        _required("tries", sa.SmallInteger, server_default="0"),
        sa.UniqueConstraint("channel", "event", name="journal_event"),
        sqlite_autoincrement=True,
    )
    op.create_index("journal_unfinished", "journal", ["id"], sqlite_where=MISSING_DONE, postgresql_where=MISSING_DONE)
    op.create_index("journal_relates_to", "journal", ["relates_to"])
    op.create_index("journal_person", "journal", ["person", "done_at"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        _key("id", sa.Integer),
        _required("channel"),
        _required("room"),
        _required("transaction_id"),
        _required("priority", sa.SmallInteger),
        _required("purpose"),
        _required("entries"),
        _required("answered"),
        _optional("question"),
        _optional("asker"),
        _required("overheard", sa.Boolean),
        _optional("replaces"),
        _optional("outgoing"),
        _required("made", MOMENT),
        _optional("not_before", MOMENT),
        _optional("begun", MOMENT),
        _required("attempts", sa.Integer),
        _optional("closed", MOMENT),
        _optional("reason"),
        _optional("event"),
        _required("removed", sa.Boolean),
        _optional("login"),
        _optional("number", sa.Integer),
        _optional("private", sa.Boolean),
        _optional("relays"),
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
    op.create_index("outbox_number", "outbox", ["number"])
    op.create_index("outbox_relays", "outbox", ["relays"])


def _queue() -> None:
    op.create_table(
        "questions",
        _key("number", sa.Integer, autoincrement=False),
        _required("opened", MOMENT),
        _optional("closed", MOMENT),
        _optional("entry"),
    )
    op.create_table(
        "askings",
        _key("id", sa.Integer),
        _required("question", sa.Integer),
        _required("channel"),
        _required("room"),
        _required("event"),
        _required("asker"),
        _required("text"),
        _required("asked", MOMENT),
        _required("private", sa.Boolean),
        _optional("told", MOMENT),
        sa.UniqueConstraint("channel", "event", name="askings_event"),
        sqlite_autoincrement=True,
    )
    op.create_index("askings_question", "askings", ["question"])
    op.create_table(
        "drafts",
        _key("number", sa.Integer, autoincrement=False),
        _required("kind"),
        _optional("question", sa.Integer),
        _required("content"),
        _required("moderator"),
        _required("made", MOMENT),
        _required("state"),
    )
    op.create_index("drafts_question", "drafts", ["question"])


def _knowledge() -> None:
    op.create_table(
        "links",
        _key("url"),
        _required("state"),
        _required("detail"),
        _required("checked", MOMENT),
        _optional("moved_to"),
        _optional("right_last", MOMENT),
        _optional("dead_since", MOMENT),
        _optional("dead_last", MOMENT),
        _required("dead_times", sa.Integer),
    )
    op.create_table(
        "candidates",
        _key("id", sa.Integer),
        _required("channel"),
        _required("room"),
        _required("event"),
        _required("entry"),
        _required("made", MOMENT),
        _optional("list", sa.Integer),
        _optional("place", sa.SmallInteger),
        _optional("question"),
        sa.UniqueConstraint("channel", "event", "entry", name="candidates_event"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "edits",
        _key("id", sa.Integer),
        _required("entry"),
        _required("made", MOMENT),
        _required("author"),
        _required("file"),
        _optional("before"),
        _optional("after"),
        sqlite_autoincrement=True,
    )
    op.create_index("edits_entry", "edits", ["entry"])


def _people() -> None:
    op.create_table(
        "sessions",
        _key("number", sa.Integer, autoincrement=False),
        _required("link"),
        _optional("cookie"),
        _required("channel"),
        _required("user"),
        _required("name"),
        _required("room"),
        _required("made", MOMENT),
        _optional("opened", MOMENT),
        _optional("used", MOMENT),
        sa.UniqueConstraint("link", name="sessions_link"),
        sa.UniqueConstraint("cookie", name="sessions_cookie"),
    )
    op.create_table(
        "feedback", _key("entry"), _key("person"), _required("value", sa.SmallInteger), _required("given", MOMENT)
    )
    op.create_table("forgotten", _key("person"), _required("since", MOMENT))


def _small_tables() -> None:
    op.create_table("memory", _key("name"), _required("value"))
    op.create_table("positions", _key("channel"), _required("position"))
    op.create_table("hushes", _key("room"), _required("until", MOMENT))
