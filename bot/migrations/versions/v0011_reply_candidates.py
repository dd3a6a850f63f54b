"""Replies that may become answers: the question that such a candidate answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("candidates", sa.Column("question", sa.Text))
