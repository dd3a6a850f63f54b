"""The workers that share networks, and the lease of each network: tables in the last schema of the address."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import Connection, delete, select

from . import lease
from .backend import Backend, StoreError, explained, find_backend
from .database import put_row
from .lease import Lease, LeaseTables, now

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class FleetState:
    workers: tuple[str, ...]  # the live ones, sorted
    leases: Mapping[str, Lease]  # by network; a network that was never served has none


class Fleet:
    """One worker's place among the others. `url` is the address of any of the stores; raises StoreError.

    `worker` is the name under which this process opens its stores: `bot.store.THIS_WORKER` unless a test has several.
    """

    def __init__(self, url: str, worker: str) -> None:
        self.worker = worker
        self._backend = find_backend(url)
        self._tables = _tables(self._backend)
        self._engine = self._backend.engine()

    async def beat(self) -> FleetState:
        """Say that this worker is alive, and return the present state. Call it at least every third of `LIFE` seconds.

        Raises StoreError.
        """

        def work(connection: Connection) -> FleetState:
            self._tables.create(connection)
            workers = self._tables.workers
            connection.execute(delete(workers).where(workers.c.until <= now() - timedelta(seconds=lease.LIFE)))
            put_row(connection, workers, {"name": self.worker}, {"until": now() + timedelta(seconds=lease.LIFE)})
            return _state(connection, self._tables)

        return await self._run(work)

    async def close(self) -> None:
        """Leave the fleet at once. Leases of open stores stay. Raises StoreError, but is closed then, too."""

        def work(connection: Connection) -> None:
            if self._tables.exist(connection):
                connection.execute(delete(self._tables.workers).where(self._tables.workers.c.name == self.worker))

        try:
            await self._run(work)
        finally:
            await asyncio.to_thread(self._backend.release)

    async def _run(self, work: Callable[[Connection], Result]) -> Result:
        def run() -> Result:
            with explained(self._backend), self._engine.begin() as connection:
                return work(connection)

        return await asyncio.get_running_loop().run_in_executor(self._backend.urgent, run)


async def look(url: str) -> FleetState:
    """Return the present state without joining the fleet; empty where there is none. Raises StoreError."""
    backend = find_backend(url)
    tables = _tables(backend)

    def work() -> FleetState:
        try:
            with explained(backend), backend.engine().begin() as connection:
                return _state(connection, tables) if tables.exist(connection) else FleetState((), {})
        finally:
            backend.release()

    return await asyncio.to_thread(work)


def _tables(backend: Backend) -> LeaseTables:
    if backend.leases is None:
        raise StoreError("no_fleet")
    return backend.leases


def _state(connection: Connection, tables: LeaseTables) -> FleetState:
    workers = tables.workers
    live = select(workers.c.name).where(workers.c.until > now()).order_by(workers.c.name)
    return FleetState(tuple(connection.scalars(live)), {one.network: one for one in tables.find(connection)})
