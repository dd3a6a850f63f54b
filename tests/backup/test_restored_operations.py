"""A short walk at random, among whose misfortunes is the loss of the disk: `python tests/backup/walking.py` goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random

import pytest
import pytest_asyncio

from bot.demo.homeserver import Homeserver
from tests.backup.walking import Walk
from tests.reliability.scene import Scene, set_up

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def scene(homeserver: Homeserver, nest: Path, tmp_path: Path) -> AsyncIterator[Scene]:
    async with AsyncExitStack() as stack:
        yield await set_up(stack, homeserver, tmp_path, nest)


async def test_whatever_people_do_and_however_often_it_comes_back_from_a_backup_there_is_one_reply_a_question(
    scene: Scene,
) -> None:
    walk = Walk(scene, Random(7))
    try:
        await walk.run(14)
        result = await walk.settle(quiet=1)
    finally:
        await walk.stop()
    assert result.right, result
    assert result.whole, result
