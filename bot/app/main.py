"""The one place where everything is built and run."""

from __future__ import annotations

import asyncio
import logging
from contextlib import ExitStack

from bot import __version__
from bot.app.bot import Bot, Observe
from bot.app.clock import SkewedClock, skewed_clock
from bot.app.metrics import Metrics
from bot.app.networks import state_folder
from bot.app.restart import RestartBackoff, StorageFailed
from bot.app.server import HttpServer
from bot.app.stopping import Stopped, end, signals
from bot.app.watchdog import Watchdog
from bot.config import Settings
from bot.store import Store, StoreError

log = logging.getLogger(__name__)


async def run(
    settings: Settings, *, stop: asyncio.Event | None = None, observe: Observe | None = None, watched: bool = False
) -> int:
    """Run the bot until `stop`, SIGTERM or SIGINT; the exit code. `observe` sees what became of each event. `watched`:
    a process that is held up ends itself (see `Watchdog`).

    A disk or a database that gives out while the bot is at work is waited for: nothing is acknowledged meanwhile.
    Raises StoreError, LibraryError.
    """
    stop = stop or asyncio.Event()
    rest = RestartBackoff(stop)
    metrics = Metrics(__version__, [name for name in ("matrix", "discourse") if getattr(settings, name)])
    with signals(stop):
        async with HttpServer(settings, metrics) as server:
            while True:
                try:
                    return await _run(settings, stop, metrics, observe, server, watched)
                except Stopped:
                    return 0
                except (StorageFailed, StoreError) as trouble:
                    await rest.after(trouble)


async def _run(
    settings: Settings,
    stop: asyncio.Event,
    metrics: Metrics,
    observe: Observe | None,
    server: HttpServer,
    watched: bool,
) -> int:
    time = skewed_clock()
    store = await _open(settings.store.get_secret_value(), time, stop)
    try:
        with ExitStack() as stack:
            watchdog = await _watchdog(settings, store, stack) if watched else None
            bot = Bot(settings, store, time, metrics, observe, watchdog)
            with server.serving(bot):
                return await bot.run(stop)
    finally:
        await store.close()


async def _watchdog(settings: Settings, store: Store, stack: ExitStack) -> Watchdog | None:
    """To be opened once the store is ours; the journal hears of what the last process was held up by."""
    file = state_folder(settings) / "watchdog.txt"
    try:
        watchdog = stack.enter_context(Watchdog(file))
    except OSError as error:
        log.warning("%s cannot be written (%s): a bot that is held up will not end itself", file, error.strerror)
        return None
    await store.count_try(watchdog.suspects)
    watchdog.counted()
    return watchdog


async def _open(url: str, time: SkewedClock, stop: asyncio.Event) -> Store:
    """Raises Stopped too: another process may keep us waiting for long."""
    try:
        async with asyncio.TaskGroup() as tasks:
            ending = tasks.create_task(end(stop))
            store = await Store.open(url, clock=time)
            ending.cancel()
        return store
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
