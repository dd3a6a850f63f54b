"""Whatever one person writes, in the room or on the forum, everybody else is answered and the bot stays up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from bot.demo.homeserver import Homeserver
from tests.reliability.doors import Doors, open_doors
from tests.reliability.harness import end
from tests.reliability.hostile import TEXTS, Attack

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def doors(homeserver: Homeserver, nest: Path, tmp_path: Path) -> AsyncIterator[Doors]:
    async with AsyncExitStack() as stack:
        yield await open_doors(stack, homeserver, tmp_path, nest)


async def test_whatever_one_person_writes_others_are_answered_and_the_bot_comes_back_when_it_is_killed(
    doors: Doors,
) -> None:
    attack = Attack(doors)
    process = await doors.room.concierge.start()
    await doors.room.introduced()
    await doors.forum.marked()
    await attack.health.begun()
    for text in TEXTS.values():
        async with attack.health.watched():
            await attack.endure(text)
        assert process.returncode is None
    await end(process)
    process = await doors.room.concierge.start()
    await attack.health.begun()
    async with attack.health.watched():
        await attack.endure(next(iter(TEXTS.values())))
    assert process.returncode is None
    assert attack.health.missed == 0
    await end(process)
