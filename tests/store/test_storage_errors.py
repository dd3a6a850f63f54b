"""Whatever a database does at any moment arrives as a sentence, without statement, parameters or words."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError

from bot.store import Store, StoreError, Unfit
from bot.store.tables import memory, questions
from tests.databases import execute, open_postgres
from tests.store.samples import NOW, event
from tests.waiting import PATIENCE

BREAK_OFF = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'concierge'"
SECRET = "s3cr3t"
WEST, EAST = timezone(timedelta(hours=-5)), timezone(timedelta(hours=14))
MOMENTS = {
    "beyond the last year": datetime(9999, 12, 31, 23, tzinfo=WEST),
    "before the first": datetime(1, 1, 1, tzinfo=EAST),
    "without a zone": datetime(2026, 11, 24),  # noqa: DTZ001 (that is the fault)
}

Work = Callable[[Connection], object]


@pytest_asyncio.fixture
async def served(postgres_url: str) -> AsyncIterator[Store]:
    """In PostgreSQL."""
    opened = await Store.open(postgres_url)
    yield opened
    await opened.close()


def keep(connection: Connection) -> None:
    connection.execute(memory.insert().values(name=SECRET, value=SECRET))


async def complaint(store: Store, work: Work, kind: type[StoreError] = StoreError) -> str:
    with pytest.raises(StoreError) as raised:
        await store.write(work)
    assert type(raised.value) is kind
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__
    said = str(raised.value)
    assert said.endswith(".")
    assert not [word for word in (SECRET, "INSERT", "SELECT", "SQL:") if word in said]
    return said


async def test_an_event_of_an_impossible_moment_is_a_sentence_and_nothing_of_its_batch_is_kept(store: Store) -> None:
    for name, moment in MOMENTS.items():
        with pytest.raises(Unfit, match="does not fit into the store") as raised:
            await store.journal.receive("matrix", [event("$1"), event("$2", content=SECRET, sent=moment)], "s1")
        assert raised.value.__cause__ is None, name
        assert SECRET not in str(raised.value), name
        assert await store.journal.position("matrix") is None, name
    assert await store.journal.receive("matrix", [event("$1")], "s2") == 1


async def test_a_number_that_no_column_holds_and_half_a_character_are_sentences(store: Store) -> None:
    await complaint(store, lambda here: here.execute(questions.insert().values(number=2**70, opened=NOW)), Unfit)
    await complaint(store, lambda here: here.execute(text("SELECT :one"), {"one": f"{SECRET}\ud800"}), Unfit)
    assert await store.queue.questions() == []


async def test_a_moment_that_cannot_be_read_back_is_no_database_that_does_not_answer(served: Store) -> None:
    said = await complaint(served, lambda here: here.scalar(text("SELECT timestamptz '10000-01-01'")), Unfit)
    assert "does not answer" not in said


def broken(url: str, then: str) -> Work:
    """Some work whose connection is broken off in the middle."""

    def work(connection: Connection) -> None:
        keep(connection)
        if then == "rows go on":
            many = text("SELECT generate_series(1, 100000)")
            with connection.execute(many, execution_options={"yield_per": 10}) as rows:
                next(iter(rows))
                execute(url, BREAK_OFF)
                rows.all()
        execute(url, BREAK_OFF)
        if then == "it goes on unnoticed":
            with suppress(DBAPIError):
                keep(connection)
        if then == "it fails":
            raise KeyError(SECRET)

    return work


async def test_a_connection_broken_in_the_middle_keeps_nothing_and_is_said(served: Store, postgres_url: str) -> None:
    for then in ("it ends", "it goes on unnoticed", "it fails", "rows go on"):
        await complaint(served, broken(postgres_url, then))
        assert await served.memory.get(SECRET) is None, then


async def test_a_connection_broken_while_a_write_waits_for_its_lease_is_said(served: Store, postgres_url: str) -> None:
    waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'concierge'"
    with psycopg.connect(postgres_url) as other:
        other.execute("SELECT * FROM leases FOR UPDATE")
        async with asyncio.timeout(PATIENCE):
            while True:  # it waits five seconds, each time
                writing = asyncio.create_task(served.write(keep))
                while not writing.done() and execute(postgres_url, waits) == [(0,)]:  # noqa: ASYNC110 (a server tells nobody)
                    await asyncio.sleep(0)
                execute(postgres_url, BREAK_OFF)
                with pytest.raises(StoreError) as raised:
                    await writing
                if "took too long" not in str(raised.value):
                    break
    assert raised.value.__cause__ is None
    assert "going down" in str(raised.value)
    assert await served.memory.get(SECRET) is None


async def test_a_server_that_is_gone_in_the_middle_and_after_it_is_a_sentence(tmp_path: Path) -> None:
    with open_postgres(tmp_path / "postgres") as address:
        store = await Store.open(address)
        server = int((tmp_path / "postgres" / "postmaster.pid").read_text(encoding="utf-8").split()[0])

        def stopped(connection: Connection) -> None:
            keep(connection)
            os.kill(server, signal.SIGQUIT)
            for _ in range(100_000):
                connection.execute(select(memory)).all()

        await complaint(store, stopped)
        assert "does not answer" in await complaint(store, keep)
        await store.close()
        with pytest.raises(StoreError, match="does not answer"):
            await Store.open(address)
