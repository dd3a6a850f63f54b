"""Workers that share networks see each other; tests/cli/test_each_network.py shows who serves what since when."""

from __future__ import annotations

import pytest

from bot.store import StoreError, lease
from bot.store.fleet import Fleet, FleetState, look
from tests.databases import execute


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
