"""The lease of a network in PostgreSQL: which process may write to its store and speak for it.

A row for each network, renewed while its worker lives. Each takeover counts the fencing number up. A write first locks
the row with its own number (`HeldLease.check`), so a takeover waits for it, and one that comes after the takeover finds
no row. Times in the tables are by the database's clock; the worker's own deadline is by a clock that counts while the
process is frozen or the machine sleeps.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import os
import secrets
import socket
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Engine,
    Function,
    Interval,
    MetaData,
    Table,
    Text,
    and_,
    bindparam,
    func,
    inspect,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from .backend import StoreError, StoreLocked
from .tables import Utc, required

log = logging.getLogger(__name__)

LIFE = 6.0  # seconds of a lease without renewal
CATCHING_UP = 10.0  # seconds after a takeover in which a network answers what waited, and is handed on to nobody
RENEWALS = 3  # in a life
MARGIN = 2 / 9  # of a life: sending ends that much before another worker may take over
THIS_WORKER = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

SET_PATH = func.set_config("search_path", bindparam("path", type_=Text), True)  # until the end of the transaction


class LeaseLost(StoreError):
    """Another process serves this network, or may do so by now."""

    def again(self) -> LeaseLost:
        return LeaseLost(self.key, **self.values)


@dataclass(frozen=True, slots=True)
class Lease:
    """Which worker serves a network. `network` is the schema of its store."""

    network: str
    worker: str
    since: datetime  # in UTC, by the database's clock
    is_live: bool  # False: released, or its worker has not renewed it in time
    is_new: bool = False  # taken within the last `CATCHING_UP` seconds


@functools.cache
class LeaseTables:
    """The tables of leases and workers, in `schema`; None: in the schema that the account works in."""

    def __init__(self, schema: str | None) -> None:
        self.schema, self.metadata = schema, MetaData(schema=schema)
        self.leases = Table(
            "leases",
            self.metadata,
            Column("network", Text, primary_key=True),
            *required(Text, "worker"),
            *required(BigInteger, "fence"),
            *required(Utc, "since", "until"),
        )
        self.workers = Table("workers", self.metadata, Column("name", Text, primary_key=True), *required(Utc, "until"))

    def exist(self, connection: Connection) -> bool:
        names = inspect(connection).get_table_names(schema=self.schema)
        return {"leases", "workers"} <= set(names)

    def create(self, connection: Connection, *schemas: str) -> None:
        """Create what is missing of the tables and of these schemas, one process at a time."""
        wanted = {*schemas, *filter(None, [self.schema])}
        if self.exist(connection) and wanted <= set(inspect(connection).get_schema_names()):
            return
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtextextended('concierge leases', 0))")
        for name in sorted(wanted.difference(inspect(connection).get_schema_names())):
            quoted = connection.dialect.identifier_preparer.quote_identifier(name)
            connection.exec_driver_sql(f"CREATE SCHEMA {quoted}")
        self.metadata.create_all(connection)

    def find(self, connection: Connection, *which: ColumnElement[bool]) -> list[Lease]:
        """Return the leases that fulfil all conditions, in the order of their networks."""
        leases = self.leases
        is_live = (leases.c.until > now()).label("is_live")
        is_new = (leases.c.since > now() - timedelta(seconds=CATCHING_UP)).label("is_new")
        columns = select(leases.c.network, leases.c.worker, leases.c.since, is_live, is_new)
        rows = connection.execute(columns.where(*which).order_by(leases.c.network))
        return [Lease(*row) for row in rows]

    def is_live_here(self, connection: Connection) -> bool:
        """Whether a worker serves the network of the connection's schema."""
        here = self.leases.c.network == func.current_schema()
        return self.exist(connection) and any(lease.is_live for lease in self.find(connection, here))

    def take(self, connection: Connection, name: str, network: str, worker: str, life: float) -> HeldLease:
        """Take the lease for `life` seconds from now. Raises StoreLocked while it is another's.

        Waits for a write of the worker that had it, as long as the transaction's `lock_timeout` allows.
        """
        asked, leases = boot_seconds(), self.leases
        first = {"worker": worker, "fence": 0, "since": now(), "until": now()}
        connection.execute(insert(leases).values(network=network, **first).on_conflict_do_nothing())
        # FOR UPDATE waits for a `check` that holds FOR KEY SHARE; a renewal, which is an UPDATE of no key, does not.
        # A lease that is alive is not locked: that would hold up its worker.
        is_free = and_(leases.c.network == network, leases.c.until <= now())
        free = connection.scalar(select(leases.c.fence).where(is_free).with_for_update())
        if free is None:
            raise StoreLocked("locked", name=name)
        change = {"worker": worker, "fence": free + 1, "since": now(), "until": now() + timedelta(seconds=life)}
        connection.execute(update(leases).where(leases.c.network == network).values(change))
        return HeldLease(self, name, network, worker, free + 1, asked)


