"""Runs the networks of many settings files in one process, each apart: what one of them suffers, no other feels.

A file that is new, changed or gone starts, restarts or ends its network alone. Workers on the same PostgreSQL database
share its networks evenly.
"""

import asyncio
import logging
import zlib
from collections.abc import Iterable, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bot.app.served import served
from bot.app.shared import Shared
from bot.app.tenant import Tenant
from bot.app.watchdog import Watchdog
from bot.app.web_servers import HttpServers
from bot.concurrency import woken
from bot.config.loading import language, load, secret_files
from bot.config.settings import CONFIG, Settings
from bot.knowledge.folder import LibraryError
from bot.knowledge.yaml.problems import Faulty
from bot.locale import wording
from bot.store import LeaseLost, Store, StoreError, StoreLocked
from bot.store.fleet import Fleet, FleetState

log = logging.getLogger(__name__)

LOOK = 1.0  # seconds between two looks at the settings files, and for networks without a worker
ANSWERS = 5.0  # seconds between two looks at the answers of each network
AGAIN = 60.0  # seconds until a network that ended with an error is tried again

Stamp = tuple[tuple[str, int, int], ...]
"""Name, time of change and size of each file that a network's settings come from."""


def settings_files(paths: Iterable[Path]) -> dict[str, Path]:
    """Return the settings file of each network, by the name of its folder.

    A path is such a file, its folder, or a folder of such folders.
    """
    files: list[Path] = []
    for path in paths:
        if path.is_file() or (path := path / CONFIG).is_file():
            files.append(path)
        else:
            files += sorted(path.parent.glob(f"*/{CONFIG}"))
    return {file.absolute().parent.name: file for file in files}


@dataclass
class Seat:
    """A network of the settings files. `settings`: None while they have errors; `task`: None while it is not served."""

    file: Path
    stamp: Stamp
    settings: Settings | None
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None
    clash: str = ""  # a network that is served with the same store


