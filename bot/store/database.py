"""The open database: one process at a time, one connection, errors as sentences, and the salted hash."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Any, Protocol, Self

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from . import schema
from .tables import memory
from .values import Damaged, StoreError, Taken

log = logging.getLogger(__name__)

SALT = "store: salt"
BETWEEN_TRIES = 0.2  # seconds
BETWEEN_CLEANINGS = 60.0  # seconds that a text may stand in a file after it was emptied


class Place(Protocol):
    """Where a store can be: a SQLite file or a PostgreSQL database."""

    name: str  # as shown to the operator: without account and password
    exclusive: bool  # whether connecting takes the lock; raises Taken when another process has it

    def engine(self) -> AsyncEngine: ...

    async def release(self) -> None: ...

    async def clean(self, engine: AsyncEngine) -> None: ...

    def explain(self, error: BaseException | None) -> str: ...

    def is_damage(self, error: BaseException | None) -> bool: ...


def find(url: str) -> Place:
    """The libraries of PostgreSQL are an extra, and loaded only where they are used."""
    scheme = url.partition(":")[0].partition("+")[0]
    if scheme == "sqlite":
        from .sqlite import SqliteFile

        return SqliteFile(url)
    if scheme not in ("postgresql", "postgres"):
        raise StoreError("The store's address must begin with sqlite:/// or postgresql://.")
    try:
        from .postgresql import PostgresServer
    except ImportError:
        raise StoreError("PostgreSQL needs an extra: pip install 'concierge-tiers-lieux[postgresql]'.") from None
    return PostgresServer(url)


class Database:
    """Everything the store's tables have in common."""

    def __init__(self, place: Place, clock: Callable[[], datetime]) -> None:
        self._place = place
        self._clock = clock
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
        store = cls(find(url), clock)
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
        self._closed = True
        if self._cleaning:
            self._cleaning.cancel()
            await asyncio.gather(self._cleaning, return_exceptions=True)
        await self._engine.dispose()
        await self._place.release()

    def hash(self, user: str) -> str:
        """What the tables hold instead of a user id."""
        return hmac.new(self._salt, user.encode("utf-8", "replace"), hashlib.sha256).hexdigest()

    async def clean(self) -> None:
        """Overwrite what was emptied in files that SQLite has not yet cleared. Done each minute, at open and close."""
        if not self._unclean:
            return
        self._unclean = False
        try:
            with self._explained():
                await self._place.clean(self._engine)
        except StoreError:
            self._unclean = True
            raise

    async def _connect(self, wait: Callable[[str], None] | None) -> None:
        told = False
        while True:
            try:
                async with self._reading():
                    return
            except Taken as taken:
                if wait is None:
                    raise
                if not told:
                    wait(f"{taken} Waiting until it ends.")
                told = True
            await asyncio.sleep(BETWEEN_TRIES)

    async def _current(self) -> bool:
        async with self._reading() as connection:
            return await connection.run_sync(schema.is_current)

    async def _prepare(self) -> None:
        async with self._writing() as connection:
            await connection.run_sync(schema.upgrade)
            await connection.execute(
                upsert(connection, memory).values(name=SALT, value=secrets.token_hex(32)).on_conflict_do_nothing()
            )
            salt = await connection.scalar(select(memory.c.value).where(memory.c.name == SALT))
        self._salt = bytes.fromhex(salt or "")
        await self.clean()
        self._cleaning = asyncio.create_task(self._keep_clean())

    async def _keep_clean(self) -> None:
        while True:
            await asyncio.sleep(BETWEEN_CLEANINGS)
            try:
                await self.clean()
            except StoreError as error:
                log.warning("%s", error)

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[AsyncConnection]:
        with self._explained():
            async with self._engine.connect() as connection:
                yield connection

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: all that happens in it is kept, or nothing."""
        with self._explained():
            async with self._writer.begin() as connection:
                yield connection
        self._unclean = True

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """The operator gets a sentence; statement and parameters, which may hold a message, go nowhere."""
        if self._closed:
            raise StoreError("The store is closed.")
        try:
            yield
        except DBAPIError as error:
            kind = Damaged if self._place.is_damage(error.orig) else StoreError
            raise kind(self._place.explain(error.orig)) from None


def upsert(connection: AsyncConnection, table: Table) -> Any:
    """An INSERT with `on_conflict_…`: the same words in both dialects, but two classes."""
    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)
