"""Messages whose words may become phrasings of an entry."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "candidates",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("room", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("entry", sa.Text, nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.Column("list", sa.Integer),
        sa.Column("place", sa.SmallInteger),
        sa.UniqueConstraint("channel", "event", "entry", name="candidates_event"),
        sqlite_autoincrement=True,
    )