class Host:
    """`environ`: what holds for all networks; their own secrets are files beside their settings."""

    def __init__(
        self,
        paths: Sequence[Path],
        environ: Mapping[str, str],
        servers: HttpServers,
        watchdog: Watchdog | None,
        fleet: Fleet | None = None,
    ) -> None:
        self._paths, self._environ, self._servers, self._watchdog = paths, environ, servers, watchdog
        self._fleet, self._is_cut_off = fleet, False
        self._shared = Shared(pause=ANSWERS)
        self._seats: dict[str, Seat] = {}
        self._wake = asyncio.Event()
        servers.unserved = lambda: [name for name, seat in self._seats.items() if not seat.task]

    async def run(self, stop: asyncio.Event) -> None:
        """Serve the networks until `stop`."""
        ending = asyncio.create_task(stop.wait())
        ending.add_done_callback(lambda _: self._wake.set())
        while not ending.done():
            self._wake.clear()
            await self._look()
            await woken(self._wake, LOOK)
        for seat in self._seats.values():
            seat.stop.set()
        await asyncio.gather(*(seat.task for seat in self._seats.values() if seat.task))
        if self._fleet:
            with suppress(StoreError):
                await self._fleet.close()

    async def _look(self) -> None:
        """Bring what is served in line with the files."""
        found = await asyncio.to_thread(self._found)
        for name, seat in [*self._seats.items()]:
            if found.get(name) == (seat.file, seat.stamp):
                del found[name]
            elif seat.task:  # once it has ended, the new settings are read
                seat.stop.set()
                found.pop(name, None)
            else:
                del self._seats[name]
        for name, (file, stamp) in found.items():
            settings = await asyncio.to_thread(self._load, name, file)
            self._seats[name] = Seat(file, stamp, settings)
        await self._count_tries()
        await self._servers.listen({name: seat.settings for name, seat in self._seats.items() if seat.settings})
        shared = await self._share()
        for name, seat in self._seats.items():
            if name not in shared:
                seat.stop.set()
            elif seat.settings and not seat.task and not self._clashes(name, seat, seat.settings):
                self._start(name, seat, seat.settings)

    async def _count_tries(self) -> None:
        """Tell each journal what may have ended this worker: another one may serve the network by now."""
        if self._watchdog is None:
            return
        for name, seat in self._seats.items():
            if seat.settings and (suspects := self._watchdog.suspects(name)):
                with suppress(StoreError):
                    store = await Store.open(seat.settings.store.get_secret_value(), lock=False)
                    await store.journal.count_try(suspects)
                    await store.close()
                    self._watchdog.clear(name)

    async def _share(self) -> set[str]:
        """Return what this worker is to serve; while it is cut off from the others, what it serves."""
        named = {name: seat.settings.store_schema or name for name, seat in self._seats.items() if seat.settings}
        own = {name for name, seat in self._seats.items() if seat.task}
        if self._fleet is None:
            return {*named}
        try:
            state = await self._fleet.beat()
        except StoreError as error:
            if not self._is_cut_off:
                log.error("cut off from the other workers: %s", error)
            self._is_cut_off = True
            return own
        self._is_cut_off = False
        return share(self._fleet.worker, state, named, own)

    def _start(self, name: str, seat: Seat, settings: Settings) -> None:
        def ended(_: asyncio.Task[None]) -> None:
            seat.task = None
            self._wake.set()

        seat.stop = asyncio.Event()
        seat.task = asyncio.create_task(self._serve(name, settings, seat.stop))
        seat.task.add_done_callback(ended)

    async def _serve(self, name: str, settings: Settings, stop: asyncio.Event) -> None:
        """Run the network until `stop`, and again after an error."""
        served.set(name)
        words = wording(settings.language)
        tenant = Tenant(name, settings, self._shared, self._watchdog, waits=False)
        async with self._servers.serving(tenant):
            while not stop.is_set():
                try:
                    if await tenant.run(stop):
                        await stop.wait()  # shut out by all of its channels, as the log says
                except (StoreLocked, LeaseLost) as error:  # another worker serves it, or has not let go yet
                    log.debug("%s", error)
                    return await woken(stop, LOOK)
                except (StoreError, LibraryError) as error:
                    log.error("%s", error.say(words))
                except Exception:
                    log.exception("internal error: this network begins again in %.0f s", AGAIN)
                await woken(stop, AGAIN)

    def _found(self) -> dict[str, tuple[Path, Stamp]]:
        return {name: (file, stamp(file)) for name, file in settings_files(self._paths).items()}

    def _load(self, name: str, file: Path) -> Settings | None:
        served.set(name)
        try:
            settings = load(file, self._environ)
        except Faulty as fault:
            words = wording(language(file))
            problems = [problem.say(words) for problem in fault.problems]
        else:
            words = wording(settings.language)
            keys = (channel.kind.secret_problem(channel.secrets) for channel in settings.networks)
            problems = [words(key) for key in keys if key]
        for problem in problems:
            log.error("%s", problem)
        return None if problems else settings

    def _clashes(self, name: str, seat: Seat, settings: Settings) -> bool:
        """Whether another network that is served has the same store; said once."""
        at_work = {other: one.settings for other, one in self._seats.items() if one.task and one.settings}
        other = next((other for other, own in at_work.items() if own.store == settings.store), "")
        if other and other != seat.clash:
            log.error("%s has the same `store` as %s, which keeps it", name, other)
        seat.clash = other
        return bool(other)


def share(worker: str, state: FleetState, networks: Mapping[str, str], own: Set[str]) -> set[str]:
    """Return the networks that the worker is to serve: of its `own` no more than its part, of the free ones the rest.

    `networks`: names of their leases by their names. What it holds goes before what it only tries to serve; what it has
    just taken over stays even beyond its part. Workers try the free ones in different orders.
    """
    part = -(-len(networks) // max(1, len(state.workers)))
    held = {lease.network: lease for lease in state.leases.values() if lease.is_live}

    def rank(name: str) -> int:
        lease = held.get(networks[name])
        return 2 if lease is None else 1 - lease.is_new

    open_to_us = [name for name, lease in networks.items() if lease not in held or held[lease].worker == worker]
    kept = sorted((name for name in open_to_us if name in own), key=lambda name: (rank(name), name))
    n_new = sum(rank(name) == 0 for name in kept)
    free = [name for name in open_to_us if name not in own]
    free.sort(key=lambda name: zlib.crc32(f"{worker} {name}".encode()))
    return {*kept[: max(part, n_new)], *free[: max(0, part - len(kept))]}


def stamp(file: Path) -> Stamp:
    """Return what changes with the settings file and the files of its secrets."""
    found = ((path, path.stat()) for path in (file, *secret_files(file.parent, {})))
    return tuple((path.name, stat.st_mtime_ns, stat.st_size) for path, stat in found)
