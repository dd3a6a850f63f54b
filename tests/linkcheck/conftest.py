from collections.abc import AsyncIterator

import pytest

from tests.linkcheck.website import Site, open_site


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site() as site:
        yield site
