"""The login of a post's first attempt: transaction ids are valid within one login only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("login", sa.Text))
