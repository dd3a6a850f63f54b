"""Every test of the store runs on both databases: a SQLite file and a schema of a real PostgreSQL."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from store_samples import Sql

from bot.store import Store
from tests.databases import execute

_numbers = itertools.count(1)


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
    return lambda statement: execute(url, statement)
