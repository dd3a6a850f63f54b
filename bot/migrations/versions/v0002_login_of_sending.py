"""Under which login the sending of a post was begun: transaction ids hold only within one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("login", sa.Text))
