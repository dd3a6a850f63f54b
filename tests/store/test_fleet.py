"""Workers that share networks see each other, and who serves what since when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.store import THIS_WORKER, Store, StoreError, lease
from bot.store.fleet import Fleet, FleetState, look
from tests.databases import execute


@pytest.fixture(autouse=True)
def in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is."""
    monkeypatch.setattr(lease, "LIFE", 600.0)


async def test_workers_see_each_other_until_they_leave_or_are_silent_for_too_long(postgres_url: str) -> None:
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


async def test_it_says_who_serves_which_network_since_when_and_whether_it_still_does(postgres_url: str) -> None:
    _, _, home = postgres_url.rpartition("%3D")
    nancy, metz = (f"{postgres_url}_{name}%2C{home}" for name in ("nancy", "metz"))
    stores = [await Store.open(nancy, worker="a"), await Store.open(metz)]
    state = await look(metz)
    assert {name: lease.worker for name, lease in state.leases.items()} == {
        f"{home}_metz": THIS_WORKER,
        f"{home}_nancy": "a",
    }
    assert all(lease.is_live and lease.network == name for name, lease in state.leases.items())
    assert abs(datetime.now(UTC) - state.leases[f"{home}_nancy"].since) < timedelta(minutes=5)
    await stores[0].close()
    fleet = Fleet(postgres_url, "b")
    assert {name: lease.is_live for name, lease in (await fleet.beat()).leases.items()} == {
        f"{home}_metz": True,
        f"{home}_nancy": False,
    }
    await fleet.close()
    await stores[1].close()


async def test_a_look_where_nobody_was_finds_nothing_and_makes_nothing(postgres_url: str) -> None:
    assert await look(postgres_url) == FleetState((), {})
    assert await look(f"{postgres_url}_new") == FleetState((), {})
    assert execute(postgres_url, "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()") == []


async def test_where_nothing_can_be_shared_it_is_said(sqlite_url: str) -> None:
    with pytest.raises(StoreError, match="with PostgreSQL only"):
        Fleet(sqlite_url, "a")
    with pytest.raises(StoreError, match="does not answer"):
        await look("postgresql://nobody@127.0.0.1:9/none")
