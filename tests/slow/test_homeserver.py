"""The homeserver of the demo and the tests: it starts, says why when it can't, and leaves nothing behind."""

import asyncio
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

import pytest

from bot.demo.homeserver import Homeserver, HomeserverError
from tests.waiting import eventually

STARTER = """
import asyncio
from bot.demo.homeserver import Homeserver

async def main():
    async with Homeserver() as server:
        print(server.url, server.log.parent, flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


async def test_nothing_is_left_when_the_starter_is_killed() -> None:
    """Ctrl-C: tests/slow/test_demo.py."""
    starter = await asyncio.create_subprocess_exec(sys.executable, "-c", STARTER, stdout=PIPE, stderr=DEVNULL)
    assert starter.stdout is not None
    _, folder = (await starter.stdout.readline()).decode().split()
    assert Path(folder).exists()
    starter.kill()
    await starter.wait()

    async def is_gone() -> bool:
        """Neither the folder nor a process that works in it is left."""
        listing = await asyncio.create_subprocess_exec("ps", "-eo", "args", stdout=PIPE)
        return folder.encode() not in (await listing.communicate())[0] and not Path(folder).exists()

    await eventually(is_gone)


async def test_a_failed_start_shows_the_end_of_the_log() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        server = Homeserver(port=taken.getsockname()[1])
        with pytest.raises(HomeserverError, match="Failed to listen"):
            await server.start()
