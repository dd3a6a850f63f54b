"""People and misfortunes at random, as `tests.reliability.operations` has them, and a disk that is lost at times."""

import asyncio
import shutil
from pathlib import Path
from random import Random

from bot.backup import back_up, restore
from tests.databases import lose
from tests.reliability.operations import Operations, Somebody
from tests.reliability.scene import Scene


class Walk(Operations):
    """Without faults of the network and the homeserver: those are tried without this one."""

    def __init__(self, scene: Scene, random: Random, *people: Somebody) -> None:
        super().__init__(scene, random, *people)
        for operation in (self.fault, self.partition, self.restart_the_homeserver):
            del self._table[operation]
        self._table |= {self.back_up: 6, self.lose_the_disk: 4}

    async def back_up(self) -> bool:
        await asyncio.to_thread(back_up, self._scene.concierge.url, self._var / "keys", self._file, force=True)
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
        restore(self._scene.concierge.url, self._var / "keys", self._file)
        self._process = await self._scene.concierge.start()
        return True

    @property
    def _var(self) -> Path:
        return self._scene.concierge.folder / "var"

    @property
    def _file(self) -> Path:
        return self._scene.concierge.folder / "backup.zip"
