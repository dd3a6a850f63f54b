"""One reply a post on a forum, which knows no transactions, whatever happens; at the end a short walk of the soak."""

import asyncio
from random import Random

import pytest

from tests.forum.faults import dropped, held, lost
from tests.reliability.dying import POINTS
from tests.reliability.forum import CATEGORY, OTHER
from tests.reliability.forum_operations import ForumOperations
from tests.reliability.harness import end
from tests.reliability.started import NewForum
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

CREATE = "POST /posts"


async def test_a_post_at_every_step_of_which_the_bot_dies_gets_one_reply(new_forum: NewForum, database: str) -> None:
    scene = await new_forum(database=database)
    async with scene.program.process():
        await scene.marked()
    post = scene.ask()
    await scene.program.dies_at(*POINTS)
    async with scene.program.process():
        await scene.one_reply_each(post)


async def test_one_post_though_the_bot_dies_while_it_is_taken_or_its_answer_is_lost(new_forum: NewForum) -> None:
    scene = await new_forum()
    answered = asyncio.Event()
    async with scene.program.process() as process:
        await scene.marked()
        scene.forum.fail_next(CREATE, held(answered, after=True))
        first = scene.ask()
        await until(lambda: scene.tally().replies)
        await end(process)
    answered.set()
    async with scene.program.process():
        await scene.until_answered(first)
        scene.forum.fail_next(CREATE, lost(dropped), times=3)
        posts = [scene.ask(), scene.forum.say("ben", CATEGORY, OTHER, title="Où sont donc les modèles ?")]
        await scene.one_reply_each(first, *posts)


async def test_whatever_happens_there_is_one_reply_a_call_and_no_request_during_a_pause(new_forum: NewForum) -> None:
    result = await ForumOperations(await new_forum(hook=True), Random(7), slow=False).walked(30, seconds=400, quiet=1)
    assert result.right, result
    assert result.hasty == 0
    assert result.calls > 10
