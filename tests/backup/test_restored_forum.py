"""A bot on a forum that came back from a backup: a forum knows no transactions, so its topics are read."""

from __future__ import annotations

import shutil
from contextlib import AsyncExitStack
from pathlib import Path

from bot.backup import back_up, restore
from tests.reliability.forum import CATEGORY, OTHER, QUESTION, open_forum
from tests.reliability.harness import end


async def test_a_post_that_was_answered_after_the_backup_gets_no_second_reply(nest: Path, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        scene = await open_forum(stack, tmp_path, nest)
        var, file = scene.program.folder / "var", tmp_path / "b.zip"
        url, keys = f"sqlite:///{var}/concierge.db", var / "keys"
        process = await scene.program.start()
        await scene.marked()
        first = scene.ask()
        await scene.until_answered(first)
        back_up(url, keys, file)
        since = [scene.ask("ben", OTHER), scene.forum.say("ana", CATEGORY, QUESTION, title="Une question de plus")]
        await scene.until_answered(*since)
        await end(process)
        down = scene.ask("ana", "@concierge qui paie le café ?")
        shutil.rmtree(var)
        restore(url, keys, file)
        async with scene.program.up():
            await scene.one_reply_each(first, *since, down)
