"""The workers that share networks, and the lease of each network: tables in the last schema of the address."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import Connection, delete, select

from . import lease
from .backend import StoreError, explained, find_backend
from .database import put_row
from .lease import Lease, now

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
        if self._backend.leases is None:
            raise StoreError("no_fleet")
        self._tables = self._backend.leases
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
            return self._state(connection)

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

    def _state(self, connection: Connection) -> FleetState:
        workers, leases = self._tables.workers, self._tables.find(connection)
        live = select(workers.c.name).where(workers.c.until > now()).order_by(workers.c.name)
        return FleetState(tuple(connection.scalars(live)), {one.network: one for one in leases})

    async def _run(self, work: Callable[[Connection], Result]) -> Result:
        def run() -> Result:
            with explained(self._backend), self._engine.begin() as connection:
                return work(connection)

        return await asyncio.get_running_loop().run_in_executor(self._backend.urgent, run)


async def look(url: str) -> FleetState:
    """Return the present state without joining the fleet; empty where there is none. Raises StoreError."""
    fleet = Fleet(url, "nobody")

    def work(connection: Connection) -> FleetState:
        return fleet._state(connection) if fleet._tables.exist(connection) else FleetState((), {})

    try:
        return await fleet._run(work)
    finally:
        await asyncio.to_thread(fleet._backend.release)
