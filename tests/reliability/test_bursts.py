"""Many questions at once, and homeservers that limit how fast the bot may answer: all are answered, each once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from bot.demo.homeserver import Homeserver
from tests.reliability.bursts import BURST, ask_in_turn, burst
from tests.reliability.conftest import NewScene, thorough
from tests.reliability.harness import ASKED
from tests.reliability.proxy import MESSAGES, SYNC, held
from tests.reliability.scene import Scene, set_up

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    ("gap", "count"),
    [
        pytest.param(False, 60, id="as they come", marks=thorough),
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


@thorough
async def test_a_burst_of_one_person_delays_nobody_else(new_scene: NewScene, database: str) -> None:
    scene = await new_scene(database=database)
    async with scene.concierge.up():
        await scene.introduced()
        questions = await burst(scene.ana, scene.room, 40)
        other = await scene.bob.say(scene.room, ASKED)
        await scene.until_answered(other)
        assert len((await scene.tally()).lost(questions)) > 10
        await scene.one_reply_each(*questions)


@thorough
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


@pytest_asyncio.fixture(loop_scope="session")
async def limited(nest: Path, tmp_path: Path) -> AsyncIterator[Scene]:
    """A homeserver with Synapse's limit, but five times as fast; the default one is in `make soak`."""
    limit = {"rc_message": {"per_second": 1, "burst_count": 10}}
    async with Homeserver(limits=True, settings=limit) as server, AsyncExitStack() as stack:
        yield await set_up(stack, server, tmp_path, nest)


@pytest.mark.soak
async def test_under_a_rate_limit_twenty_questions_of_two_people_are_answered_later_but_once(limited: Scene) -> None:
    async with limited.concierge.up():
        await limited.introduced()
        asked = await asyncio.gather(*(ask_in_turn(who, limited.room, 10) for who in (limited.ana, limited.bob)))
        await limited.until_answered(*asked[0], *asked[1])
        await limited.one_reply_each(*asked[0], *asked[1])
    refused = [path for _, path, status in limited.proxy.requests if status == 429 and "/send/" in path]
    assert refused, "it was never too fast"
    assert len(refused) < 30
