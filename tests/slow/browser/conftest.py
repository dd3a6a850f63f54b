"""A browser for each test, one test at a time; a bot whose pages show the shipped answers."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.browser import CHROMIUM, NO_BROWSER, open_browser
from tests.web import running_pages

KNOWLEDGE = Path(__file__).parents[3] / "knowledge"
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All in one worker: two browsers at once are more than a small machine can bear."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip(NO_BROWSER)
    async with open_browser() as browser:
        yield browser


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """A copy of the answers that come with the program, to be changed as one likes."""
    return Path(shutil.copytree(KNOWLEDGE, tmp_path / "knowledge"))


@pytest.fixture
async def site(tmp_path: Path, shipped: Path) -> AsyncIterator[str]:
    """The address of a running bot's pages; it ends in a slash."""
    async with running_pages(tmp_path, shipped) as address:
        yield address
