"""The one place where everything is built and run."""

from __future__ import annotations

import asyncio

from bot import __version__
from bot.app.door import Door
from bot.app.work import Bot, Observe, clock
from bot.config import Settings
from bot.metrics import Metrics
from bot.resting import GaveOut, Rest
from bot.steadiness import Time
from bot.stopping import Stopped, end, signals
from bot.store import Store, StoreError


async def run(settings: Settings, *, stop: asyncio.Event | None = None, observe: Observe | None = None) -> int:
    """Run the bot until `stop`, SIGTERM or SIGINT; the exit code. `observe` sees what became of each event.

    A disk or a database that gives out while the bot is at work is waited for: nothing is acknowledged meanwhile.
    Raises StoreError, LibraryError.
    """
    stop = stop or asyncio.Event()
    rest = Rest(stop)
    metrics = Metrics(__version__, [name for name in ("matrix", "discourse") if getattr(settings, name)])
    with signals(stop):
        async with Door(settings, metrics) as door:
            while True:
                try:
                    return await _run(settings, stop, metrics, observe, door)
                except Stopped:
                    return 0
                except (GaveOut, StoreError) as trouble:
                    await rest.after(trouble)


async def _run(settings: Settings, stop: asyncio.Event, metrics: Metrics, observe: Observe | None, door: Door) -> int:
    time = clock()
    store = await _open(settings.store.get_secret_value(), time, stop)
    try:
        bot = Bot(settings, store, time, metrics, observe)
        with door.leads_to(bot):
            return await bot.run(stop)
    finally:
        await store.close()


async def _open(url: str, time: Time, stop: asyncio.Event) -> Store:
    """Raises Stopped too: another process may keep us waiting for long."""
    try:
        async with asyncio.TaskGroup() as tasks:
            ending = tasks.create_task(end(stop))
            store = await Store.open(url, clock=time)
            ending.cancel()
        return store
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
