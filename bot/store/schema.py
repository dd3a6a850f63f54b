"""Upgrades of the tables to the revision of this program, with Alembic."""

from __future__ import annotations

import functools
import logging
import threading

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from .backend import StoreError

logging.getLogger("alembic").setLevel(logging.WARNING)  # it would name the database on each start


VERSION = "alembic_version"  # the table that holds the revision
_UPGRADING = threading.Lock()  # Alembic runs migrations in globals of its own


def revision(connection: Connection) -> str:
    """Return the revision of the existing tables; empty if there are none."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def is_known(revision: str) -> bool:
    """Whether this program can upgrade tables of that revision."""
    return revision in {script.revision for script in _scripts().walk_revisions()}


def is_current(connection: Connection) -> bool:
    """Whether the tables need no upgrade. Raises StoreError when a newer program wrote them."""
    found = revision(connection)
    if found and not is_known(found):
        raise StoreError("newer", revision=found)
    return found == _scripts().get_current_head()


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Run all migrations in the transaction of the connection."""
    if is_current(connection):
        return
    config = _config()
    config.attributes["connection"] = connection
    with _UPGRADING:
        command.upgrade(config, revision)


@functools.cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "bot:migrations")
    config.set_main_option("path_separator", "os")
    return config