class HeldLease:
    """A lease of this process, with the deadline until which it may speak for the network."""

    def __init__(self, tables: LeaseTables, name: str, network: str, worker: str, fence: int, asked: float) -> None:
        self._tables, self._name, self._network = tables, name, network
        leases = tables.leases
        self._own = and_(leases.c.network == network, leases.c.worker == worker, leases.c.fence == fence)
        # Built once: that takes longer than to run them.
        self._renewing = update(leases).where(self._own).values(until=now() + bindparam("life", type_=Interval))
        columns = (leases.c.fence, SET_PATH)
        self._checking = [
            select(*columns[:count]).where(self._own).with_for_update(read=True, key_share=True) for count in (1, 2)
        ]
        self.deadline = deadline(asked)
        """In `boot_seconds`; counted from before the database was asked, whose clock may be read any time later."""

    def seconds_left(self) -> float:
        return max(0.0, self.deadline - boot_seconds())

    def check(self, connection: Connection, search_path: str) -> None:
        """Begin a write: keep others from taking the lease until it ends. Raises LeaseLost.

        Sets the search path in the same statement, unless it is empty.
        """
        own = self._checking[bool(search_path)]
        if connection.execute(own, {"path": search_path} if search_path else {}).one_or_none() is None:
            raise self._lost(connection)

    def renew(self, engine: Engine) -> float:
        """Renew the lease; the new deadline. Raises LeaseLost. `engine` commits each statement."""
        with engine.connect() as connection:
            asked = boot_seconds()
            if not connection.execute(self._renewing, {"life": timedelta(seconds=LIFE)}).rowcount:
                raise self._lost(connection)
        return deadline(asked)

    async def keep(self, renew: Callable[[], Awaitable[float]]) -> LeaseLost:
        """Renew the lease again and again; return why it is lost.

        One that was not renewed in time, since the process was frozen, is still its own while nobody took it.
        """
        pause = usual = LIFE / RENEWALS
        while True:
            await asyncio.sleep(pause)
            try:
                async with asyncio.timeout(max(self.seconds_left(), usual)):
                    self.deadline = await renew()
                pause = usual
            except LeaseLost as error:
                return error
            except (StoreError, TimeoutError) as error:
                log.debug("the lease was not renewed: %s", error)
                if not self.seconds_left():
                    return self.unrenewed()
                pause = usual / RENEWALS

    def release(self, engine: Engine) -> None:
        """End the lease, so that whoever wants it need not wait."""
        with engine.begin() as connection:
            connection.execute(update(self._tables.leases).where(self._own).values(until=now()))

    def unrenewed(self) -> LeaseLost:
        return LeaseLost("lease_unrenewed", name=self._name)

    def _lost(self, connection: Connection) -> LeaseLost:
        for other in self._tables.find(connection, self._tables.leases.c.network == self._network):
            since = f"{other.since:%Y-%m-%d %H:%M:%S} UTC"
            return LeaseLost("lease_lost", name=self._name, worker=other.worker, since=since)
        return self.unrenewed()  # its row was deleted


def boot_seconds() -> float:
    """Seconds of a clock that goes on while the process is stopped and, where the system has one, during sleep."""
    return time.clock_gettime(_CLOCK)


def deadline(asked: float) -> float:
    return asked + LIFE * (1 - MARGIN)


def now() -> Function[datetime]:
    return func.clock_timestamp(type_=DateTime(timezone=True))
