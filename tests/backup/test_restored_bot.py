"""A bot that came back from a backup, at work again: what was answered since is not answered twice."""

import shutil
from pathlib import Path

import pytest

from bot.backup import back_up, restore
from tests.databases import lose
from tests.reliability.forum import CATEGORY, OTHER, QUESTION
from tests.reliability.harness import ASKED, Program, end
from tests.reliability.started import NewForum, NewScene

pytestmark = pytest.mark.asyncio(loop_scope="session")


def keep(program: Program, file: Path) -> None:
    back_up(program.url, program.folder / "var" / "keys", file)


def lose_and_restore(program: Program, file: Path) -> None:
    shutil.rmtree(program.folder / "var")
    if program.database:
        lose(program.database)
    restore(program.url, program.folder / "var" / "keys", file)


@pytest.mark.parametrize("login", ["kept", pytest.param("ended", marks=pytest.mark.soak)])
async def test_no_second_reply_after_a_restore(new_scene: NewScene, tmp_path: Path, database: str, login: str) -> None:
    """Within one login the homeserver knows the transactions again, after another one nothing but the room tells."""
    scene = await new_scene(database=database)
    process = await scene.concierge.start()
    await scene.introduced()
    first = await scene.ana.say(scene.room, ASKED)
    await scene.until_answered(first)
    keep(scene.concierge, tmp_path / "b.zip")
    second = await scene.ana.say(scene.room, ASKED)
    third = await scene.bob.say(scene.room, "concierge : qui paie le café ?")
    deleted = await scene.bob.say(scene.room, ASKED)
    changed = await scene.ana.say(scene.room, "concierge : qui paie le thé ?")
    await scene.until_answered(second, third, deleted, changed)
    (unwanted,) = [raw for raw in await scene.ana.history(scene.room) if changed in str(raw["content"])]
    await scene.ana.redact(scene.room, unwanted["event_id"])
    await scene.ana.edit(scene.room, changed, "concierge : Où trouver une fiche de poste ?")
    await end(process)
    await scene.bob.redact(scene.room, deleted)
    fourth = await scene.bob.say(scene.room, ASKED)
    lose_and_restore(scene.concierge, tmp_path / "b.zip")
    if login == "ended":
        await scene.log_out_everywhere()
    async with scene.concierge.up():
        await scene.one_reply_each(first, second, third, fourth)
        await scene.ana.edit(scene.room, second, "concierge : Où trouver une fiche de poste ?")
        await scene.one_reply_each(first, second, third, fourth)
        assert (await scene.tally()).replies[deleted] == 0  # its answer went with it, though no row knew of that
        assert (await scene.tally()).replies[changed] == 0  # somebody deleted it, which is final
    introductions = [raw for raw in await scene.ana.history(scene.room) if "Je suis Concierge" in str(raw["content"])]
    assert len(introductions) == 1


async def test_a_post_answered_after_the_backup_gets_no_second_reply(new_forum: NewForum, tmp_path: Path) -> None:
    """A forum knows no transactions, so its topics are read."""
    scene = await new_forum()
    process = await scene.program.start()
    await scene.marked()
    first = scene.ask()
    await scene.until_answered(first)
    keep(scene.program, tmp_path / "b.zip")
    since = [scene.ask("ben", OTHER), scene.forum.say("ana", CATEGORY, QUESTION, title="Une question de plus")]
    await scene.until_answered(*since)
    await end(process)
    down = scene.ask("ana", "@concierge qui paie le café ?")
    lose_and_restore(scene.program, tmp_path / "b.zip")
    async with scene.program.up():
        await scene.one_reply_each(first, *since, down)
