"""Whether an answer was given in private; unknown (NULL) for earlier ones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("private", sa.Boolean))
