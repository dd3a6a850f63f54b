"""What a container's health check finds: the bot's own word where there is one, else when its store was written."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

from tests.web import door

SCRIPT = Path(__file__).parents[2] / "tools" / "alive.py"


async def alive(folder: Path, port: int) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(sys.executable, str(SCRIPT), str(folder), str(port), stdout=PIPE)
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def test_a_web_section_is_asked_else_the_store_tells_if_it_is_there(tmp_path: Path, unused_tcp_port: int) -> None:
    async with door() as here:
        port = here.http.base_url.port or 0
        assert await alive(tmp_path, port) == (0, "at work\n")
        here.missing = ["store: not open"]
        code, said = await alive(tmp_path, port)
        assert (code, "store: not open" in said) == (1, True)
    code, said = await alive(tmp_path, unused_tcp_port)
    assert (code, "PostgreSQL" in said) == (1, True)
    written = tmp_path / "concierge.db-wal"
    written.touch()
    assert (await alive(tmp_path, unused_tcp_port))[0] == 0
    long_ago = written.stat().st_mtime - 200
    os.utime(written, (long_ago, long_ago))
    assert (await alive(tmp_path, unused_tcp_port))[0] == 1
