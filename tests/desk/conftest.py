"""The desk of a scene that has knowledge files, and a moderator's browser before it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.knowledge.editor import Editor
from bot.knowledge.git import GitHistory, git
from bot.locale import wording
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


@pytest.fixture
def repository(desk: Scene, folder: Path) -> Path:
    """The folder as a git repository, with the editor that commits to it."""
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    names = {f"GIT_{role}_{what}": "Main" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    git(folder, "commit", "--quiet", "--message=au début", environment=names)
    desk.ruled(editor=Editor(folder, GitHistory("Concierge", wording("fr"))))
    return folder
