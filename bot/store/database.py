"""The open database: one process at a time, one connection, errors as sentences, and the salted hash."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import hmac
import logging
import secrets
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from sqlalchemy import Connection, Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, DBAPIError, PendingRollbackError, StatementError

from . import schema
from .backend import Backend, find_backend
from .tables import memory
from .values import Damaged, StoreError, StoreLocked, Unfit

log = logging.getLogger(__name__)

Result = TypeVar("Result")
Given = ParamSpec("Given")
Some = TypeVar("Some", bound="Database")

SALT = "store: salt"
BETWEEN_TRIES = 0.2  # seconds
BETWEEN_CLEANINGS = 60.0  # seconds that a text may stand in a file after it was emptied


class Database:
    """Everything the store's tables have in common.

    One thread does all the work, one transaction after the other: no two statements overlap, so no write is lost to
    another, and nobody waits for more than one trip to that thread.
    """

    def __init__(self, place: Backend, clock: Callable[[], datetime]) -> None:
        self._place = place
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, "store")
        self._engine = place.engine()
        self._writer = self._engine.execution_options(writing=True)
        self._salt = b""
        self._unclean = True
        self._closed = False
        self._cleaning: asyncio.Task[None] | None = None

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        lock: bool = True,
        wait: Callable[[str], None] | None = log.warning,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> Self:
        """Make or mend the tables, and wait until no other process uses them; raises StoreError.

        `wait` is told once, in a sentence, that another process has the store; None: raise Taken instead.
        Without `lock` (a command beside a running bot) only tables that are not up to date need the store alone.
        """
        store = cls(find_backend(url), clock)
        store._place.exclusive = lock
        try:
            await store._connect(wait)
            if not lock and not await store._current():
                await (await cls.open(url, wait=None)).close()
            await store._prepare()
        except BaseException:
            await store.close()
            raise
        return store

    async def close(self) -> None:
        """Empties the journal files of SQLite and frees the lock. Further use raises StoreError."""
        if self._closed:
            return
        self._closed = True
        if self._cleaning:
            self._cleaning.cancel()
            await asyncio.gather(self._cleaning, return_exceptions=True)
        await asyncio.get_running_loop().run_in_executor(self._thread, self._engine.dispose)
        self._thread.shutdown()
        self._place.release()

    def hash(self, user: str) -> str:
        """What the tables hold instead of a user id."""
        return hmac.new(self._salt, user.encode("utf-8", "replace"), hashlib.sha256).hexdigest()

    async def clean(self) -> None:
        """Overwrite what was emptied in files that SQLite has not yet cleared. Done each minute, at open and close."""
        if not self._unclean:
            return
        self._unclean = False
        try:
            await self._trip(functools.partial(self._place.clean, self._engine))
        except StoreError:
            self._unclean = True
            raise

    async def _connect(self, wait: Callable[[str], None] | None) -> None:
        told = False
        while True:
            try:
                return await self._read(lambda _: None)
            except StoreLocked as taken:
                if wait is None:
                    raise
                if not told:
                    wait(f"{taken} Waiting until it ends.")
                told = True
            await asyncio.sleep(BETWEEN_TRIES)

    async def _current(self) -> bool:
        return await self._read(schema.is_current)

    async def _prepare(self) -> None:
        self._salt = await self._write(_tables_and_salt)
        await self.clean()
        self._cleaning = asyncio.create_task(self._keep_clean())

    async def _keep_clean(self) -> None:
        while True:
            await asyncio.sleep(BETWEEN_CLEANINGS)
            try:
                await self.clean()
            except StoreError as error:
                log.warning("%s", error)

    async def _read(self, work: Callable[[Connection], Result]) -> Result:
        """`work` must not change anything."""

        def trip() -> Result:
            with self._engine.connect() as connection:
                return work(connection)

        return await self._trip(trip)

    async def _write(self, work: Callable[[Connection], Result]) -> Result:
        """One transaction: all that happens in it is kept, or nothing."""

        def trip() -> Result:
            with self._writer.begin() as connection:
                return work(connection)

        done = await self._trip(trip)
        self._unclean = True
        return done

    async def _trip(self, work: Callable[[], Result]) -> Result:
        """What has begun is brought to its end, even if nobody waits for it any more."""
        with self._explained():
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """The operator gets a sentence; statement and parameters, which may hold a message, go nowhere."""
        if self._closed:
            raise StoreError("The store is closed.")
        try:
            yield
        except (StatementError, PendingRollbackError, OverflowError, UnicodeError) as error:
            raise _explained(self._place, error) from None


def reading(
    work: Callable[Concatenate[Some, Connection, Given], Result],
) -> Callable[Concatenate[Some, Given], Coroutine[Any, Any, Result]]:
    """Makes a method of a store from one that is given a connection, in the store's thread."""

    @functools.wraps(work)
    async def method(store: Some, /, *args: Given.args, **named: Given.kwargs) -> Result:
        return await store._read(lambda connection: work(store, connection, *args, **named))

    return method


def writing(
    work: Callable[Concatenate[Some, Connection, Given], Result],
) -> Callable[Concatenate[Some, Given], Coroutine[Any, Any, Result]]:
    """The same for one that changes something: all of it in one transaction."""

    @functools.wraps(work)
    async def method(store: Some, /, *args: Given.args, **named: Given.kwargs) -> Result:
        return await store._write(lambda connection: work(store, connection, *args, **named))

    return method


def _explained(place: Backend, error: Exception) -> StoreError:
    """Not all are errors of a database: a value can be refused before it gets there, or after it came from there."""
    cause = error.orig if isinstance(error, StatementError) else error
    if isinstance(error, DataError) or not isinstance(error, DBAPIError | PendingRollbackError):
        reason = cause if type(cause) is ValueError else type(cause).__name__  # the first are our own words
        return Unfit(f"A value does not fit into the store {place.name} ({reason}).")
    return (Damaged if place.is_damage(cause) else StoreError)(place.explain(cause))


def insert_into(connection: Connection, table: Table) -> Any:
    """An INSERT with `on_conflict_…`: the same methods in both dialects, on two classes."""
    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)


def put_row(connection: Connection, table: Table, key: dict[str, Any], change: dict[str, Any], **defaults: Any) -> None:
    """Update the row with this key, or insert it with the `defaults` of its other columns."""
    insert = insert_into(connection, table).values(**key, **change, **defaults)
    connection.execute(insert.on_conflict_do_update(index_elements=list(key), set_=change))


def get_value(connection: Connection, name: str) -> str | None:
    return connection.scalar(select(memory.c.value).where(memory.c.name == name))


def set_value(connection: Connection, name: str, value: str | None) -> None:
    """None deletes it."""
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
