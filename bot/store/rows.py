"""Rows as lines of JSON values: a snapshot of a store for a backup, and an empty store filled from one."""

from __future__ import annotations

import re
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Column, Connection, MetaData, SmallInteger, Table, func, inspect, select
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError

from . import schema
from .backend import Backend, find_backend
from .database import SALT, get_value, set_value
from .queue import NUMBER
from .restore_window import RestoreWindow
from .sqlite import PATIENCE
from .store_errors import StoreError, Unfit
from .tables import memory, metadata

Value = str | int | bool | None
Line = Sequence[Value]
"""Values in the order of a table's columns; times in ISO 8601, in UTC."""
SMALL, LARGE = 1 << 15, 1 << 30
"""Bounds above every number in a row, so that a table whose ids continue from a restored one never runs out."""
BATCH = 500  # rows
SKIPPED = 100
"""Numbers that questions and drafts may have got after the backup: no number may mean two things."""
_MEMORY = {  # values that the bot could not start with in any other form
    SALT: re.compile("([0-9a-f]{2})+"),
    NUMBER: re.compile("[0-9]{1,9}"),
}


def read(columns: Sequence[Column[Any]], line: Line) -> dict[str, object]:
    """Return a line as values for an INSERT. Raises Unfit."""
    if len(line) != len(columns):
        raise Unfit("row_length")
    return {column.name: _value(column, value) for column, value in zip(columns, line, strict=True)}


def _value(column: Column[Any], value: Value) -> object:
    column_type = column.type.python_type
    parsed = _moment(value) if column_type is datetime and isinstance(value, str) else value
    is_too_large = type(parsed) is int and abs(parsed) >= (SMALL if isinstance(column.type, SmallInteger) else LARGE)
    if parsed is not None and (type(parsed) is not column_type or is_too_large):
        raise Unfit("column_value", column=f"{column.table.name}.{column.name}")
    return parsed


def _moment(value: str) -> datetime | str:
    """Parse a time, in UTC and within the years that every time zone can show; any other text stays as it is."""
    try:
        moment = datetime.fromisoformat(value)
        utc = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return value
    return utc if moment.tzinfo and 1 < utc.year < 9999 else value


@dataclass(frozen=True)
class Snapshot:
    """A store at one moment. `lines(table)` yields the names of its columns, then each row."""

    kind: str  # sqlite, postgresql
    revision: str
    tables: tuple[str, ...]
    lines: Callable[[str], Iterator[Line]]


@contextmanager
def snapshot(url: str, folder: Path) -> Iterator[Snapshot]:
    """Open a snapshot of an existing store, even while a bot is running. Raises StoreError.

    `folder` holds a copy of a SQLite file meanwhile, since a long read keeps the bot from truncating its WAL.
    """
    with _readable(url, folder) as backend, _connected(backend, writing=False) as connection:
        _begin_reading(connection)
        tables = _tables(connection)
        yield Snapshot(
            connection.dialect.name,
            schema.revision(connection),
            tuple(tables),
            lambda name: _lines(connection, tables[name]),
        )


