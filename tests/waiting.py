"""How long a test waits for what must happen: the deadline ends one that hangs, and decides nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

PATIENCE = 120.0  # seconds; a machine that is busy with other things is ten times slower than one that is not


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 (only tests wait for it)
            await asyncio.sleep(0.02)
