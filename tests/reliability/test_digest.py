"""The weekly post in a real room and on a forum: one in each, whatever ends, fails or publishes it again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.demo.homeserver import Homeserver
from tests.reliability.conftest import thorough
from tests.reliability.doors import open_doors
from tests.reliability.dying import DIGEST
from tests.reliability.moved import movable
from tests.reliability.week import TITLE, TOPIC, Digest
from tests.waiting import PATIENCE

FORGET = "!concierge oublie-moi"
NewDigest = Callable[..., Awaitable[Digest]]


@pytest_asyncio.fixture
async def new_digest(homeserver: Homeserver, nest: Path, tmp_path: Path) -> AsyncIterator[NewDigest]:
    async with AsyncExitStack() as stack:

        async def new(**settings: Any) -> Digest:
            return Digest.set_up(await open_doors(stack, homeserver, tmp_path, nest, **settings))

        yield new


@pytest.mark.soak
async def test_the_clock_posts_a_week_and_by_hand_three_times_more_it_stays_one_post_in_each_place(
    new_digest: NewDigest,
) -> None:
    digest = await new_digest()
    with movable() as clock:
        async with digest.bot.up():
            await digest.pass_the_week()
            assert await digest.posts() == (0, 0)
            await digest.come(clock)
            (notice,), (topic,) = await digest.in_the_room(), [post.raw for post in digest.on_the_forum()]
            shown = [await digest.by_hand(clock.ahead)]
            digest.retitle(f"{TITLE}, version 3")
            shown += [await digest.by_hand(clock.ahead) for _ in range(2)]
            (edit,) = await digest.edits()
            await digest.doors.room.bob.redact(digest.doors.room.room, digest.strange)
            await digest.until_edited(2)
    assert await digest.posts() == (1, 1)
    body = notice["content"]["body"].replace("\u00a0", " ")
    for words in ("version 2", "Se former à la facilitation", "(2 fois)", "moissonneuse", "Prusa", TOPIC):
        assert words in body
    assert notice["content"]["msgtype"] == "m.notice"
    assert notice["content"]["m.mentions"] == {}
    for words in ("version 2", "(2\u00a0fois)", TOPIC):
        assert words in topic
    assert "moissonneuse" not in topic
    assert "Déjà publiée, sans rien de nouveau" in shown[0]
    assert "le même message a reçu le nouveau texte" in shown[1]
    assert "c’est lui qui l’a envoyée" in shown[1]
    assert "Déjà publiée, sans rien de nouveau" in shown[2]
    (post,), (newest, _) = digest.on_the_forum(), await digest.edits()
    assert edit["content"]["m.relates_to"]["event_id"] == notice["event_id"]
    assert "moissonneuse" in edit["content"]["body"]
    assert "moissonneuse" not in newest["content"]["body"]  # deleted by who had asked it
    assert "version 3" in edit["content"]["body"]
    assert "version 3" in post.raw
    assert post.topic.title.startswith("Semaine du")


@pytest.mark.parametrize("deleted", [False, True], ids=["forgotten", "deleted"])
async def test_a_question_that_is_withdrawn_leaves_the_digest_at_once(
    new_digest: NewDigest, monkeypatch: pytest.MonkeyPatch, deleted: bool
) -> None:
    digest = await new_digest()
    with movable() as clock, monkeypatch.context() as patch:
        patch.setattr("bot.workers.digest_job.TICK", 100_000.0)
        async with digest.bot.up():
            await digest.pass_the_week()
        clock.to(digest.moment + timedelta(hours=1), digest.doors)
        room = digest.doors.room
        async with digest.bot.up():
            await digest.until_posted()
            (notice,) = await digest.in_the_room()
            await (room.bob.redact(room.room, digest.strange) if deleted else room.bob.say(room.room, FORGET))
            await digest.until_edited(1)
    (edit,) = await digest.edits()
    assert "moissonneuse" in notice["content"]["body"]
    assert "moissonneuse" not in edit["content"]["body"]


async def passed(digest: Digest) -> None:
    """The week; its bot is down when the moment comes, and so is the forum's and the homeserver's time moved."""
    with movable() as clock:
        async with digest.bot.up():
            await digest.pass_the_week()
        clock.to(digest.moment + timedelta(hours=1), digest.doors)


@thorough
async def test_without_a_bot_the_command_posts_by_itself_and_the_clock_finds_it_done(
    new_digest: NewDigest, database: str
) -> None:
    digest = await new_digest(database=database)
    await passed(digest)
    ahead = timedelta(seconds=digest.bot.ahead)
    shown = await asyncio.gather(*(digest.by_hand(ahead) for _ in range(2)))  # one of them finds the other at work
    assert await digest.posts() == (1, 1)
    assert any("cette commande l’a envoyée elle-même" in one for one in shown)
    digest.retitle(f"{TITLE}, version 3")
    assert "le même message a reçu le nouveau texte" in await digest.by_hand(ahead)
    (edit,), (post,) = await digest.edits(), digest.on_the_forum()
    assert "version 3" in edit["content"]["body"]
    assert "version 3" in post.raw
    async with digest.bot.process():
        await digest.bot.says("annonces same")
    assert await digest.posts() == (1, 1)


@thorough
async def test_killed_at_each_step_in_as_many_weeks_one_post_a_week_is_in_each_place(
    new_digest: NewDigest, database: str
) -> None:
    digest = await new_digest(database=database)
    with movable() as clock:
        async with digest.bot.up():
            await digest.pass_the_week()
        for week, point in enumerate(DIGEST):
            clock.to(digest.moment + timedelta(days=7 * week, hours=1), digest.doors)
            digest.retitle(f"{TITLE}, de la semaine {week}")
            killed = await digest.bot.start(point)
            assert await asyncio.wait_for(killed.wait(), PATIENCE) < 0, point
            async with digest.bot.process():
                await digest.until_posted(week + 1)
            assert await digest.posts() == (week + 1, week + 1), point


async def test_a_forum_that_is_down_gets_its_post_when_it_is_back(new_digest: NewDigest) -> None:
    digest = await new_digest()
    await passed(digest)
    digest.doors.forum.forum.down = True
    async with digest.bot.process():
        async with asyncio.timeout(PATIENCE):
            while not await digest.in_the_room():  # noqa: ASYNC110 (a room tells nobody)
                await asyncio.sleep(0.2)
        assert digest.on_the_forum() == []
        digest.doors.forum.forum.heal()
        await digest.until_posted()
    assert await digest.posts() == (1, 1)
