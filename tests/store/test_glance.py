"""A look at the store from outside changes nothing, and sees whether a bot is at work on it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.store import Store, StoreError
from bot.store.inspection import inspect_store
from tests.store.samples import Sql


async def test_it_sees_a_running_bot_and_its_notes_and_holds_nothing_before_or_after(store: Store, url: str) -> None:
    await store.memory.set("greeting", "bonjour")
    seen = await asyncio.to_thread(inspect_store, url, ["greeting", "nothing"])
    assert (seen.is_locked, seen.tables, seen.notes) == (True, "current", {"greeting": "bonjour"})
    await store.memory.set("another", "note")  # the bot goes on
    await store.close()
    for _ in range(2):
        seen = await asyncio.to_thread(inspect_store, url, ["greeting"])
        assert (seen.is_locked, seen.notes) == (False, {"greeting": "bonjour"})
    await (await Store.open(url, on_locked=None)).close()


async def test_tables_of_an_older_version_are_seen_and_those_of_a_newer_one_refused(
    store: Store, url: str, sql: Sql
) -> None:
    await store.close()
    sql("UPDATE alembic_version SET version_num = '0011'")
    assert inspect_store(url).tables == "older"
    sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="newer version"):
        inspect_store(url)


async def test_where_there_is_nothing_nothing_is_made_and_a_file_at_rest_is_not_touched(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    assert (inspect_store(url).tables, [*tmp_path.iterdir()]) == ("none", [])
    await (await Store.open(url)).close()
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert inspect_store(url).tables == "current"
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


def test_what_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_text("not a database, but long enough to be one " * 20)
    with pytest.raises(StoreError, match="is not a database"):
        inspect_store(f"sqlite:///{tmp_path}/store.db")
    with pytest.raises(StoreError, match="does not work"):
        inspect_store("postgresql://nobody@127.0.0.1:9/none")
