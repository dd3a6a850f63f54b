"""Rows as lines of JSON values: a snapshot of a store for a backup, and an empty store filled from one."""

import re
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Column, Connection, MetaData, SmallInteger, Table, func, inspect, select
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError

from . import schema
from .backend import Backend, Unfit, find_backend
from .database import SALT, count_rows, get_value, set_value
from .lease import THIS_WORKER
from .queue import NUMBER
from .restore_window import RestoreWindow
from .sqlite import PATIENCE
from .tables import in_utc, memory, metadata

Value = str | int | bool | None
Line = Sequence[Value]  # values in the order of a table's columns; times in ISO 8601, in UTC
SMALL, LARGE = 1 << 15, 1 << 30
"""Bounds above every number in a row, so that a table whose ids continue from a restored one never runs out."""
BATCH = 500  # rows
SKIPPED = 100  # numbers that questions and drafts may have got after the backup: no number may mean two things
_MEMORY = {  # values that the bot could not start with in any other form
    SALT: re.compile("([0-9a-f]{2})+"),
    NUMBER: re.compile("[0-9]{1,9}"),
}


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
    with _readable(url, folder) as backend, connected(backend, writing=False) as connection:
        kind, revision, tables = connection.dialect.name, schema.revision(connection), _tables(connection)
        yield Snapshot(kind, revision, tuple(tables), lambda name: _lines(connection, tables[name]))


@contextmanager
def filled_store(
    url: str, revision: str, tables: Iterable[tuple[str, Iterator[Line]]], window: RestoreWindow
) -> Iterator[int | None]:
    """Fill a store without rows, created if it does not exist, and yield their number; None if it has rows already.

    `tables` are names and lines as in a snapshot, of that revision; they are upgraded. One transaction, which ends with
    the block. Raises Unfit, StoreError; StoreLocked when a bot uses it.
    """
    with connected(find_backend(url), writing=True) as connection:
        found = set(inspect(connection).get_table_names())
        unused = {memory.name: [memory.c.name != SALT]}  # unused tables hold the salt as well
        ours = found & metadata.tables.keys()
        if any(count_rows(connection, metadata.tables[name], *unused.get(name, ())) for name in ours):
            yield None
            return
        for name in found & {*metadata.tables, schema.VERSION}:
            connection.exec_driver_sql(f"DROP TABLE {name}")
        schema.upgrade(connection, revision)
        created = _tables(connection)
        rows = 0
        for name, lines in tables:
            if name not in created:
                raise Unfit("unknown_table", table=repr(name))
            rows += _insert(connection, created[name], lines)
        schema.upgrade(connection)
        _check_readable(connection)
        window.open(connection)
        set_value(connection, NUMBER, str(int(get_value(connection, NUMBER) or 0) + SKIPPED))
        yield rows


@contextmanager
def connected(backend: Backend, writing: bool) -> Iterator[Connection]:
    """Connect for one transaction; when only reading, all its reads see the same moment. Raises StoreError."""
    engine = backend.engine().execution_options(writing=writing)
    is_sqlite = engine.dialect.name == "sqlite"
    if not (writing or is_sqlite):
        engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    try:
        with engine.begin() as connection:
            if writing:
                backend.lock(connection, THIS_WORKER, life=0)  # the row's lock is enough for one transaction
            elif is_sqlite:
                connection.exec_driver_sql("BEGIN")
            schema.take_time(connection)
            yield connection
    except (StatementError, UnicodeError, OverflowError) as error:
        if isinstance(error, DBAPIError) and not isinstance(error, DataError | IntegrityError):
            raise backend.explain(error.orig) from None
        raise Unfit("rows") from None
    finally:
        backend.release()


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


def _tables(connection: Connection) -> dict[str, Table]:
    """Reflect our tables with their present columns: a store may be older than this program."""
    names = set(inspect(connection).get_table_names())
    reflected = MetaData()
    return {name: Table(name, reflected, autoload_with=connection) for name in metadata.tables if name in names}


def _lines(connection: Connection, table: Table) -> Iterator[Line]:
    yield [column.name for column in table.columns]
    connection = connection.execution_options(yield_per=BATCH)
    for row in connection.execute(select(table).order_by(*table.primary_key)):
        yield [in_utc(value).isoformat() if isinstance(value, datetime) else value for value in row]


def _insert(connection: Connection, table: Table, lines: Iterator[Line]) -> int:
    """Insert lines as in a snapshot. Returns the number of rows. Raises Unfit."""
    names = [str(name) for name in next(lines, [])]
    if not set(names) <= set(table.columns.keys()):
        raise Unfit("unknown_columns", table=table.name)
    columns = [table.columns[name] for name in names]
    count = 0
    while batch := list(islice(lines, BATCH)):
        connection.execute(table.insert(), [_row(columns, line) for line in batch])
        count += len(batch)
    if connection.dialect.name != "sqlite" and "id" in table.columns:  # SQLite continues after the last id by itself
        last = select(func.max(table.columns["id"])).scalar_subquery()  # null, which changes nothing, without rows
        connection.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), last)))
    return count


def _row(columns: Sequence[Column[Any]], line: Line) -> dict[str, object]:
    """Return a line as values for an INSERT. Raises Unfit."""
    if len(line) != len(columns):
        raise Unfit("row_length")
    return {column.name: _checked(column, value) for column, value in zip(columns, line, strict=True)}


def _checked(column: Column[Any], value: Value) -> object:
    """Return a value as the column holds it. Raises Unfit.

    Times are in UTC, and within the years that every time zone can show.
    """
    column_type = column.type.python_type
    parsed: object = value
    if column_type is datetime and isinstance(value, str):
        with suppress(ValueError, OverflowError):
            moment = datetime.fromisoformat(value)
            utc = moment.astimezone(UTC)
            parsed = utc if moment.tzinfo and 1 < utc.year < 9999 else value
    is_too_large = type(parsed) is int and abs(parsed) >= (SMALL if isinstance(column.type, SmallInteger) else LARGE)
    if parsed is not None and (type(parsed) is not column_type or is_too_large):
        raise Unfit("column_value", column=f"{column.table.name}.{column.name}")
    return parsed


def _check_readable(connection: Connection) -> None:
    """Read every row as the bot will, while nothing is committed. Raises Unfit."""
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
