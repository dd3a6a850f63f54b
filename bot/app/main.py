"""Runs a bot: signals, exit codes, and restarts with back-off while its storage fails."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import logging
import signal

from bot import __version__
from bot.app.bot import Bot, Observe, Stopped, StorageFailed, raise_on
from bot.app.clock import SkewedClock, skewed_clock
from bot.app.metrics import Metrics
from bot.app.networks import state_folder
from bot.app.server import HttpServer
from bot.app.watchdog import Watchdog
from bot.config.settings import Settings
from bot.locale import wording
from bot.store import Damaged, Store, StoreError

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds
_M_ARENA_MAX = -8  # malloc.h of glibc


async def run(
    settings: Settings, *, stop: asyncio.Event | None = None, observe: Observe | None = None, watched: bool = False
) -> int:
    """Run the bot until `stop`, SIGTERM or SIGINT; the exit code.

    `observe` is called with the outcome of each event. `watched`: a blocked process ends itself, see `Watchdog`.
    If storage fails at work, the bot acknowledges nothing and restarts with exponential back-off.
    Raises StoreError, LibraryError.
    """
    stop = stop or asyncio.Event()
    _share_heap()
    for problem in settings.warnings:
        log.warning("%s", problem.say(wording(settings.language)))
    backoff = RestartBackoff(stop)
    metrics = Metrics(__version__, settings.channels)
    loop = asyncio.get_running_loop()
    with contextlib.ExitStack() as stack:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
            stack.callback(loop.remove_signal_handler, number)
        async with HttpServer(settings, metrics) as http:
            while True:
                try:
                    return await _run(settings, stop, metrics, observe, http, watched)
                except Stopped:
                    return 0
                except (StorageFailed, StoreError) as error:
                    await backoff.wait(error)


def _share_heap() -> None:
    """All threads allocate from one heap. glibc gives each thread its own, and what a search frees in one of them is of
    no use to the next search, in another: 50 MB more after 1,000 messages."""
    with contextlib.suppress(OSError, TypeError, AttributeError):  # another C library
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


async def _run(
    settings: Settings, stop: asyncio.Event, metrics: Metrics, observe: Observe | None, http: HttpServer, watched: bool
) -> int:
    time = skewed_clock()
    store = await _open(settings.store.get_secret_value(), time, stop)
    try:
        with contextlib.ExitStack() as stack:
            watchdog = await _watchdog(settings, store, stack) if watched else None
            bot = Bot(settings, store, time, metrics, observe, watchdog)
            with http.serving(bot):
                return await bot.run(stop)
    finally:
        await store.close()


async def _open(url: str, time: SkewedClock, stop: asyncio.Event) -> Store:
    """Can be stopped: opening waits for another process that has the store. Raises Stopped, StoreError."""
    try:
        async with asyncio.TaskGroup() as tasks:
            stopping = tasks.create_task(raise_on(stop))
            store = await Store.open(url, clock=time)
            stopping.cancel()
        return store
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None


async def _watchdog(settings: Settings, store: Store, stack: contextlib.ExitStack) -> Watchdog | None:
    """Opened with the store locked. The journal counts a try of each event that may have held up the last process."""
    file = state_folder(settings) / "watchdog.txt"
    try:
        watchdog = stack.enter_context(Watchdog(file))
    except OSError as error:
        log.warning("%s cannot be written (%s): a bot that is held up will not end itself", file, error.strerror)
        return None
    await store.journal.count_try(watchdog.suspects)
    watchdog.clear()
    return watchdog


class RestartBackoff:
    """Exponential back-off between restarts, reset by a longer time of work."""

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop, self._time = stop, asyncio.get_running_loop().time
        self._pause, self._started, self._has_worked = FIRST_PAUSE, self._time(), False

    async def wait(self, failure: StorageFailed | StoreError) -> None:
        """Raises the error if it is permanent, or if the bot never worked: then its operator is watching."""
        error = failure.error if isinstance(failure, StorageFailed) else failure
        self._has_worked |= isinstance(failure, StorageFailed)
        if not self._has_worked or isinstance(error, Damaged):
            raise error
        self._pause = FIRST_PAUSE if self._time() - self._started > 2 * LONGEST_PAUSE else self._pause
        log.error("%s Retrying in %.0f s.", str(error).rstrip(".") + ".", self._pause)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._pause):
                await self._stop.wait()
        self._pause, self._started = min(2 * self._pause, LONGEST_PAUSE), self._time()
