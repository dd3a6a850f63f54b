"""A short walk through the soak in encrypted rooms, with people whose client shares no code with the bot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random

import pytest
import pytest_asyncio

from bot.demo.homeserver import Homeserver
from tests.encryption.sealed import enter
from tests.reliability.operations import Operations
from tests.reliability.scene import Scene, set_up

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def scene(homeserver: Homeserver, nest: Path, tmp_path: Path) -> AsyncIterator[Scene]:
    async with AsyncExitStack() as stack:
        yield await set_up(stack, homeserver, tmp_path, nest, rooms=2, encrypted=True)


async def test_whatever_happens_there_is_one_reply_a_question_in_encrypted_rooms_too(
    scene: Scene, client_folder: Path
) -> None:
    async with AsyncExitStack() as stack:
        operations = Operations(scene, Random(21), *await enter(stack, scene, client_folder))
        stack.push_async_callback(operations.stop)
        await operations.run(12)
        result = await operations.settle(quiet=1)
    assert result.right, result
    assert result.whole, result
    in_clear = [raw for room in scene.rooms for raw in await scene.ana.history(room) if raw["type"] == "m.room.message"]
    assert in_clear == []
