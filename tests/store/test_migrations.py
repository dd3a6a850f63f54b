"""The migrations make exactly the tables that the program works with."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.engine import Connection

from bot.store import Store, StoreError
from bot.store.lease import LeaseTables
from bot.store.tables import metadata
from tests.store.samples import Sql


def differences(connection: Connection) -> list[object]:
    """Tables of leases beside the store are no part of it."""
    leases = LeaseTables(None).metadata.tables
    opts = {"compare_type": True, "compare_server_default": True, "include_name": lambda name, *_: name not in leases}
    return list(compare_metadata(MigrationContext.configure(connection, opts=opts), metadata))


async def test_the_migrated_tables_are_those_of_the_program(store: Store) -> None:
    assert await store.read(differences) == []


async def test_a_store_that_cannot_be_upgraded_is_refused_and_left_as_it_is(store: Store, url: str, sql: Sql) -> None:
    await store.memory.set("token", "abc")
    await store.close()
    for revision, said in (
        ("9999", r"written by a newer version of Concierge \(revision 9999\)"),
        ("0010", r"too old a version of Concierge \(revision 0010\): run that of commit \w{7} once"),
    ):
        sql(f"UPDATE alembic_version SET version_num = '{revision}'")  # noqa: S608
        for lock in (True, False):
            with pytest.raises(StoreError, match=said):
                await Store.open(url, lock=lock)
            assert sql("SELECT version_num FROM alembic_version") == [(revision,)]
            assert sql("SELECT value FROM memory WHERE name = 'token'") == [("abc",)]


async def test_tables_half_made_are_not_kept(url: str, sql: Sql) -> None:
    await (await Store.open(url)).close()
    first = "alembic_version journal outbox questions askings drafts memory positions feedback forgotten"
    for table in first.split():
        sql(f"DROP TABLE {table}")
    with pytest.raises(StoreError):  # `hushes`, the last one of the first migration, is there already
        await Store.open(url)
    with pytest.raises(Exception, match="journal"):
        sql("SELECT * FROM journal")
