"""A bot that came back from a backup, at work again: what was answered since is not answered twice."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from bot.backup import back_up, restore
from bot.demo.homeserver import Homeserver
from tests.databases import lose
from tests.reliability.harness import ASKED, end
from tests.reliability.scene import Scene, set_up

pytestmark = pytest.mark.asyncio(loop_scope="session")


@dataclass
class Kept:
    """A scene whose bot has a backup."""

    scene: Scene
    file: Path

    @property
    def url(self) -> str:
        return self.scene.concierge.database or f"sqlite:///{self.var}/concierge.db"

    @property
    def var(self) -> Path:
        return self.scene.concierge.folder / "var"

    def back_up(self) -> None:
        back_up(self.url, self.var / "keys", self.file)

    def lose_and_restore(self) -> None:
        shutil.rmtree(self.var)
        if self.scene.concierge.database:
            lose(self.scene.concierge.database)
        restore(self.url, self.var / "keys", self.file)


@pytest_asyncio.fixture(loop_scope="session")
async def kept(homeserver: Homeserver, nest: Path, tmp_path: Path, database: str) -> AsyncIterator[Kept]:
    async with AsyncExitStack() as stack:
        scene = await set_up(stack, homeserver, tmp_path, nest, database=database)
        yield Kept(scene, tmp_path / "backup.zip")


@pytest.mark.parametrize("login", ["kept", pytest.param("ended", marks=pytest.mark.soak)])
async def test_what_was_answered_after_the_backup_gets_no_second_reply(kept: Kept, login: str) -> None:
    """Within one login the homeserver knows the transactions again, after another one nothing but the room tells."""
    scene = kept.scene
    process = await scene.concierge.start()
    await scene.introduced()
    first = await scene.ana.say(scene.room, ASKED)
    await scene.until_answered(first)
    kept.back_up()
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
    kept.lose_and_restore()
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
