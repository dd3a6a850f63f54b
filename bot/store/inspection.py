"""A look at the store from outside, beside a running bot: nothing is made, mended, written or waited for."""

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
from .tables import memory
from .values import StoreError

TRY = "SELECT pg_try_advisory_lock(hashtextextended('concierge ' || current_schema(), 0))"
FREE = "SELECT pg_advisory_unlock(hashtextextended('concierge ' || current_schema(), 0))"


@dataclass(frozen=True, slots=True)
class StoreInspection:
    """`held`: by a running bot. `tables`: none yet, or of an older version, which the next start changes. `notes`:
    of those that were asked for, what is in the memory.
    """

    name: str  # as shown to the operator
    tables: Literal["none", "older", "current"]
    held: bool
    notes: dict[str, str] = field(repr=False)


def inspect_store(url: str, names: Sequence[str] = ()) -> StoreInspection:
    """Blocking. Raises StoreError."""
    place = find_backend(url)
    path = _file(url)
    if path and not path.exists():
        return StoreInspection(place.name, "none", False, {})
    place.exclusive = False
    held = path is not None and _is_locked(path.with_name(path.name + ".lock"))
    with _explained(place), _opened(place, path, held) as connection:
        if path is None:
            connection.execute(text("SET default_transaction_read_only = on"))
            held = _is_taken(connection)
        return _seen(connection, place.name, held, names)


def _file(url: str) -> Path | None:
    kind, _, path = url.partition(":///")
    return Path(path).absolute() if kind.startswith("sqlite") else None


def _seen(connection: Connection, name: str, held: bool, names: Sequence[str]) -> StoreInspection:
    if not inspect(connection).has_table(memory.name):
        return StoreInspection(name, "none", held, {})
    current = schema.is_current(connection)
    rows = connection.execute(select(memory.c.name, memory.c.value).where(memory.c.name.in_(names)))
    return StoreInspection(name, "current" if current else "older", held, {row.name: row.value for row in rows})


def _is_locked(lock: Path) -> bool:
    """A shared lock, for an instant: a bot that starts just now tries again."""
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


def _is_taken(connection: Connection) -> bool:
    if not connection.scalar(text(TRY)):
        return True
    connection.execute(text(FREE))
    return False


@contextmanager
def _opened(place: Backend, path: Path | None, held: bool) -> Iterator[Connection]:
    engine = _read_only(path, held) if path else place.engine()
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _read_only(path: Path, held: bool) -> Engine:
    """A file that nobody uses, and that was left in order, is read as it lies: SQLite would make files beside it."""
    still = "" if held or path.with_name(path.name + "-wal").exists() else "&immutable=1"
    address = f"file:{quote(str(path))}?mode=ro{still}"
    return one_connection("sqlite://", lambda: sqlite3.connect(address, uri=True, timeout=5.0))


@contextmanager
def _explained(place: Backend) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise StoreError(place.explain(error.orig)) from None
