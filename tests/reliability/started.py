"""What a test of a bot amid misfortunes begins with; each has a bot of its own, and all that it started ends with it.
The homeserver is one for all, and may be started again: only in the loop that started it, which is the session's."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from bot.demo.homeserver import Homeserver
from tests.reliability.doors import Doors, open_doors
from tests.reliability.forum import ForumScene, open_forum
from tests.reliability.scene import Scene, set_up

NewScene = Callable[..., Awaitable[Scene]]
NewDoors = Callable[..., Awaitable[Doors]]
NewForum = Callable[..., Awaitable[ForumScene]]


@pytest_asyncio.fixture(loop_scope="session")
async def exits() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
def new_scene(exits: AsyncExitStack, homeserver: Homeserver, nest: Path, tmp_path: Path) -> NewScene:
    """A room with people; see `set_up`."""
    return partial(set_up, exits, homeserver, tmp_path, nest)


@pytest.fixture
def new_doors(exits: AsyncExitStack, homeserver: Homeserver, nest: Path, tmp_path: Path) -> NewDoors:
    """A room and a forum; see `open_doors`."""
    return partial(open_doors, exits, homeserver, tmp_path, nest)


@pytest.fixture
def new_forum(exits: AsyncExitStack, nest: Path, tmp_path: Path) -> NewForum:
    """A forum alone; see `open_forum`."""
    return partial(open_forum, exits, tmp_path, nest)
