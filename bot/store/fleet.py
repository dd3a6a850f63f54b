"""The workers that share networks, and the lease of each network: tables in the last schema of the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Lease:
    """Which worker serves a network. `network` is the schema of its store."""

    network: str
    worker: str
    since: datetime  # in UTC, by the database's clock
    is_live: bool  # False: released, or its worker has not renewed it in time


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
        self._url = url

    async def beat(self) -> FleetState:
        """Say that this worker is alive, and return the present state. Call it at least every third of `LIFE` seconds.

        Raises StoreError.
        """
        raise NotImplementedError

    async def close(self) -> None:
        """Leave the fleet at once. Leases of open stores stay."""
        raise NotImplementedError


async def look(url: str) -> FleetState:
    """Return the present state without joining the fleet; empty where there is none. Raises StoreError."""
    raise NotImplementedError
