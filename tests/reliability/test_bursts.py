"""Many questions at once: all are answered, each once. Homeservers that limit the bot: `make soak ARGS=limits`."""

from __future__ import annotations

import asyncio

import pytest

from tests.reliability.asking import BURST, burst
from tests.reliability.proxy import MESSAGES, SYNC, held
from tests.reliability.started import NewScene

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    ("gap", "count"),
    [
        pytest.param(False, 60, id="as they come", marks=pytest.mark.thorough),
        pytest.param(True, BURST, id="after they all came, behind a gap", marks=pytest.mark.soak),
    ],
)
async def test_a_burst_right_after_it_joined_is_answered_whole(
    new_scene: NewScene, database: str, gap: bool, count: int
) -> None:
    scene = await new_scene(database=database)
    released = asyncio.Event()
    async with scene.concierge.up():
        await scene.joined()
        if gap:
            scene.proxy.fail(SYNC, held(released))
        questions = await burst(scene.ana, scene.room, count)
        released.set()
        await scene.one_reply_each(*questions)
    assert gap <= any(path.endswith(MESSAGES) for _, path, _ in scene.proxy.requests)