class EmptyStore:
    """A locked store without rows; see `empty_store`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def fill(self, revision: str, tables: Iterable[tuple[str, Iterator[Line]]], window: RestoreWindow) -> int:
        """Insert rows into tables of that revision, then upgrade these. Returns the number of rows.

        `tables` are names and lines as in a snapshot. Raises Unfit, StoreError.
        """
        _drop(self._connection)
        schema.upgrade(self._connection, revision)
        created = _tables(self._connection)
        count = sum(_insert(self._connection, _known(created, name), lines) for name, lines in tables)
        schema.upgrade(self._connection)
        _check_readable(self._connection)
        window.open(self._connection)
        set_value(self._connection, NUMBER, str(int(get_value(self._connection, NUMBER) or 0) + SKIPPED))
        return count


@contextmanager
def empty_store(url: str) -> Iterator[EmptyStore | None]:
    """Open a store to fill, created if it does not exist; yields None if it has rows.

    The block is one transaction. Raises StoreError; StoreLocked when a bot uses it.
    """
    with _connected(find_backend(url), writing=True) as connection:
        yield EmptyStore(connection) if _is_empty(connection) else None


@contextmanager
def _readable(url: str, folder: Path) -> Iterator[Backend]:
    """Yield the store, or a copy of it, that can be read for as long as it takes."""
    backend = find_backend(url)
    if not url.startswith("sqlite"):
        backend.exclusive = False
        yield backend
        return
    with TemporaryDirectory(prefix=".backup-", dir=folder) as temporary:
        copy = Path(temporary) / "store.db"
        try:
            with closing(sqlite3.connect(backend.name, timeout=PATIENCE)) as file, closing(sqlite3.connect(copy)) as to:
                file.backup(to)
        except sqlite3.Error as error:
            raise backend.explain(error) from None
        copied = find_backend(f"sqlite:///{copy}")
        copied.name = backend.name
        yield copied


@contextmanager
def _connected(backend: Backend, writing: bool) -> Iterator[Connection]:
    engine = backend.engine().execution_options(writing=writing)
    try:
        with engine.begin() as connection:
            yield connection
    except (StatementError, UnicodeError, OverflowError) as error:
        raise _worded(backend, error) from None
    finally:
        engine.dispose()
        backend.release()


def _worded(backend: Backend, error: Exception) -> StoreError:
    if isinstance(error, DBAPIError) and not isinstance(error, DataError | IntegrityError):
        return backend.explain(error.orig)
    return Unfit("rows")


def _begin_reading(connection: Connection) -> None:
    """Begin a transaction whose reads all see the same moment."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN")
    else:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def _tables(connection: Connection) -> dict[str, Table]:
    """Reflect our tables with their present columns: a store may be older than this program."""
    names = set(inspect(connection).get_table_names())
    reflected = MetaData()
    return {name: Table(name, reflected, autoload_with=connection) for name in metadata.tables if name in names}


def _lines(connection: Connection, table: Table) -> Iterator[Line]:
    yield [column.name for column in table.columns]
    connection = connection.execution_options(yield_per=BATCH)
    for row in connection.execute(select(table).order_by(*table.primary_key)):
        yield [_encoded(value) for value in row]


def _encoded(value: Any) -> Value:
    if not isinstance(value, datetime):
        return value  # type: ignore[no-any-return]
    return (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()


def _is_empty(connection: Connection) -> bool:
    """Whether there are no rows but the salt, which unused tables hold as well."""
    tables = _tables(connection)
    counts = [select(func.count()).select_from(table) for name, table in tables.items() if name != memory.name]
    if memory.name in tables:
        counts.append(select(func.count()).select_from(memory).where(memory.c.name != SALT))
    return not any(connection.scalar(count) for count in counts)


def _drop(connection: Connection) -> None:
    for name in set(inspect(connection).get_table_names()) & {*metadata.tables, schema.VERSION}:
        connection.exec_driver_sql(f"DROP TABLE {name}")


def _known(tables: dict[str, Table], name: str) -> Table:
    if name not in tables:
        raise Unfit("unknown_table", table=repr(name))
    return tables[name]


def _insert(connection: Connection, table: Table, lines: Iterator[Line]) -> int:
    names = [str(name) for name in next(lines, [])]
    if not set(names) <= set(table.columns.keys()):
        raise Unfit("unknown_columns", table=table.name)
    columns = [table.columns[name] for name in names]
    count = 0
    while batch := list(islice(lines, BATCH)):
        connection.execute(table.insert(), [read(columns, line) for line in batch])
        count += len(batch)
    _continue_ids(connection, table)
    return count


def _check_readable(connection: Connection) -> None:
    """Read every row as the bot will, while nothing is committed."""
    try:
        for table in metadata.tables.values():
            with connection.execute(select(table), execution_options={"yield_per": BATCH}) as rows:
                deque(rows, maxlen=0)
    except (ValueError, TypeError):
        raise Unfit("unreadable_rows") from None
    for name, form in _MEMORY.items():
        value = get_value(connection, name)
        if value is not None and not form.fullmatch(value):
            raise Unfit("memory_value", name=repr(name))


def _continue_ids(connection: Connection, table: Table) -> None:
    """Set PostgreSQL's sequence after the last id; SQLite continues by itself."""
    if connection.dialect.name == "sqlite" or "id" not in table.columns:
        return
    last = connection.scalar(select(func.max(table.columns["id"])))
    if last is not None:
        connection.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), last)))
