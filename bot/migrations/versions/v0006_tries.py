"""How often the program hung on an event and ended itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("journal", sa.Column("tries", sa.SmallInteger, nullable=False, server_default="0"))
