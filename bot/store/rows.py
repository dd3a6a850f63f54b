"""The values of a row as a backup holds them, and which of them the tables of both databases can hold."""

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
from .tables import memory, metadata
from .values import StoreError, Unfit

Value = str | int | bool | None
Line = Sequence[Value]
"""Values in the order of a table's columns; a moment is written as in ISO 8601, in UTC."""
SMALL, LARGE = 1 << 15, 1 << 30
"""No number of a row reaches these, so that a table that counts on from there does not come to its end."""


def read(columns: Sequence[Column[Any]], line: Line) -> dict[str, object]:
    """For an INSERT. Raises Unfit."""
    if len(line) != len(columns):
        raise Unfit("a row of another length than its table's")
    return {column.name: _value(column, value) for column, value in zip(columns, line, strict=True)}


def _value(column: Column[Any], value: Value) -> object:
    wanted = column.type.python_type
    given = _moment(value) if wanted is datetime and isinstance(value, str) else value
    too_large = type(given) is int and abs(given) >= (SMALL if isinstance(column.type, SmallInteger) else LARGE)
    if given is not None and (type(given) is not wanted or too_large):
        raise Unfit(f"a value that does not fit into the column {column.table.name}.{column.name}")
    return given


def _moment(value: str) -> datetime | str:
    """In UTC, and at home in any time zone; what is none stays as it is."""
    try:
        moment = datetime.fromisoformat(value)
        utc = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return value
    return utc if moment.tzinfo and 1 < utc.year < 9999 else value


AT_ONCE = 500  # rows
_MEMORY = {SALT: re.compile("([0-9a-f]{2})+"), NUMBER: re.compile("[0-9]{1,9}")}
SKIPPED = 100
"""Numbers of questions and drafts that may have been given since the backup: none may ever mean two things."""


@dataclass(frozen=True)
class Snapshot:
    """A store at one moment. `lines` of a table: first the names of its columns, then each row."""

    kind: str  # sqlite, postgresql
    revision: str
    tables: tuple[str, ...]
    lines: Callable[[str], Iterator[Line]]


@contextmanager
def snapshot(url: str, room: Path) -> Iterator[Snapshot]:
    """Beside a running bot, which goes on meanwhile. The store must exist. Raises StoreError.

    `room`: a folder for a copy of a SQLite file. Whoever reads one for long keeps the bot from clearing its journal.
    """
    with _still(url, room) as place, _connected(place, writing=False) as connection:
        _begin_reading(connection)
        tables = _tables(connection)
        yield Snapshot(
            connection.dialect.name,
            schema.revision(connection),
            tuple(tables),
            lambda name: _lines(connection, tables[name]),
        )


class Empty:
    """A store with nothing in it, locked: see `empty`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def fill(self, revision: str, tables: Iterable[tuple[str, Iterator[Line]]], restored: RestoreWindow) -> int:
        """Rows as they were at that revision of the tables, brought up to the one of this program; how many there are.

        `tables`: names and lines, as in a snapshot. Raises Unfit, StoreError.
        """
        _drop(self._connection)
        schema.upgrade(self._connection, revision)
        made = _tables(self._connection)
        count = sum(_insert(self._connection, _known(made, name), lines) for name, lines in tables)
        schema.upgrade(self._connection)
        _check_readable(self._connection)
        restored.keep(self._connection)
        _skip_numbers(self._connection)
        return count


@contextmanager
def empty(url: str) -> Iterator[Empty | None]:
    """A place for a store, made if need be; None where there is one with something in it.

    All that is done to it within the block is kept at its end, or nothing if it ends with an error. Raises StoreError;
    Taken when a bot uses it.
    """
    place = find_backend(url)
    with _connected(place, writing=True) as connection:
        yield Empty(connection) if _is_empty(connection) else None


@contextmanager
def _still(url: str, room: Path) -> Iterator[Backend]:
    """The store, or a copy of it, that may be read for as long as it takes."""
    place = find_backend(url)
    if not url.startswith("sqlite"):
        place.exclusive = False
        yield place
        return
    with TemporaryDirectory(prefix=".backup-", dir=room) as folder:
        copy = Path(folder) / "store.db"
        try:
            with closing(sqlite3.connect(place.name, timeout=PATIENCE)) as file, closing(sqlite3.connect(copy)) as to:
                file.backup(to)
        except sqlite3.Error as error:
            raise StoreError(place.explain(error)) from None
        still = find_backend(f"sqlite:///{copy}")
        still.name = place.name
        yield still


@contextmanager
def _connected(place: Backend, writing: bool) -> Iterator[Connection]:
    engine = place.engine().execution_options(writing=writing)
    try:
        with engine.begin() as connection:
            yield connection
    except (StatementError, UnicodeError, OverflowError) as error:
        raise _explained(place, error) from None
    finally:
        engine.dispose()
        place.release()


def _explained(place: Backend, error: Exception) -> StoreError:
    if isinstance(error, DBAPIError) and not isinstance(error, DataError | IntegrityError):
        return StoreError(place.explain(error.orig))
    return Unfit("rows that do not fit into the tables")


def _begin_reading(connection: Connection) -> None:
    """All that is read from here on is of one moment."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN")
    else:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def _tables(connection: Connection) -> dict[str, Table]:
    """Of ours those that there are, with the columns that they have: a store may be older than this program."""
    there = set(inspect(connection).get_table_names())
    reflected = MetaData()
    return {name: Table(name, reflected, autoload_with=connection) for name in metadata.tables if name in there}


