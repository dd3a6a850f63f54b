"""Alembic's environment: runs on the connection that `bot.store.schema` passes, within its transaction.

A new migration is a file in versions/ with the next revision and the previous one as `down_revision`; a test compares
the result with `bot.store.tables`.
"""

from alembic import context

from bot.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes a table by recreating it
)
context.run_migrations()
