"""The moderator's message that a post passes on to those who asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("relays", sa.Text))
    op.create_index("outbox_relays", "outbox", ["relays"])
