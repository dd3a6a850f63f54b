"""How long a test waits for what must happen: the deadline ends one that hangs, and decides nothing else."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

T = TypeVar("T")
PATIENCE = 120.0  # seconds; a machine that is busy with other things is ten times slower than one that is not


async def until(holds: Callable[[], object], seconds: float = PATIENCE) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 (only tests wait for it)
            await asyncio.sleep(0.02)


async def eventually(find: Callable[[], Awaitable[T | None]], pause: float = 0.1) -> T:
    """The first thing found that is not empty; asked for again and again, where nobody tells."""
    async with asyncio.timeout(PATIENCE):
        while not (found := await find()):  # noqa: ASYNC110
            await asyncio.sleep(pause)
    return found


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, object]) -> AsyncIterator[None]:
    """While the block runs."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
