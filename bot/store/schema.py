"""Brings the tables to the state that this version of the program knows, with Alembic."""

from __future__ import annotations

import logging

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from .values import StoreError

logging.getLogger("alembic").setLevel(logging.WARNING)  # at each start it would tell which database it found


def is_current(connection: Connection) -> bool:
    """Raises StoreError when a newer program wrote the tables."""
    scripts = ScriptDirectory.from_config(_config())
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision and revision not in {script.revision for script in scripts.walk_revisions()}:
        raise StoreError(
            f"The store was written by a newer version of Concierge (revision {revision}): "
            "install that version again, or name another store."
        )
    return revision == scripts.get_current_head()


def upgrade(connection: Connection) -> None:
    """All steps in the transaction of the connection: either all or none."""
    if is_current(connection):
        return
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "bot:migrations")
    config.set_main_option("path_separator", "os")
    return config
