"""One thing at a time in each lane, lanes beside each other: one that hangs holds up no other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager, suppress
from typing import Generic, TypeVar

Lane = TypeVar("Lane", bound=Hashable)


class KeyedTasks(Generic[Lane]):
    """`begin` starts what there is to do, and says after how many seconds to look again. `wake`: look now."""

    def __init__(self, begin: Callable[[], Awaitable[float]]) -> None:
        self.wake = asyncio.Event()
        self._begin = begin
        self.busy: set[Lane] = set()
        self._tasks: asyncio.TaskGroup | None = None
        self._started = 0

    def start(self, lane: Lane, work: Callable[[], Awaitable[None]]) -> None:
        """To be called from `begin`, for a lane that is not busy."""
        assert self._tasks  # noqa: S101 (for the type checker)
        self.busy.add(lane)
        self._started += 1
        self._tasks.create_task(self._work(lane, work))

    async def run(self) -> None:
        """For ever. Raises the first error of what was started."""
        async with self._together():
            while True:
                self.wake.clear()
                await self._rest(await self._begin())

    async def once(self) -> int:
        """Start what there is to do now and wait for its end; how much it was."""
        before = self._started
        async with self._together():
            await self._begin()
        return self._started - before

    async def _work(self, lane: Lane, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        finally:
            self.busy.discard(lane)
            self.wake.set()

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):  # wait_for may swallow a cancellation that comes with the wake
                await self.wake.wait()

    @asynccontextmanager
    async def _together(self) -> AsyncIterator[None]:
        try:
            async with asyncio.TaskGroup() as self._tasks:
                yield
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from errors
