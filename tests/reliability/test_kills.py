"""One reply a question, though the bot is killed on the way: SIGKILL, as a full memory or a pulled plug would do it."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from tests.reliability.dying import POINTS
from tests.reliability.harness import ASKED, answered, end
from tests.reliability.kills import kill_at_random
from tests.reliability.started import NewScene

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_question_on_whose_path_the_bot_dies_at_every_step_gets_one_reply_and_so_does_what_answers_that(
    new_scene: NewScene, database: str
) -> None:
    """Bob writes in answer to a reply of which the bot does not know yet that it was sent."""
    scene = await new_scene(database=database)
    async with scene.concierge.process():
        await scene.introduced()
    question = await scene.ana.say(scene.room, ASKED)
    *before, last = POINTS
    await scene.concierge.dies_at(*before)
    (reply,) = [raw for raw in await scene.ana.history(scene.room) if answered(raw) == question]
    more = await scene.bob.reply(scene.room, reply["event_id"], "et une fiche de poste ?")
    await scene.concierge.dies_at(last)
    async with scene.concierge.process():
        await scene.one_reply_each(question, more)


@pytest.mark.thorough
async def test_questions_asked_while_it_is_killed_and_started_again_get_one_reply_each(
    new_scene: NewScene, database: str
) -> None:
    scene = await new_scene(database=database)
    async with scene.concierge.process():
        await scene.introduced()
    questions = await kill_at_random(scene, Random(2 if database else 1), kills=2)
    async with scene.concierge.process():
        await scene.one_reply_each(*questions)


@pytest.mark.thorough
async def test_a_second_process_waits_and_takes_over_at_once_when_the_first_is_killed(
    new_scene: NewScene, database: str
) -> None:
    scene = await new_scene(database=database)
    clock = asyncio.get_running_loop().time
    begun = clock()
    async with scene.concierge.process() as first:
        await scene.introduced()
        started = clock() - begun
        async with scene.concierge.process():
            await scene.concierge.says("Waiting until it ends.")
            before = await scene.ana.say(scene.room, ASKED)
            await scene.until_answered(before)
            await end(first)
            after = await scene.ana.say(scene.room, ASKED)
            await scene.one_reply_each(before, after, seconds=10 + 3 * started)
    assert scene.concierge.log.count("Waiting until") == 1
