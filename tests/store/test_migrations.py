"""The migrations make exactly the tables that the program works with."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.engine import Connection

from bot.store import Store, StoreError
from bot.store.tables import metadata
from tests.store.samples import Sql


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, metadata))


async def test_the_migrated_tables_are_those_of_the_program(store: Store) -> None:
    assert await store.database.read(differences) == []


async def test_opening_a_store_that_is_up_to_date_changes_nothing(store: Store, url: str, sql: Sql) -> None:
    await store.close()
    await (await Store.open(url)).close()
    assert sql("SELECT version_num FROM alembic_version") == [("0015",)]


@pytest.mark.parametrize("lock", [True, False])
async def test_a_store_of_a_newer_program_is_refused_and_left_as_it_is(
    store: Store,
    url: str,
    sql: Sql,
    lock: bool,
) -> None:
    await store.memory.set("token", "abc")
    await store.close()
    sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match=r"written by a newer version of Concierge \(revision 9999\)"):
        await Store.open(url, lock=lock)
    assert sql("SELECT version_num FROM alembic_version") == [("9999",)]
    assert sql("SELECT value FROM memory WHERE name = 'token'") == [("abc",)]


async def test_tables_half_made_are_not_kept(url: str, sql: Sql) -> None:
    await (await Store.open(url)).close()
    for table in (
        *("alembic_version", "journal", "outbox", "questions", "askings", "drafts"),
        *("memory", "positions", "feedback", "forgotten"),
    ):
        sql(f"DROP TABLE {table}")
    with pytest.raises(StoreError):  # `hushes`, the last one to be made, is there already
        await Store.open(url)
    with pytest.raises(Exception, match="journal"):
        sql("SELECT * FROM journal")
