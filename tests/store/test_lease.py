"""The lease of a network in PostgreSQL: who lost it writes nothing and says nothing any more, whatever it was doing."""

import asyncio
import signal
import threading
from asyncio.subprocess import Process
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import Connection

from bot.store import LeaseLost, Store, StoreError, StoreLocked, lease
from bot.store.database import set_value
from bot.store.fleet import Fleet, FleetState, look
from tests.databases import end_lease, execute
from tests.reliability.fleet import Line
from tests.store.samples import running
from tests.waiting import PATIENCE, eventually, until

FROZEN = """
import asyncio, sys
from bot.store import Store, StoreError, lease, postgresql
from bot.store.database import set_value
lease.LIFE = 1.5
postgresql.SETTINGS += "; SET idle_in_transaction_session_timeout = '1s'"

async def main():
    store = await Store.open(sys.argv[1])
    def stop():
        print("stop", flush=True)
        sys.stdin.readline()
        print(store.seconds_left(), flush=True)
    def work(connection):
        set_value(connection, "by", "the frozen one")
        if sys.argv[2] == "inside":
            stop()
    if sys.argv[2] == "outside":
        stop()
    while True:
        try:
            await store.write(work)
        except StoreError as error:
            print(type(error).__name__, flush=True)
            if type(error).__name__ == "LeaseLost":
                return

asyncio.run(main())
"""


def taken(url: str) -> None:
    """By another worker."""
    execute(url, "UPDATE leases SET worker = 'another', fence = fence + 1, since = clock_timestamp()")


async def test_who_lost_the_lease_writes_and_reads_nothing_more_and_says_who_has_it(postgres_url: str) -> None:
    store = await Store.open(postgres_url)
    assert 0 < store.seconds_left() <= lease.LIFE
    taken(postgres_url)
    with pytest.raises(LeaseLost, match=r"^Another process, another, serves this network since \d.*UTC"):
        await store.memory.set("by", "me")
    assert store.seconds_left() == 0
    for _ in range(2):
        with pytest.raises(LeaseLost, match="another"):
            await store.memory.get("by")
    await store.close()
    assert execute(postgres_url, "SELECT worker, until > clock_timestamp() FROM leases") == [("another", True)]
    end_lease(postgres_url)
    again = await Store.open(postgres_url, on_locked=None)
    assert await again.memory.get("by") is None
    await again.close()


async def test_who_does_nothing_hears_of_it_by_a_renewal(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "LIFE", 1.0)
    store = await Store.open(postgres_url)
    taken(postgres_url)
    await until(lambda: not store.seconds_left())
    await store.close()


async def test_takeovers_wait_for_a_write_renewals_do_not(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "LIFE", 3.0)
    first = await Store.open(postgres_url)
    begun, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def work(connection: Connection) -> None:
        set_value(connection, "by", "the first")
        loop.call_soon_threadsafe(begun.set)
        go_on.wait(PATIENCE)

    async def renewed() -> bool:
        return execute(postgres_url, "SELECT until FROM leases") != until

    writing = asyncio.create_task(first.write(work))
    await begun.wait()
    until = execute(postgres_url, "SELECT until FROM leases")
    await eventually(renewed)
    monkeypatch.setattr(lease, "LIFE", 600.0)
    await eventually(renewed)
    end_lease(postgres_url)
    with pytest.raises(StoreLocked):
        await Store.open(postgres_url, on_locked=None)
    go_on.set()
    await writing
    second = await Store.open(postgres_url, on_locked=None)
    assert await second.memory.get("by") == "the first"
    with pytest.raises(LeaseLost):
        await first.memory.set("by", "the first again")
    assert await second.memory.get("by") == "the first"
    await first.close()
    await second.memory.set("by", "the second")
    await second.close()


async def stopped(child: Process) -> None:
    """Frozen when it says that it is in its write, or between two."""
    assert await child.stdout.readline() == b"stop\n"
    child.send_signal(signal.SIGSTOP)


def woken(child: Process) -> None:
    child.stdin.write(b"\n")
    child.send_signal(signal.SIGCONT)


