"""Who looks after a question: a user id, until the question is closed or some days old."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for column in (sa.Column("taken_in", sa.Text), sa.Column("taken_by", sa.Text), sa.Column("taken", MOMENT)):
        op.add_column("questions", column)
