"""Read-only inspection of a store, even while a bot is running: it creates, upgrades and waits for nothing."""

import fcntl
import os
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from sqlalchemy import inspect, select

from . import schema
from .backend import explained, find_backend, pooled_engine
from .sqlite import require_visible
from .tables import memory


@dataclass(frozen=True, slots=True)
class StoreInspection:
    name: str  # as shown to the operator
    tables: Literal["none", "older", "current"]  # the next start upgrades older ones
    is_locked: bool  # by a running bot
    notes: dict[str, str] = field(repr=False)  # the requested rows of the table `memory`


def inspect_store(url: str, names: Sequence[str] = ()) -> StoreInspection:
    """Inspect the store, and return the rows of `memory` with these names. Blocking. Raises StoreError."""
    backend = find_backend(url)
    backend.exclusive = False
    if url.startswith("sqlite"):
        path = Path(backend.name).absolute()
        if not os.path.exists(path):  # `Path.exists` raises where it may not look
            require_visible(path)
            return StoreInspection(backend.name, "none", False, {})
        is_locked = _has_file_lock(path.with_name(path.name + ".lock"))
        # A properly closed file is opened as immutable: SQLite would otherwise create files beside it.
        immutable = "" if is_locked or path.with_name(path.name + "-wal").exists() else "&immutable=1"
        address = f"file:{quote(str(path))}?mode=ro{immutable}"
        engine = pooled_engine("sqlite://", lambda: sqlite3.connect(address, uri=True, timeout=5.0))
        close: Callable[[], None] = engine.dispose
    else:
        engine = backend.engine().execution_options(postgresql_readonly=True)
        close = backend.release
    try:
        with explained(backend), engine.connect() as connection:
            if backend.leases:
                is_locked = backend.leases.is_live_here(connection)
            if not inspect(connection).has_table(memory.name):
                return StoreInspection(backend.name, "none", is_locked, {})
            tables: Literal["older", "current"] = "current" if schema.is_current(connection) else "older"
            rows = connection.execute(select(memory.c.name, memory.c.value).where(memory.c.name.in_(names)))
            return StoreInspection(backend.name, tables, is_locked, {row.name: row.value for row in rows})
    finally:
        close()


def _has_file_lock(lock: Path) -> bool:
    """Whether a bot holds the lock. Takes a shared lock for an instant: a bot that starts just then tries again."""
    try:
        file = lock.open("rb")
    except OSError:
        return False
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
