"""People and misfortunes at random, as `tests.reliability.operations` has them, and a disk that is lost now and then.

`python tests/backup/walking.py SEED…` walks further, on SQLite and on PostgreSQL in turns.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from bot.backup import back_up, restore
from bot.demo.homeserver import Homeserver
from tests.databases import lose, new_schema, open_postgres
from tests.reliability.nest import open_nest
from tests.reliability.operations import Operations, Somebody
from tests.reliability.scene import Scene, set_up

STEPS = 45


class Walk(Operations):
    """Without faults of the network and the homeserver: those are tried without this one."""

    def __init__(self, scene: Scene, random: Random, *people: Somebody) -> None:
        super().__init__(scene, random, *people)
        for operation in (self.fault, self.partition, self.restart_the_homeserver):
            del self._table[operation]
        self._table |= {self.back_up: 6, self.lose_the_disk: 4}

    async def back_up(self) -> bool:
        await asyncio.to_thread(back_up, self._url, self._var / "keys", self._file, force=True)
        return True

    async def lose_the_disk(self) -> bool:
        """Somebody asks before it is back."""
        if not self._file.exists():
            await self.back_up()
        await self.stop()
        await self.ask()
        shutil.rmtree(self._var)
        if database := self._scene.concierge.database:
            lose(database)
        restore(self._url, self._var / "keys", self._file)
        self._process = await self._scene.concierge.start()
        return True

    @property
    def _var(self) -> Path:
        return self._scene.concierge.folder / "var"

    @property
    def _url(self) -> str:
        return self._scene.concierge.database or f"sqlite:///{self._var}/concierge.db"

    @property
    def _file(self) -> Path:
        return self._scene.concierge.folder / "backup.zip"


async def walk(seeds: list[int], folder: Path) -> bool:
    right = True
    async with Homeserver() as homeserver, AsyncExitStack() as stack:
        nest, postgres = (
            stack.enter_context(open_nest(folder)),
            stack.enter_context(open_postgres(folder / "postgres")),
        )
        for number, seed in enumerate(seeds):
            database = new_schema(postgres) if number % 2 else ""
            scene = await set_up(stack, homeserver, folder / str(number), nest, rooms=2, database=database)
            one = Walk(scene, Random(seed))
            try:
                await one.run(STEPS)
                result = await one.settle()
            finally:
                await one.stop()
            right = right and result.right
            print(seed, "PostgreSQL" if database else "SQLite", result, flush=True)
    return right


if __name__ == "__main__":
    with TemporaryDirectory() as made:
        sys.exit(not asyncio.run(walk([int(seed) for seed in sys.argv[1:]], Path(made))))
