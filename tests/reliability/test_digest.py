"""The weekly post in a real room and on a forum: one in each, whatever ends or publishes it again."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tests.reliability.dying import DIGEST
from tests.reliability.moved import movable
from tests.reliability.started import NewDoors
from tests.reliability.week import TITLE, Digest

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.thorough
async def test_killed_at_each_step_in_as_many_weeks_and_then_published_by_hand_one_post_a_week_is_in_each_place(
    new_doors: NewDoors, database: str
) -> None:
    digest = Digest.set_up(await new_doors(database=database))
    weeks = len(DIGEST) + 1
    with movable() as clock:
        async with digest.bot.up():
            await digest.pass_the_week()
        for week, point in enumerate(DIGEST):
            clock.to(digest.moment + timedelta(days=7 * week, hours=1), digest.doors)
            digest.retitle(f"{TITLE}, de la semaine {week}")
            await digest.bot.dies_at(point)
            async with digest.bot.process():
                await digest.until_posted(week + 1)
            assert await digest.posts() == (week + 1, week + 1), point
        clock.to(digest.moment + timedelta(days=7 * len(DIGEST), hours=1), digest.doors)
    ahead = timedelta(seconds=digest.bot.ahead)
    digest.retitle(f"{TITLE}, de la dernière semaine")
    shown = await asyncio.gather(*(digest.by_hand(ahead) for _ in range(2)))  # one of them finds the other at work
    assert await digest.posts() == (weeks, weeks)
    assert any("cette commande l’a envoyée elle-même" in one for one in shown)
    before = len(await digest.edits())
    digest.retitle(f"{TITLE}, version 3")
    assert "le même message a reçu le nouveau texte" in await digest.by_hand(ahead)
    edits, posts = await digest.edits(), digest.on_the_forum()
    assert len(edits) == before + 1
    assert "version 3" in edits[0]["content"]["body"]
    assert ["version 3" in post.raw for post in posts] == [False] * len(DIGEST) + [True]
    async with digest.bot.process():
        await digest.bot.says("annonces same")
    assert await digest.posts() == (weeks, weeks)
