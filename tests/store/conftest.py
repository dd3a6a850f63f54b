"""Every test of the store runs on both databases: a SQLite file and a schema of a real PostgreSQL."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.store import Store
from tests.databases import execute
from tests.store.samples import Sql


@pytest.fixture
def address(request: pytest.FixtureRequest, database_kind: str) -> str:
    """Tables that are made and empty; no tables yet where a test asks for `url`."""
    return str(request.getfixturevalue("url" if "url" in request.fixturenames else "ready_url"))


@pytest_asyncio.fixture
async def store(address: str) -> AsyncIterator[Store]:
    opened = await Store.open(address)
    yield opened
    await opened.close()


@pytest.fixture
def sql(address: str) -> Sql:
    """Looks into the tables, or changes them, past the store."""
    return lambda statement: execute(address, statement)
