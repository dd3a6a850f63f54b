"""Many questions at once: all are answered, each once. Homeservers that limit the bot: `make soak ARGS=limits`."""

from __future__ import annotations

import asyncio

import pytest

from tests.reliability.bursts import BURST, burst
from tests.reliability.harness import ASKED
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


@pytest.mark.thorough
async def test_a_burst_of_one_person_delays_nobody_else(new_scene: NewScene, database: str) -> None:
    scene = await new_scene(database=database)
    async with scene.concierge.up():
        await scene.introduced()
        questions = await burst(scene.ana, scene.room, 40)
        other = await scene.bob.say(scene.room, ASKED)
        await scene.until_answered(other)
        assert len((await scene.tally()).lost(questions)) > 10
        await scene.one_reply_each(*questions)


@pytest.mark.thorough
async def test_a_flood_silences_one_person_and_harms_no_other(new_scene: NewScene, database: str) -> None:
    scene = await new_scene(database=database, flood={"questions": 3, "minutes": 10})
    async with scene.concierge.up():
        await scene.introduced()
        flood = await burst(scene.ana, scene.room, 10)
        others = [await scene.bob.say(scene.room, ASKED) for _ in range(2)]
        await scene.until_answered(*others)
        again = await scene.ana.say(scene.room, ASKED)
        last = await scene.bob.say(scene.room, ASKED)
        await scene.until_answered(last)
    found = await scene.tally()
    assert sum(found.replies[question] for question in flood) == 4  # three answers, and one sentence about it
    assert max(found.replies.values()) == 1
    assert found.replies[again] == 0
