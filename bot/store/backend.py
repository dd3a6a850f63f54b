"""The backend of a store: a SQLite file or a PostgreSQL database, each behind an engine with one connection.

Its errors are sentences without secrets, SQL and people's messages.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from sqlalchemy import Engine, QueuePool, create_engine

from bot.locale import Wording, wording


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
    exclusive: bool  # whether connecting takes the lock; raises StoreLocked when another process has it

    def engine(self) -> Engine: ...

    def release(self) -> None: ...

    def clean(self, engine: Engine) -> bool:
        """Remove erased texts from the files. Returns False if some may remain."""

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


def one_connection(dialect: str, connect: Callable[[], Any], **options: Any) -> Engine:
    """Return an engine with a pool of one connection.

    `connect` knows the address; the engine does not, so it cannot show a password.
    """
    return create_engine(
        dialect, creator=connect, poolclass=QueuePool, pool_size=1, max_overflow=0, hide_parameters=True, **options
    )
