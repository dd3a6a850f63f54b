"""The moderators' queue: a row for each question, one for each time it was asked, and drafts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

MOMENT = sa.DateTime(timezone=True)
NUMBER = "store: number"

before = sa.table(
    "questions",
    *(sa.column("number", sa.Integer), sa.column("channel", sa.Text), sa.column("room", sa.Text)),
    *(sa.column("event", sa.Text), sa.column("asker", sa.Text), sa.column("text", sa.Text)),
    sa.column("asked", MOMENT),
)


def upgrade() -> None:
    """Turn each open question into one that was asked once and keeps its number."""
    rows = [dict(row) for row in op.get_bind().execute(sa.select(before).order_by(before.c.number)).mappings()]
    op.drop_table("questions")
    questions, askings = _questions(), _askings()
    _drafts()
    op.add_column("outbox", sa.Column("number", sa.Integer))
    op.create_index("outbox_number", "outbox", ["number"])
    if rows:
        op.bulk_insert(questions, [{"number": row["number"], "opened": row["asked"]} for row in rows])
        op.bulk_insert(askings, [_asking(row) for row in rows])
        memory = sa.table("memory", sa.column("name", sa.Text), sa.column("value", sa.Text))
        op.bulk_insert(memory, [{"name": NUMBER, "value": str(rows[-1]["number"])}])


def _asking(row: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if name != "number"} | {
        "question": row["number"],
        "private": False,
    }


def _questions() -> sa.Table:
    return op.create_table(
        "questions",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("opened", MOMENT, nullable=False),
        sa.Column("closed", MOMENT),
        sa.Column("entry", sa.Text),
    )


def _askings() -> sa.Table:
    made = op.create_table(
        "askings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("question", sa.Integer, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("room", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("asker", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("asked", MOMENT, nullable=False),
        sa.Column("private", sa.Boolean, nullable=False),
        sa.Column("told", MOMENT),
        sa.UniqueConstraint("channel", "event", name="askings_event"),
        sqlite_autoincrement=True,
    )
    op.create_index("askings_question", "askings", ["question"])
    return made


def _drafts() -> None:
    op.create_table(
        "drafts",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("question", sa.Integer),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("moderator", sa.Text, nullable=False),
        sa.Column("made", MOMENT, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
    )
    op.create_index("drafts_question", "drafts", ["question"])
