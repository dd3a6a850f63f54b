"""Read-only inspection of a store, even while a bot is running: it creates, upgrades and waits for nothing."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from sqlalchemy import Connection, Engine, inspect, select, text
from sqlalchemy.exc import DBAPIError

from . import schema
from .backend import Backend, find_backend, one_connection
from .sqlite import denied, is_hidden
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
    path = _file(url)
    if path and not os.path.exists(path):  # `Path.exists` raises where it may not look
        if is_hidden(path):
            raise denied(path)
        return StoreInspection(backend.name, "none", False, {})
    backend.exclusive = False
    is_locked = path is not None and _has_file_lock(path.with_name(path.name + ".lock"))
    with _worded(backend), _opened(backend, path, is_locked) as connection:
        if path is None:
            connection.execute(text("SET default_transaction_read_only = on"))
            is_locked = _has_server_lock(connection)
        return _inspection(connection, backend.name, is_locked, names)


def _file(url: str) -> Path | None:
    kind, _, path = url.partition(":///")
    return Path(path).absolute() if kind.startswith("sqlite") else None


def _inspection(connection: Connection, name: str, is_locked: bool, names: Sequence[str]) -> StoreInspection:
    if not inspect(connection).has_table(memory.name):
        return StoreInspection(name, "none", is_locked, {})
    is_current = schema.is_current(connection)
    rows = connection.execute(select(memory.c.name, memory.c.value).where(memory.c.name.in_(names)))
    return StoreInspection(name, "current" if is_current else "older", is_locked, {row.name: row.value for row in rows})


def _has_file_lock(lock: Path) -> bool:
    """Whether a bot holds the lock. Takes a shared lock for an instant: a bot that starts just then tries again."""
    try:
        file = os.open(lock, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def _has_server_lock(connection: Connection) -> bool:
    from .postgresql import TRY_LOCK, UNLOCK  # needs an extra

    if not connection.scalar(text(TRY_LOCK)):
        return True
    connection.execute(text(UNLOCK))
    return False


@contextmanager
def _opened(backend: Backend, path: Path | None, is_locked: bool) -> Iterator[Connection]:
    engine = _read_only(path, is_locked) if path else backend.engine()
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _read_only(path: Path, is_locked: bool) -> Engine:
    """Open a properly closed file as immutable: SQLite would otherwise create files beside it."""
    immutable = "" if is_locked or path.with_name(path.name + "-wal").exists() else "&immutable=1"
    address = f"file:{quote(str(path))}?mode=ro{immutable}"
    return one_connection("sqlite://", lambda: sqlite3.connect(address, uri=True, timeout=5.0))


@contextmanager
def _worded(backend: Backend) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise backend.explain(error.orig) from None