@pytest.mark.parametrize("where", ["inside", "outside"])
async def test_who_was_frozen_for_longer_than_its_lease_changes_nothing(postgres_url: str, where: str) -> None:
    async with running(FROZEN, postgres_url, where) as child:
        await stopped(child)
        second = await asyncio.wait_for(Store.open(postgres_url), PATIENCE)
        await second.memory.set("by", "the second")
        woken(child)
        said = (await asyncio.wait_for(child.stdout.read(), PATIENCE)).split()
    assert (said[0], said[-1]) == (b"0.0", b"LeaseLost")
    assert await second.memory.get("by") == "the second"
    await second.close()


async def test_who_was_frozen_and_not_replaced_goes_on(postgres_url: str) -> None:
    async def is_free() -> bool:
        return execute(postgres_url, "SELECT until < clock_timestamp() FROM leases") == [(True,)]

    async def written() -> bool:
        return execute(postgres_url, "SELECT value FROM memory WHERE name = 'by'") == [("the frozen one",)]

    async with running(FROZEN, postgres_url, "outside") as child:
        await stopped(child)
        await eventually(is_free)
        woken(child)
        assert await child.stdout.readline() == b"0.0\n"
        assert await eventually(written)


async def test_who_is_cut_off_neither_hangs_nor_goes_on(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "LIFE", 3.0)
    with TemporaryDirectory() as folder:  # a socket's path has 107 characters at most
        line = Line(Path(folder), postgres_url)
        async with line.open():
            store = await Store.open(f"{line.url}&{postgres_url.rpartition('&')[2]}")
            line.cut()
            with pytest.raises(StoreError):
                await asyncio.wait_for(store.memory.set("by", "the one cut off"), PATIENCE)
            assert store.seconds_left() == 0
            second = await asyncio.wait_for(Store.open(postgres_url), PATIENCE)
            line.mend()
            with pytest.raises(LeaseLost):
                await store.memory.set("by", "the one cut off")
            await store.close()
    assert await second.memory.get("by") is None
    await second.close()


async def test_fifteen_stores_share_a_few_connections_and_nothing_else(postgres_url: str) -> None:
    networks = [f"{postgres_url}_{n}%2C{postgres_url.rpartition('%3D')[2]}" for n in range(15)]
    stores = await asyncio.gather(*map(Store.open, networks))
    for name in ("name", "other"):
        await asyncio.gather(*(store.memory.set(name, str(n)) for n, store in enumerate(stores)))
    assert await asyncio.gather(*(store.memory.get("name") for store in stores)) == [str(n) for n in range(15)]
    assert len({store.hash("@ana") for store in stores}) == 15
    used = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'concierge'"
    assert 1 <= execute(postgres_url, used)[0][0] <= 10
    assert execute(postgres_url, "SELECT count(*) FROM leases WHERE until > clock_timestamp()") == [(15,)]
    await asyncio.gather(*(store.close() for store in stores))
    assert execute(postgres_url, "SELECT count(*) FROM leases WHERE until > clock_timestamp()") == [(0,)]
    await until(lambda: execute(postgres_url, used) == [(0,)])


# Workers that share networks see each other; tests/cli/test_each_network.py shows who serves what since when.


async def test_workers_see_each_other_until_they_are_gone(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who looks before them finds nothing, and makes nothing."""
    assert await look(postgres_url) == await look(f"{postgres_url}_new") == FleetState((), {})
    assert execute(postgres_url, "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()") == []
    monkeypatch.setattr(lease, "LIFE", 600.0)  # however slow the machine is
    first, second = Fleet(postgres_url, "b"), Fleet(postgres_url, "a")
    assert (await first.beat()).workers == ("b",)
    assert (await second.beat()).workers == (await first.beat()).workers == ("a", "b")
    execute(postgres_url, "UPDATE workers SET until = clock_timestamp() WHERE name = 'b'")
    assert (await second.beat()).workers == ("a",)
    assert (await first.beat()).workers == ("a", "b")
    await first.close()
    assert (await second.beat()).workers == ("a",)
    await second.close()
    assert (await look(postgres_url)).workers == ()


def test_where_nothing_can_be_shared_it_is_said(sqlite_url: str) -> None:
    with pytest.raises(StoreError, match="with PostgreSQL only"):
        Fleet(sqlite_url, "a")
