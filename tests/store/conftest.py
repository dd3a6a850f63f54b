"""Every test of the store runs on both databases: a SQLite file and a schema of a real PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.store import Store
from tests.databases import execute
from tests.store.samples import Sql


@pytest_asyncio.fixture
async def store(url: str) -> AsyncIterator[Store]:
    opened = await Store.open(url)
    yield opened
    await opened.close()


@pytest.fixture
def sql(url: str) -> Sql:
    """Looks into the tables, or changes them, past the store."""
    return lambda statement: execute(url, statement)
