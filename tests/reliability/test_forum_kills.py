"""One reply a post on a forum, which knows no transactions, though the bot is killed on the way."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.forum.faults import FAULTS, dropped, held, lost
from tests.reliability.dying import POINTS
from tests.reliability.forum import CATEGORY, OTHER, QUESTION, ForumScene, open_forum
from tests.reliability.harness import end
from tests.waiting import PATIENCE

NewForum = Callable[..., Awaitable[ForumScene]]
CREATE = "POST /posts"
TRIED = {name: fault for name, fault in FAULTS.items() if name not in ("429 of the search", "429 of nginx")}
"""Those two ask for no time: the bot pauses longer than this test shall take."""


@pytest.fixture
async def new_forum(nest: Path, tmp_path: Path) -> AsyncIterator[NewForum]:
    async with AsyncExitStack() as stack:

        async def new(**settings: Any) -> ForumScene:
            return await open_forum(stack, tmp_path, nest, **settings)

        yield new


async def test_a_post_on_whose_path_the_bot_dies_at_every_step_gets_one_reply(
    new_forum: NewForum, database: str
) -> None:
    scene = await new_forum(database=database)
    async with scene.program.process():
        await scene.marked()
    post = scene.ask()
    for point in POINTS:
        process = await scene.program.start(point)
        async with asyncio.timeout(PATIENCE):
            assert await process.wait() == -signal.SIGKILL, point
    async with scene.program.process():
        await scene.one_reply_each(post)


@pytest.mark.soak
async def test_the_same_on_an_old_server(new_forum: NewForum) -> None:
    scene = await new_forum(old=True)
    async with scene.program.process():
        await scene.marked()
    post = scene.ask()
    for point in ("after the journal", "after the outbox", "after it is sent, before that is marked"):
        process = await scene.program.start(point)
        async with asyncio.timeout(PATIENCE):
            assert await process.wait() == -signal.SIGKILL, point
    async with scene.program.process():
        await scene.one_reply_each(post)


async def test_a_bot_that_dies_while_its_post_is_being_taken_does_not_post_again(new_forum: NewForum) -> None:
    scene = await new_forum()
    answered = asyncio.Event()
    async with scene.program.process() as process:
        await scene.marked()
        scene.forum.fail_next(CREATE, held(answered, after=True))
        post = scene.ask()
        await scene.until(lambda: scene.tally().replies)
        await end(process)
    answered.set()
    async with scene.program.process():
        await scene.one_reply_each(post)


@pytest.mark.soak
async def test_one_reply_each_though_the_forum_answers_with_faults_of_all_kinds(new_forum: NewForum) -> None:
    scene = await new_forum()
    async with scene.program.up():
        await scene.marked()
        for number, (name, fault) in enumerate(TRIED.items()):
            scene.forum.fail_next(CREATE, fault)
            post = scene.forum.say("ana", CATEGORY, QUESTION, title=f"Une question de plus, la {number} du jour")
            await scene.until_answered(post)
            assert scene.forum.waiting == 0, name
        await scene.one_reply_each(*(topic.posts[0] for topic in list(scene.forum.board.topics.values())[1:]))
    assert scene.forum.impatient() == []


async def test_one_reply_though_the_answer_is_lost_again_and_again(new_forum: NewForum) -> None:
    scene = await new_forum()
    async with scene.program.up():
        await scene.marked()
        scene.forum.fail_next(CREATE, lost(dropped), times=3)
        posts = [scene.ask(), scene.forum.say("ben", CATEGORY, OTHER, title="Où sont donc les modèles ?")]
        await scene.one_reply_each(*posts)


@pytest.mark.parametrize("seed", [1])
async def test_posts_written_while_it_is_killed_and_started_again_get_one_reply_each(
    new_forum: NewForum, seed: int
) -> None:
    scene, random = await new_forum(), Random(seed)
    async with scene.program.process():
        await scene.marked()
    posts = []
    for kill in range(3):
        process = await scene.program.start()
        for number in range(4):
            title = f"Une question de plus, la {kill}{number} du jour"
            posts.append(scene.forum.say(random.choice(("ana", "ben")), CATEGORY, QUESTION, title=title))
            await asyncio.sleep(random.uniform(0, 0.6))
        await end(process)
    async with scene.program.process():
        await scene.one_reply_each(*posts)
