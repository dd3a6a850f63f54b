"""One browser for all of a worker, a visitor of their own for each page; a bot whose pages show the shipped answers."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser import CHROMIUM, NO_BROWSER, open_browser
from tests.web import running_pages

KNOWLEDGE = Path(__file__).parents[3] / "knowledge"
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever uses the browser does so in its loop."""
    for item in items:
        if HERE in item.path.parents and "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip(NO_BROWSER)
    async with open_browser() as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The address of a running bot's pages; it ends in a slash."""
    folder = tmp_path_factory.mktemp("site")
    async with running_pages(folder, Path(shutil.copytree(KNOWLEDGE, folder / "knowledge"))) as address:
        yield address
