"""A look at the store from outside changes nothing; tests/doctor/test_doctor.py shows what it says of a file."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.store import Store, StoreError
from bot.store.inspection import inspect_store
from tests.store.samples import Sql


async def test_it_sees_a_running_bot_its_notes_and_version_and_holds_nothing(store: Store, url: str, sql: Sql) -> None:
    await store.memory.set("greeting", "bonjour")
    seen = await asyncio.to_thread(inspect_store, url, ["greeting", "nothing"])
    assert (seen.is_locked, seen.tables, seen.notes) == (True, "current", {"greeting": "bonjour"})
    await store.memory.set("another", "note")  # the bot goes on
    await store.close()
    for _ in range(2):
        seen = await asyncio.to_thread(inspect_store, url, ["greeting"])
        assert (seen.is_locked, seen.notes) == (False, {"greeting": "bonjour"})
    await (await Store.open(url, on_locked=None)).close()
    sql("UPDATE alembic_version SET version_num = '0011'")
    assert inspect_store(url).tables == "older"
    sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="newer version"):
        inspect_store(url)


async def test_a_file_at_rest_is_not_touched(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    await (await Store.open(url)).close()
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert inspect_store(url).tables == "current"
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


def test_a_database_that_does_not_answer_is_said() -> None:
    with pytest.raises(StoreError, match="does not work"):
        inspect_store("postgresql://nobody@127.0.0.1:9/none")
