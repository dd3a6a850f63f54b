"""A network of this process, from its start to its end: its bot begins again with back-off when its storage fails."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from bot import __version__
from bot.app.bot import Bot, Observe, Stopped, StorageFailed, raise_on
from bot.app.clock import SkewedClock
from bot.app.health import Health
from bot.app.metrics import Metrics
from bot.app.shared import Shared
from bot.app.watchdog import Watchdog
from bot.concurrency import task_group, woken
from bot.config.settings import Settings
from bot.knowledge.library import Library
from bot.locale import wording
from bot.messages import KeyStoreUnusable
from bot.store import Damaged, LeaseLost, Store, StoreError, StoreLocked

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds


class Tenant:
    """`name`: empty where the process has this network alone. `bot`: None while it starts, or waits for its storage.

    `waits`: for another process that serves it; else that is a StoreLocked or a LeaseLost.
    """

    def __init__(
        self,
        name: str,
        settings: Settings,
        shared: Shared,
        watchdog: Watchdog | None = None,
        observe: Observe | None = None,
        *,
        waits: bool = True,
    ) -> None:
        self.name, self.settings = name, settings
        self.metrics = Metrics(__version__, settings.channels, name)
        self.bot: Bot | None = None
        self._health = Health()
        self._library = Library(settings.knowledge, settings.knowledge.name, settings.regions)
        self._shared, self._watchdog, self._observe, self._waits = shared, watchdog, observe, waits

    async def run(self, stop: asyncio.Event) -> int:
        """Run the bot until `stop`; the exit code. A bot whose storage fails at work acknowledges nothing.

        Raises StoreError, LibraryError.
        """
        for problem in self.settings.warnings:
            log.warning("%s", problem.say(wording(self.settings.language)))
        backoff = RestartBackoff(stop)
        while True:
            try:
                async with self._store(stop) as (store, time):
                    return await self._work(store, time, stop)
            except Stopped:
                return 0
            except (StorageFailed, StoreError) as error:
                failure = error.error if isinstance(error, StorageFailed) else error
                if isinstance(failure, StoreLocked | LeaseLost) and not self._waits:
                    raise failure from None
                await backoff.wait(failure, has_worked=isinstance(error, StorageFailed))

    async def missing(self) -> list[str]:
        """Return what is missing until it can answer, a line each; empty once it is ready."""
        return await self._health.missing(self.bot)

    async def note_state(self) -> None:
        """Bring the figures up to date."""
        self.metrics.note(await self._health.state(self.bot))

    @property
    def waiting_for(self) -> str:
        return self.bot.live_index.waiting_for if self.bot else ""

    @contextlib.asynccontextmanager
    async def _store(self, stop: asyncio.Event) -> AsyncIterator[tuple[Store, SkewedClock]]:
        """Can be stopped: opening waits for another process that has the store. Raises Stopped, StoreError."""
        url, time = self.settings.store.get_secret_value(), SkewedClock()
        async with task_group() as tasks:
            stopping = tasks.create_task(raise_on(stop))
            store = await Store.open(url, on_locked=log.warning if self._waits else None, clock=time)
            stopping.cancel()
        try:
            yield store, time
        finally:
            await store.close()

    async def _work(self, store: Store, time: SkewedClock, stop: asyncio.Event) -> int:
        if self._watchdog:  # the journal counts a try of each event that may have held up the last process
            await store.journal.count_try(self._watchdog.suspects(self.name))
            self._watchdog.clear(self.name)
        services = self._library, self._shared, self._observe, self._watchdog
        self.bot = Bot(self.settings, store, time, self.metrics, *services)
        try:
            return await self.bot.run(stop)
        finally:
            self.bot = None


class RestartBackoff:
    """Exponential back-off between restarts, reset by a longer time of work."""

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop, self._time = stop, asyncio.get_running_loop().time
        self._pause, self._started, self._has_worked = FIRST_PAUSE, self._time(), False

    async def wait(self, error: StoreError | KeyStoreUnusable, has_worked: bool) -> None:
        """Raises the error if it is permanent, or if the bot never worked: then its operator is watching."""
        self._has_worked |= has_worked
        if not self._has_worked or isinstance(error, Damaged):
            raise error
        self._pause = FIRST_PAUSE if self._time() - self._started > 2 * LONGEST_PAUSE else self._pause
        log.error("%s Retrying in %.0f s.", str(error).rstrip(".") + ".", self._pause)
        await woken(self._stop, self._pause)
        self._pause, self._started = min(2 * self._pause, LONGEST_PAUSE), self._time()
