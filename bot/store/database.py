"""The open database: one process, one thread, one connection; errors as sentences; the salted hash of user ids."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import hmac
import logging
import secrets
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Self, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, delete, exists, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, DBAPIError, PendingRollbackError, StatementError

from . import schema
from .backend import Backend, StoreError, StoreLocked, Unfit, find_backend
from .tables import memory

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

log = logging.getLogger(__name__)

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")
Part = TypeVar("Part", bound="Component")
Value = TypeVar("Value", bound="DataclassInstance")

SALT = "store: salt"  # in `memory`
BETWEEN_TRIES = 0.2  # seconds between attempts to take the lock
BETWEEN_CLEANINGS = 60.0  # seconds that an erased text may remain in a file


class Database:
    """Runs reads and transactions in one thread, one at a time, so that no write is lost to another."""

    def __init__(self, backend: Backend, clock: Callable[[], datetime]) -> None:
        self.backend = backend
        self.clock = clock
        self._thread = ThreadPoolExecutor(1, "store")
        self._engine = backend.engine()
        self._writer = self._engine.execution_options(writing=True)
        self._salt = b""
        self._has_remains = True  # erased texts that the files still hold
        self._is_closed = False
        self._cleaning: asyncio.Task[None] | None = None

    @classmethod
    async def open(
        cls, url: str, lock: bool, on_locked: Callable[[str], None] | None, clock: Callable[[], datetime]
    ) -> Self:
        database = cls(find_backend(url), clock)
        database.backend.exclusive = lock
        try:
            await database._connect(on_locked)
            if not lock and not await database.read(schema.is_current):
                await (await cls.open(url, True, None, clock)).close()
            database._salt = await database.write(_tables_and_salt)
            await database.clean()
            database._cleaning = asyncio.create_task(database._clean_regularly())
        except BaseException:
            await database.close()
            raise
        return database

    async def close(self) -> None:
        """Truncate SQLite's WAL and release the lock. Later use raises StoreError."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._cleaning:
            self._cleaning.cancel()
            await asyncio.gather(self._cleaning, return_exceptions=True)
        await asyncio.get_running_loop().run_in_executor(self._thread, self._engine.dispose)
        self._thread.shutdown()
        self.backend.release()

    def hash(self, user: str) -> str:
        return hmac.new(self._salt, user.encode("utf-8", "replace"), hashlib.sha256).hexdigest()

    async def clean(self) -> None:
        """Overwrite erased texts that SQLite's files still hold.

        Runs on open, every minute, and after a link to the desk is sent.
        """
        if self._has_remains:
            self._has_remains = not await self._run(functools.partial(self.backend.clean, self._engine))

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work`, which must not change anything, and return its result."""

        def run() -> Result:
            with self._engine.connect() as connection:
                return work(connection)

        return await self._run(run)

    async def write(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work` in one transaction and return its result."""

        def run() -> Result:
            with self._writer.begin() as connection:
                return work(connection)

        result = await self._run(run)
        self._has_remains = True
        return result

    async def _connect(self, on_locked: Callable[[str], None] | None) -> None:
        is_reported = False
        while True:
            try:
                return await self.read(lambda _: None)
            except StoreLocked as locked:
                if on_locked is None:
                    raise
                if not is_reported:
                    on_locked(f"{locked} Waiting until it ends.")
                is_reported = True
            await asyncio.sleep(BETWEEN_TRIES)

    async def _clean_regularly(self) -> None:
        while True:
            await asyncio.sleep(BETWEEN_CLEANINGS)
            try:
                await self.clean()
            except StoreError as error:
                log.warning("%s", error)

    async def _run(self, work: Callable[[], Result]) -> Result:
        """Run `work` in the thread. Once begun it runs to its end, even when its caller is cancelled."""
        if self._is_closed:
            raise StoreError("closed")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except (StatementError, PendingRollbackError, OverflowError, UnicodeError) as error:
            # As a sentence, without statement and parameters: these may hold a message.
            cause = error.orig if isinstance(error, StatementError) else error
            if isinstance(error, DBAPIError | PendingRollbackError) and not isinstance(error, DataError):
                raise self.backend.explain(cause) from None
            reason = cause if type(cause) is ValueError else type(cause).__name__  # a ValueError's text is our own
            raise Unfit("value", name=self.backend.name, reason=reason) from None


class Component:
    """Base of a component. A method shared within another component's transaction takes its connection first."""

    def __init__(self, database: Database) -> None:
        self._database = database


