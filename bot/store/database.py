"""The open database: its work one after the other; its lease; errors as sentences; the salted hash of user ids."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import hmac
import logging
import math
import secrets
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Self, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, delete, exists, func, select
from sqlalchemy.dialects import postgresql, sqlite

from . import lease, schema
from .backend import Backend, StoreError, StoreLocked, explained, find_backend
from .lease import HeldLease, LeaseLost
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
    """Runs reads and transactions in threads, one at a time, so that no write is lost to another.

    Once the lease is lost, everything raises LeaseLost.
    """

    def __init__(self, backend: Backend, clock: Callable[[], datetime]) -> None:
        self.backend = backend
        self.clock = clock
        self._engine = backend.engine()
        self._writer = self._engine.execution_options(writing=True)
        self._lease: HeldLease | None = None
        self._loss: asyncio.Future[LeaseLost] = asyncio.get_running_loop().create_future()
        self._salt = b""
        self._has_remains = True  # erased texts that the files still hold
        self._is_closed = False
        self._beside: list[asyncio.Task[None]] = []

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        lock: bool = True,
        on_locked: Callable[[str], None] | None = log.warning,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        worker: str = lease.THIS_WORKER,
    ) -> Self:
        """Create or upgrade the tables, once no other process uses them. Raises StoreError.

        In PostgreSQL the process holds the network's lease as `worker`; when it is lost, everything raises LeaseLost.
        `on_locked` is called with one sentence when another process has the store; without it StoreLocked is raised.
        With `lock=False` (a command beside a running bot) only outdated tables need exclusive use of the store.
        """
        database = cls(find_backend(url), clock)
        database.backend.exclusive = lock
        try:
            await database._connect(on_locked, worker)
            if not lock and not await database.read(schema.is_current):
                await (await cls.open(url, on_locked=None, clock=clock, worker=worker)).close()
            database._salt = await database.write(_tables_and_salt)
            await database.clean()
            database._beside.append(asyncio.create_task(database._clean_regularly()))
        except BaseException:
            await database.close()
            raise
        return database

    async def close(self) -> None:
        """Truncate SQLite's WAL, and unlock the store. Later use raises StoreError."""
        if self._is_closed:
            return
        self._is_closed = True
        for task in self._beside:
            task.cancel()
        await asyncio.gather(*self._beside, return_exceptions=True)
        ending = asyncio.get_running_loop().run_in_executor(self.backend.threads, self._end)
        await asyncio.wait({ending}, timeout=lease.LIFE if self._lease else None)
        self.backend.threads.shutdown(wait=False)

    def seconds_left(self) -> float:
        """Return for how long this process may speak for the network: 0 once another may, infinite where none can."""
        if self._is_closed or self._loss.done():
            return 0.0
        return self._lease.seconds_left() if self._lease else math.inf

    def hash(self, user: str) -> str:
        """Return the salted hash that the tables hold instead of a user id."""
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

    async def _connect(self, on_locked: Callable[[str], None] | None, worker: str) -> None:
        is_reported = False
        while True:
            try:
                await self._run(functools.partial(self._lock, worker))
                break
            except StoreLocked as locked:
                if on_locked is None:
                    raise
                if not is_reported:
                    on_locked(f"{locked} Waiting until it ends.")
                is_reported = True
            await asyncio.sleep(BETWEEN_TRIES)
        if self._lease:
            self._beside.append(asyncio.create_task(self._keep(self._lease)))

    def _lock(self, worker: str) -> None:
        with self._engine.begin() as connection:
            held = self.backend.lock(connection, worker, lease.LIFE)
        self._lease, self._writer = held, self._writer.execution_options(lease=held)

    def _end(self) -> None:
        try:
            if self._lease:
                with explained(self.backend):
                    self._lease.release(self._engine)
        except StoreError as error:
            log.debug("%s", error)  # the lease ends by itself
        finally:
            self.backend.release()

    async def _keep(self, held: HeldLease) -> None:
        at_once = self._engine.execution_options(isolation_level="AUTOCOMMIT", search_path=None)
        renew = functools.partial(held.renew, at_once)
        self._lose(await held.keep(lambda: self._run(renew, self.backend.urgent)))

    async def _clean_regularly(self) -> None:
        while True:
            await asyncio.sleep(BETWEEN_CLEANINGS)
            try:
                await self.clean()
            except StoreError as error:
                log.warning("%s", error)

    async def _run(self, work: Callable[[], Result], threads: Executor | None = None) -> Result:
        """Run `work` in a thread. Once begun it runs to its end, even when its caller is cancelled."""
        if self._is_closed:
            raise StoreError("closed")
        if self._loss.done():
            raise self._loss.result().again()
        job = asyncio.get_running_loop().run_in_executor(threads or self.backend.threads, work)
        if self._lease is None:
            with explained(self.backend):
                return await job
        try:
            either: set[asyncio.Future[Any]] = {job, self._loss}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            job.cancel()  # unless it has begun; where the lease is lost, perhaps in a call that hangs
        if job.cancelled():
            raise self._loss.result().again()
        try:
            with explained(self.backend):
                return job.result()
        except LeaseLost as error:
            self._lose(error)
            raise

    def _lose(self, error: LeaseLost) -> None:
        if not self._loss.done():
            self._loss.set_result(error)


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
    return bytes.fromhex(connection.execute(select(memory.c.value).where(memory.c.name == SALT)).scalar_one())
