"""Two workers share networks on one database; one dies, freezes, is cut off: the other goes on for it."""

import asyncio
from pathlib import Path

import pytest

from bot.demo.homeserver import Homeserver
from tests.reliability.fleet import Fleet, open_fleet
from tests.waiting import beside


async def all_are_answered(fleet: Fleet) -> None:
    for network in fleet.networks:
        await fleet.ask(network)
    await fleet.settled()


async def test_networks_of_a_dead_worker_are_taken_over(homeserver: Homeserver, postgres: str, tmp_path: Path) -> None:
    async with open_fleet(homeserver, tmp_path, postgres, workers=2, networks=2) as fleet:
        one, two = fleet.workers
        async with beside(fleet.watch()):
            await one.start()
            await fleet.introduced()
            await two.start()
            await two.serves(1)
            await all_are_answered(fleet)
            await one.end()
            await all_are_answered(fleet)
        assert await fleet.wrong() == ([], [])


@pytest.mark.soak
async def test_a_worker_frozen_or_cut_off_doubles_none(homeserver: Homeserver, postgres: str, tmp_path: Path) -> None:
    async with open_fleet(homeserver, tmp_path, postgres, workers=2, networks=4) as fleet:
        async with beside(fleet.watch()):
            for worker in fleet.workers:
                await worker.start()
            await fleet.introduced()
            for worker in fleet.workers:
                for misfortune in (worker.freeze, worker.cut_off):
                    away = asyncio.create_task(misfortune(20))
                    await all_are_answered(fleet)
                    await away
        assert await fleet.wrong() == ([], [])
