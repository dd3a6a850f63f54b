"""The weekly post in a real room and on a forum: one in each, whatever ends, fails or publishes it again."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tests.reliability.dying import DIGEST
from tests.reliability.moved import movable
from tests.reliability.started import NewDoors
from tests.reliability.week import TITLE, TOPIC, Digest

FORGET = "!concierge oublie-moi"
pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.soak
async def test_the_clock_posts_a_week_and_by_hand_three_times_more_it_stays_one_post_in_each_place(
    new_doors: NewDoors, database: str
) -> None:
    digest = Digest.set_up(await new_doors(database=database))
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


async def test_a_question_that_is_withdrawn_leaves_the_digest_at_once(
    new_doors: NewDoors, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = Digest.set_up(await new_doors())
    with movable() as clock, monkeypatch.context() as patch:
        patch.setattr("bot.workers.digest_job.TICK", 100_000.0)
        async with digest.bot.up():
            await digest.pass_the_week()
        clock.to(digest.moment + timedelta(hours=1), digest.doors)
        room = digest.doors.room
        async with digest.bot.up():
            await digest.until_posted()
            (notice,) = await digest.in_the_room()
            await room.bob.say(room.room, FORGET)
            await digest.until_edited(1)
    (edit,) = await digest.edits()
    assert "moissonneuse" in notice["content"]["body"]
    assert "moissonneuse" not in edit["content"]["body"]


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
