"""One thing at a time in each room, rooms beside each other: one that hangs holds up no other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

Place = tuple[str, str]  # channel and room


class Lanes:
    """`begin` starts what there is to do, and says after how many seconds to look again. `wake`: look now."""

    def __init__(self, begin: Callable[[], Awaitable[float]]) -> None:
        self.wake = asyncio.Event()
        self._begin = begin
        self._busy: set[Place] = set()
        self._tasks: asyncio.TaskGroup | None = None
        self._started = 0

    def free(self, place: Place) -> bool:
        return place not in self._busy

    def start(self, place: Place, work: Callable[[], Awaitable[None]]) -> None:
        """To be called from `begin`, for a free place."""
        assert self._tasks  # noqa: S101 (for the type checker)
        self._busy.add(place)
        self._started += 1
        self._tasks.create_task(self._work(place, work))

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

    async def _work(self, place: Place, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        finally:
            self._busy.discard(place)
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
