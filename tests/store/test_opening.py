"""Opening a store: where it may be, what goes wrong, and that the operator is told in a sentence."""

import asyncio
import stat
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection

from bot.store import Damaged, Store, StoreError
from bot.store.inspection import inspect_store
from bot.store.postgresql import PostgresServer
from tests.store.samples import NOW, Sql, event

SECRET = "s3cr3t"
FAULTS = [("max_page_count = 1", "the disk is full"), ("query_only = ON", "cannot be written; check the owner")]


async def complaint(url: str) -> str:
    with pytest.raises(StoreError) as raised:
        await Store.open(url)
    text = str(raised.value)
    assert text.endswith(".")
    assert "\n" not in text
    assert raised.value.__cause__ is None  # nothing of the statement shows in a traceback either
    return text


async def pragma(store: Store, words: str) -> object:
    """Of the store's own connection; its value, if it has one."""

    def work(connection: Connection) -> object:
        result = connection.exec_driver_sql(f"PRAGMA {words}")
        return result.scalar() if result.returns_rows else None

    return await store.read(work)


async def test_the_file_is_made_with_its_folders_for_its_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    store = await Store.open("sqlite:///deep/var/concierge.db")
    await store.memory.set("name", "value")
    files = sorted((tmp_path / "deep/var").iterdir())
    assert [file.name.removeprefix("concierge.db") for file in files] == ["", "-shm", "-wal", ".lock"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    await store.close()


async def test_what_was_committed_outlasts_a_power_cut_as_far_as_sqlite_can_see_to_it(sqlite_url: str) -> None:
    store = await Store.open(sqlite_url)
    names = ("journal_mode", "synchronous", "secure_delete", "foreign_keys", "busy_timeout")
    assert [await pragma(store, name) for name in names] == ["wal", 2, 1, 1, 5000]
    await store.close()


async def test_an_address_that_cannot_work_is_refused_in_a_sentence_without_password() -> None:
    for url, expected in (
        ("mysql://u:s3cr3t@host/db", "must begin with sqlite:/// or postgresql://"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite:////proc/none/x.db", "folder /proc/none cannot be made: no such file or folder"),
        ("sqlite:////", "cannot be written: it is a folder, not a file"),
        ("sqlite:////proc/version", "who cannot write into|is not a database|cannot be written: "),
        ("postgresql://u:s3cr3t@127.0.0.1:1/db", r"postgresql://127.0.0.1/db does not answer"),
        ("postgresql://u:pa@s3cr3t@nowhere.invalid/db", "postgresql://nowhere.invalid/db does not answer"),
        ("postgresql://u:s3cr3t/x@host/db", "does not answer|is not valid"),
        ("postgresql://host/db?password=s3cr3t&s3cr3t=1", "is not valid"),
    ):
        told = await complaint(url)
        assert any(part in told for part in expected.split("|")), url
        assert SECRET not in told, url


async def test_no_password_stands_in_what_the_program_could_print(postgres_url: str) -> None:
    url = postgres_url.replace("postgres:@", f"postgres:{SECRET}@")
    assert url != postgres_url
    store = await Store.open(url)
    engine = await store.read(lambda connection: connection.engine)
    assert SECRET not in repr(store) + repr(engine) + repr(engine.url) + store.backend.name
    await store.close()


async def test_another_file_is_left_alone_and_a_damaged_one_is_told_apart(sqlite_url: str, sqlite_path: Path) -> None:
    await (await Store.open(sqlite_url)).close()
    whole = sqlite_path.read_bytes()
    sqlite_path.write_bytes(other := "Ceci n’est pas une base de données.\n".encode() * 50)
    assert "is not a database; move that file away" in await complaint(sqlite_url)
    assert sqlite_path.read_bytes() == other
    sqlite_path.write_bytes(whole[:1000] + b"\xff" * (len(whole) - 1000))
    assert "is damaged; stop the bot and bring back a backup" in await complaint(sqlite_url)
    with pytest.raises(Damaged):
        await Store.open(sqlite_url)


@pytest.mark.parametrize(("fault", "expected"), FAULTS)
async def test_a_full_or_read_only_disk_is_told_and_loses_nothing(sqlite_url: str, fault: str, expected: str) -> None:
    store = await Store.open(sqlite_url)
    await store.journal.receive("matrix", [event()], "s1")
    await pragma(store, fault)
    many = [event(f"${n}", content="x" * 5000) for n in range(50)]
    with pytest.raises(StoreError, match=expected) as raised:
        await store.journal.receive("matrix", many, "s2")
    assert "xxx" not in str(raised.value)
    assert (await store.journal.due(NOW), await store.journal.position("matrix")) == ([event()], "s1")
    await pragma(store, "query_only = OFF")
    await pragma(store, "max_page_count = 100000")
    assert await store.journal.receive("matrix", many, "s2") == 50
    await store.close()


async def test_a_postgresql_that_refuses_us_says_why_and_which_right_is_needed(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS guest")
        connection.execute("CREATE ROLE guest LOGIN")
        connection.execute("DO $$ BEGIN EXECUTE 'GRANT USAGE ON SCHEMA ' || current_schema() || ' TO guest'; END $$")
    as_guest = postgres_url.replace("postgres:@", "guest:@")
    for url, expected in (
        (postgres_url.replace("@/postgres", "@/absent"), "/absent does not exist; make the database first"),
        (postgres_url.replace("postgres:@", "nobody:@"), "refuses the account or its password"),
        *((as_guest, "grant it CREATE on the schema"), (f"{as_guest}_new", "grant it CREATE")),
    ):
        assert expected in await complaint(url)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("DROP OWNED BY guest; DROP ROLE guest")


def test_errors_of_postgresql_become_sentences() -> None:
    for error, expected in (
        (psycopg.errors.DiskFull("secret"), "the disk of postgresql://host/db is full"),
        (psycopg.errors.ReadOnlySqlTransaction("secret"), "is read-only"),
        (psycopg.errors.TooManyConnections("secret"), "has no room for another connection"),
        (psycopg.errors.AdminShutdown("secret"), "is going down or coming up"),
        (psycopg.errors.UndefinedColumn("secret"), "gave the error 42703 (PostgreSQL)"),
        (psycopg.OperationalError("secret"), "does not answer"),
    ):
        told = str(PostgresServer("postgresql://u:p@host/db").explain(error))
        assert expected in told, expected
        assert "secret" not in told, expected


# A look at the store from outside changes nothing; tests/doctor/test_doctor.py shows what it says of a file.


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


async def test_a_file_at_rest_is_not_touched_and_a_database_that_does_not_answer_is_said(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    await (await Store.open(url)).close()
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert inspect_store(url).tables == "current"
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before
    with pytest.raises(StoreError, match="does not work"):
        inspect_store("postgresql://nobody@127.0.0.1:9/none")
