"""A browser for each test, one test at a time; a bot whose pages show the shipped answers."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from bot.demo.homeserver import free_port
from tests.browser import CHROMIUM, NO_BROWSER, open_browser
from tests.waiting import PATIENCE
from tests.web import answering, running

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
    """The address of a running bot's pages, which can be read; it ends in a slash. Its forum cannot be reached."""
    port = free_port()
    forum = {"url": f"http://127.0.0.1:{free_port()}", "username": "concierge"}
    async with running(tmp_path, shipped, port, discourse=forum, web={"port": port, "pages": True}) as http:
        await answering(http)
        async with asyncio.timeout(PATIENCE):
            while (await http.get("/")).status_code != 200:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        yield f"http://127.0.0.1:{port}/"