def _lines(connection: Connection, table: Table) -> Iterator[Line]:
    yield [column.name for column in table.columns]
    streamed = connection.execution_options(yield_per=AT_ONCE)
    for row in streamed.execute(select(table).order_by(*table.primary_key)):
        yield [_written(value) for value in row]


def _written(value: Any) -> Value:
    if not isinstance(value, datetime):
        return value  # type: ignore[no-any-return]
    return (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()


def _is_empty(connection: Connection) -> bool:
    """Tables that were made and never used hold nothing but a salt."""
    there = _tables(connection)
    used = [select(func.count()).select_from(table) for name, table in there.items() if name != memory.name]
    if memory.name in there:
        used.append(select(func.count()).select_from(memory).where(memory.c.name != SALT))
    return not any(connection.scalar(query) for query in used)


def _drop(connection: Connection) -> None:
    for name in set(inspect(connection).get_table_names()) & {*metadata.tables, schema.VERSION}:
        connection.exec_driver_sql(f"DROP TABLE {name}")


def _known(tables: dict[str, Table], name: str) -> Table:
    if name not in tables:
        raise Unfit(f"rows of an unknown table {name!r}")
    return tables[name]


def _insert(connection: Connection, table: Table, lines: Iterator[Line]) -> int:
    names = [str(name) for name in next(lines, [])]
    if not set(names) <= set(table.columns.keys()):
        raise Unfit(f"unknown columns in the table {table.name}")
    columns = [table.columns[name] for name in names]
    count = 0
    while some := list(islice(lines, AT_ONCE)):
        connection.execute(table.insert(), [read(columns, line) for line in some])
        count += len(some)
    _go_on_counting(connection, table)
    return count


def _check_readable(connection: Connection) -> None:
    """All of it once, as the bot will read it: now nothing is kept yet."""
    try:
        for table in metadata.tables.values():
            with connection.execute(select(table), execution_options={"yield_per": AT_ONCE}) as rows:
                deque(rows, maxlen=0)
    except (ValueError, TypeError):
        raise Unfit("rows that cannot be read again") from None
    for name, form in _MEMORY.items():
        value = get_value(connection, name)
        if value is not None and not form.fullmatch(value):
            raise Unfit(f"another kind of value under {name!r} than the memory holds there")


def _go_on_counting(connection: Connection, table: Table) -> None:
    """PostgreSQL counts a table's numbers beside it, and SQLite by itself."""
    if connection.dialect.name == "sqlite" or "id" not in table.columns:
        return
    last = connection.scalar(select(func.max(table.columns["id"])))
    if last is not None:
        connection.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), last)))


def _skip_numbers(connection: Connection) -> None:
    set_value(connection, NUMBER, str(int(get_value(connection, NUMBER) or 0) + SKIPPED))
