"""How Alembic runs here: on the connection that `bot.store.schema` hands over, within its transaction.

A new step: a file in versions/ with the next revision, whose `down_revision` is the one before; a test compares the
result with `bot.store.tables`.
"""

from __future__ import annotations

from alembic import context

from bot.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes a table by making it anew
)
context.run_migrations()
