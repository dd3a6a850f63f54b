"""What a container's health check finds: the bot's own word where there is one, else when its store was written."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import httpx
import pytest

from bot.app import server
from tests.web import answering, no_metrics

SCRIPT = Path(__file__).parents[2] / "tools" / "alive.py"


async def alive(folder: Path, port: int) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(SCRIPT), str(folder), str(port), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


@pytest.mark.parametrize(
    ("missing", "expected"), [((), (0, "at work")), (("store: not open",), (1, "store: not open"))]
)
async def test_a_bot_with_a_web_section_is_asked(
    tmp_path: Path, unused_tcp_port: int, missing: tuple[str, ...], expected: tuple[int, str]
) -> None:
    async def ready() -> tuple[str, ...]:
        return missing

    serving = asyncio.create_task(server.serve(server.application(ready, no_metrics), "127.0.0.1", unused_tcp_port))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{unused_tcp_port}") as http:
        await answering(http)
    code, said = await alive(tmp_path, unused_tcp_port)
    serving.cancel()
    await asyncio.wait([serving])
    assert (code, expected[1] in said) == (expected[0], True)


@pytest.mark.parametrize(("age", "code"), [(10, 0), (200, 1)])
async def test_without_one_the_store_tells(tmp_path: Path, unused_tcp_port: int, age: float, code: int) -> None:
    (tmp_path / "concierge.db-wal").touch()
    then = (tmp_path / "concierge.db-wal").stat().st_mtime - age
    os.utime(tmp_path / "concierge.db-wal", (then, then))
    assert (await alive(tmp_path, unused_tcp_port))[0] == code


async def test_with_postgresql_alone_it_says_what_is_missing(tmp_path: Path, unused_tcp_port: int) -> None:
    code, said = await alive(tmp_path, unused_tcp_port)
    assert code == 1
    assert "PostgreSQL" in said
