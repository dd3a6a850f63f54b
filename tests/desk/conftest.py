"""The desk of a scene that has knowledge files, and a moderator's browser before it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.desk.browsing import Browser, browsing
from tests.scene import Scene


@pytest.fixture
async def browser(desk: Scene) -> AsyncIterator[Browser]:
    """Before anybody entered."""
    async with browsing(desk) as browser:
        yield browser


@pytest.fixture
async def inside(browser: Browser) -> Browser:
    """A moderator has entered."""
    await browser.enter()
    return browser
