"""Results of the weekly check of links."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "links",
        sa.Column("url", sa.Text, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("checked", MOMENT, nullable=False),
        sa.Column("moved_to", sa.Text),
        sa.Column("right_last", MOMENT),
        sa.Column("dead_since", MOMENT),
        sa.Column("dead_last", MOMENT),
        sa.Column("dead_times", sa.Integer, nullable=False),
    )