def query(
    work: Callable[Concatenate[Part, Connection, Arguments], Result],
) -> Callable[Concatenate[Part, Arguments], Coroutine[Any, Any, Result]]:
    """Turn a method that takes a connection and only reads into a coroutine method."""

    @functools.wraps(work)
    async def method(part: Part, /, *args: Arguments.args, **named: Arguments.kwargs) -> Result:
        return await part._database.read(lambda connection: work(part, connection, *args, **named))

    return method


def transaction(
    work: Callable[Concatenate[Part, Connection, Arguments], Result],
) -> Callable[Concatenate[Part, Arguments], Coroutine[Any, Any, Result]]:
    """Turn a method that takes a connection and writes into a coroutine method, in one transaction."""

    @functools.wraps(work)
    async def method(part: Part, /, *args: Arguments.args, **named: Arguments.kwargs) -> Result:
        return await part._database.write(lambda connection: work(part, connection, *args, **named))

    return method


class KeyValue(Component):
    """Key-value table `memory` of small texts; also the `Memory` of the channels."""

    @query
    def get(self, connection: Connection, name: str) -> str | None:
        return get_value(connection, name)

    @transaction
    def set(self, connection: Connection, name: str, value: str | None) -> None:
        """Store the value; None deletes the name."""
        set_value(connection, name, value)


def from_row(kind: type[Value], row: Row[Any], **others: Any) -> Value:
    """Build a dataclass from the columns named like its fields; `others` override them."""
    return kind(
        **{field.name: row._mapping[field.name] for field in fields(kind) if field.name not in others}, **others
    )


def fetch_all(connection: Connection, kind: type[Value], rows: Select[Any]) -> list[Value]:
    """Run a query and return its rows as dataclasses."""
    return [from_row(kind, row) for row in connection.execute(rows)]


def fetch_one(connection: Connection, kind: type[Value], row: Select[Any]) -> Value | None:
    """Run a query of at most one row and return it as a dataclass."""
    return next(iter(fetch_all(connection, kind, row)), None)


def is_any(connection: Connection, *which: ColumnElement[bool]) -> bool:
    """Whether there is a row that fulfils all conditions."""
    return bool(connection.scalar(select(exists().where(*which))))


def count_rows(connection: Connection, table: Table, *which: ColumnElement[bool]) -> int:
    return connection.scalar(select(func.count()).select_from(table).where(*which)) or 0


def insert_into(connection: Connection, table: Table) -> Any:
    """Return an INSERT with `on_conflict_…`, which each dialect has on a class of its own."""
    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)


def put_row(connection: Connection, table: Table, key: dict[str, Any], change: dict[str, Any], **defaults: Any) -> None:
    """Update the row with this key, or insert it with the `defaults` of its other columns."""
    insert = insert_into(connection, table).values(**key, **change, **defaults)
    connection.execute(insert.on_conflict_do_update(index_elements=list(key), set_=change))


def get_value(connection: Connection, name: str) -> str | None:
    return connection.scalar(select(memory.c.value).where(memory.c.name == name))


def set_value(connection: Connection, name: str, value: str | None) -> None:
    """Store the value; None deletes the name."""
    if value is None:
        connection.execute(delete(memory).where(memory.c.name == name))
    else:
        put_row(connection, memory, {"name": name}, {"value": value})


def _tables_and_salt(connection: Connection) -> bytes:
    schema.upgrade(connection)
    new = insert_into(connection, memory).values(name=SALT, value=secrets.token_hex(32))
    connection.execute(new.on_conflict_do_nothing())
    salt: str = connection.execute(select(memory.c.value).where(memory.c.name == SALT)).scalar_one()
    return bytes.fromhex(salt)
