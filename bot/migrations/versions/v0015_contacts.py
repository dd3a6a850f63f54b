"""People whom answers name as contacts, and who want to be told about questions near those answers."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "contacts",
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("user", sa.Text, primary_key=True),
        sa.Column("room", sa.Text, nullable=False),
    )
