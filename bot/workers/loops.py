"""Loops of the workers: concurrent tasks, at most one per key, and steps that outlast an internal error."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from bot.concurrency import task_group, woken
from bot.store import StoreError

log = logging.getLogger(__name__)
Key = TypeVar("Key", bound=Hashable)
T = TypeVar("T")
_EARLY = 0.01  # seconds by which a timer may be early


class KeyedTasks(Generic[Key]):
    """Runner of tasks: a key whose task hangs holds up no other.

    `start_due` starts those that are due, and returns the seconds until it is called again.
    Set `wake` to have it called now.
    """

    def __init__(self, start_due: Callable[[], Awaitable[float]]) -> None:
        self.wake = asyncio.Event()
        self._start_due = start_due
        self.busy: set[Key] = set()
        self._tasks: asyncio.TaskGroup | None = None
        self._started = 0

    def start(self, key: Key, work: Callable[[], Awaitable[None]]) -> None:
        """Start a task; call only from `start_due`, with a key that is not busy."""
        assert self._tasks  # noqa: S101 (for the type checker)
        self.busy.add(key)
        self._started += 1
        self._tasks.create_task(self._work(key, work))

    def wake_in(self, seconds: float) -> None:
        """Set `wake` once these seconds are surely over."""
        asyncio.get_running_loop().call_later(max(0.0, seconds) + _EARLY, self.wake.set)

    async def run(self) -> None:
        """Run for ever. Raises the first error of a task."""
        async with task_group() as self._tasks:
            while True:
                self.wake.clear()
                await woken(self.wake, await self._start_due())

    async def once(self) -> int:
        """Run the tasks that are due now to their end. Returns their number."""
        before = self._started
        async with task_group() as self._tasks:
            await self._start_due()
        return self._started - before

    async def _work(self, key: Key, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        finally:
            self.busy.discard(key)
            self.wake.set()


async def survive(work: Awaitable[T], name: str, otherwise: T) -> T:
    """Return the result of work; `otherwise` after an internal error, which costs only this attempt. Raises
    StoreError."""
    try:
        return await work
    except StoreError:
        raise
    except Exception:
        log.exception("internal error in %s, trying again later", name)
        return otherwise
