"""Runs bots: signals, exit codes, the web servers and the watchdog of a process."""

import asyncio
import contextlib
import ctypes
import logging
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from socket import gethostname

from bot.app.bot import Observe
from bot.app.built_channels import state_folder
from bot.app.host import Host
from bot.app.shared import Shared
from bot.app.tenant import Tenant
from bot.app.watchdog import Watchdog
from bot.app.web_servers import HttpServers
from bot.config.loading import shared_database
from bot.config.settings import Settings
from bot.store import THIS_WORKER
from bot.store.fleet import Fleet

log = logging.getLogger(__name__)

_M_ARENA_MAX = -8  # malloc.h of glibc


async def run(
    settings: Settings, *, stop: asyncio.Event | None = None, observe: Observe | None = None, watched: bool = False
) -> int:
    """Run the bot of one network until `stop`, SIGTERM or SIGINT; the exit code.

    `observe` is called with the outcome of each event. `watched`: a blocked process ends itself, see `Watchdog`.
    Raises StoreError, LibraryError.
    """
    file = state_folder(settings) / "watchdog.txt" if watched else None
    async with _process(stop, file) as (stop, servers, watchdog):
        tenant = Tenant("", settings, Shared(), watchdog, observe)
        await servers.listen({tenant.name: settings})
        async with servers.serving(tenant):
            return await tenant.run(stop)


async def run_all(
    paths: Sequence[Path], environ: Mapping[str, str], folder: Path, *, stop: asyncio.Event | None = None
) -> int:
    """Run all networks of these paths (see `settings_files`) until `stop`, SIGTERM or SIGINT; the exit code.

    `environ`: what holds for all of them. `folder`: where the process keeps its own state. Raises Faulty, StoreError.
    """
    url = shared_database(environ)
    fleet = Fleet(url, THIS_WORKER) if url.startswith("postgresql") else None
    async with _process(stop, folder / f"watchdog-{gethostname()}.txt") as (stop, servers, watchdog):
        await Host(paths, environ, servers, watchdog, fleet).run(stop)
    return 0


@contextlib.asynccontextmanager
async def _process(
    stop: asyncio.Event | None, file: Path | None
) -> AsyncIterator[tuple[asyncio.Event, HttpServers, Watchdog | None]]:
    """Yield what ends it, its web servers, and the watchdog if there is to be a `file` of it."""
    stop, loop = stop or asyncio.Event(), asyncio.get_running_loop()
    # All threads allocate from one heap. glibc gives each thread its own, and what a search frees in one of them is of
    # no use to the next search, in another: 50 MB more after 1,000 messages.
    with contextlib.suppress(OSError, TypeError, AttributeError):  # another C library
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
    async with contextlib.AsyncExitStack() as stack:  # left in reverse: the web servers first, whatever fails
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
            stack.callback(loop.remove_signal_handler, number)
        watchdog = None
        if file:
            try:
                watchdog = stack.enter_context(Watchdog(file))
            except OSError as error:
                trouble = "%s cannot be written (%s): a bot that is held up will not end itself"
                log.warning(trouble, file, error.strerror)
        if watchdog:
            watching = loop.create_task(watchdog.run())
            stack.push_async_callback(asyncio.wait, [watching])
            stack.callback(watching.cancel)
        servers = HttpServers()
        stack.push_async_callback(servers.listen, {})
        yield stop, servers, watchdog
