"""The backend of a store: a SQLite file or a schema of a PostgreSQL database, each behind an engine.

Its errors are sentences without secrets, SQL and people's messages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import Connection, Engine, QueuePool, create_engine
from sqlalchemy.exc import DataError, DBAPIError, PendingRollbackError, StatementError

from bot.locale import Wording, wording

if TYPE_CHECKING:
    from .lease import HeldLease, LeaseTables


class StoreError(Exception):
    """The store cannot be used. `key` names a sentence for the operator, under `store` in the wording.

    As text, for the log, it is in English.
    """

    def __init__(self, key: str, **values: object) -> None:
        self.key, self.values = key, values
        super().__init__(key)

    def say(self, words: Wording) -> str:
        return words(f"store.{self.key}", **self.values)

    def __str__(self) -> str:
        return self.say(wording("en"))


class Damaged(StoreError):
    """The stored data cannot be read; waiting does not help."""


class Unfit(StoreError):
    """A value does not fit into its column: the store works, and waiting does not help."""


class StoreLocked(StoreError):
    """Another process uses the store."""


class Backend(Protocol):
    """Connects, locks and cleans one database, and explains its errors."""

    name: str  # as shown to the operator: without account and password
    exclusive: bool = True  # whether to lock the store: a file on connecting, a schema by a lease
    leases: LeaseTables | None = None  # of its network and others; None where no lease is needed
    threads: Executor  # in which its work is done, one after the other
    urgent: Executor  # for what must not wait behind it

    def engine(self) -> Engine:
        """Call once. An `execution_options(writing=True, lease=...)` of it writes."""

    def lock(self, connection: Connection, worker: str, life: float) -> HeldLease | None:
        """Take the lease for so many seconds; None where there is none. Raises StoreLocked when another has it."""
        return None

    def release(self) -> None:
        """Close the connections and unlock the file."""

    def clean(self, engine: Engine) -> bool:
        """Remove erased texts from the files. Returns False if some may remain."""
        return True

    def explain(self, error: BaseException | None) -> StoreError:
        """Return the error as a sentence; as Damaged if the stored data cannot be read."""


def find_backend(url: str) -> Backend:
    """Return the backend for an address. Raises StoreError.

    PostgreSQL's libraries are an extra, so they are imported on demand.
    """
    scheme = url.partition(":")[0].partition("+")[0]
    if scheme == "sqlite":
        from .sqlite import SqliteFile

        return SqliteFile(url)
    if scheme not in ("postgresql", "postgres"):
        raise StoreError("address")
    try:
        from .postgresql import PostgresServer
    except ImportError:
        raise StoreError("no_driver") from None
    return PostgresServer(url)


@contextmanager
def explained(backend: Backend) -> Iterator[None]:
    """Turn errors of the database into StoreError."""
    try:
        yield
    except (StatementError, PendingRollbackError, OverflowError, UnicodeError) as error:
        # As a sentence, without statement and parameters: these may hold a message.
        cause = error.orig if isinstance(error, StatementError) else error
        if isinstance(error, DBAPIError | PendingRollbackError) and not isinstance(error, DataError):
            raise backend.explain(cause) from None
        reason = cause if type(cause) is ValueError else type(cause).__name__  # a ValueError's text is our own
        raise Unfit("value", name=backend.name, reason=reason) from None


def pooled_engine(dialect: str, connect: Callable[[], Any], size: int = 1, **options: Any) -> Engine:
    """Return an engine with a pool of at most `size` connections.

    `connect` knows the address; the engine does not, so it cannot show a password.
    """
    return create_engine(
        dialect, creator=connect, poolclass=QueuePool, pool_size=size, max_overflow=0, hide_parameters=True, **options
    )
