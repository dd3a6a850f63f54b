"""Upgrades of the tables to the revision of this program, with Alembic."""

import functools
import logging
import threading
from typing import Literal

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from .backend import StoreError

logging.getLogger("alembic").setLevel(logging.WARNING)  # it would name the database on each start

VERSION = "alembic_version"  # the table that holds the revision
_UPGRADING = threading.Lock()  # Alembic runs migrations in globals of its own
OLDEST = "0011"  # the first migration
BEFORE = "8e1fcf5"  # a commit whose program upgrades older tables to that


def revision(connection: Connection) -> str:
    """Return the revision of the existing tables; empty if there are none."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def misfit(revision: str) -> Literal["too_old", "newer"] | None:
    """Return why this program cannot upgrade tables of that revision; None if it can."""
    if revision in {script.revision for script in _scripts().walk_revisions()}:
        return None
    return "too_old" if revision < OLDEST else "newer"


def is_current(connection: Connection) -> bool:
    """Whether the tables need no upgrade. Raises StoreError when it is impossible."""
    found = revision(connection)
    if found and (reason := misfit(found)):
        raise StoreError(reason, revision=found, commit=BEFORE)
    return found == _scripts().get_current_head()


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Run all migrations in the transaction of the connection."""
    if is_current(connection):
        return
    take_time(connection)
    config = _config()
    config.attributes["connection"] = connection
    with _UPGRADING:
        command.upgrade(config, revision)


def take_time(connection: Connection) -> None:
    """Let this transaction take as long as it needs, where others have a limit."""
    if connection.dialect.name == "postgresql":
        for limit in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
            connection.exec_driver_sql(f"SET LOCAL {limit} = 0")


@functools.cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "bot:migrations")
    config.set_main_option("path_separator", "os")
    return config
