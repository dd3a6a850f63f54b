"""`check --links`: every address of the answers is tried, with the place where it stands; where there is a bot's
store, what was found right within a day is taken from there.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli import log_output
from bot.knowledge.yaml.problems import Problem
from bot.linkcheck.links import locations
from bot.linkcheck.probe import ProbePolicy, ProbeResult, check
from bot.locale import Wording

if TYPE_CHECKING:
    from bot.store import Store

OPEN = ProbePolicy()
FRESH = timedelta(days=1)
KEPT = ("right", "moved")  # all else is asked for each time: that is what somebody may have mended


def check_links(
    folder: Path, today: date, words: Wording, web: ProbePolicy = OPEN, store: str | None = None
) -> list[Problem]:
    """Dead links as warnings. What has moved or could not be tried is printed: no fault of the file's. `store`: the
    address of one."""
    from bot.knowledge.folder import LibraryError
    from bot.knowledge.library import Library

    try:
        knowledge = Library(folder).load(today).knowledge
    except LibraryError:
        return []  # the check of the files has said why
    known = {place.url: (place.file, place.line) for place in locations(knowledge)}
    checked = {one.url: one for one in asyncio.run(_found(list(known), words, web, store))}
    for url, (file, line) in known.items():
        if url in checked and checked[url].state in ("moved", "unsure"):
            said = words(f"program.link_{checked[url].state}", url=url, detail=checked[url].detail)
            print(f"{file}:{line}: {said}")
    dead = [(url, one) for url, one in checked.items() if one.state == "dead"]
    return [Problem(*known[url], "link_dead", {"url": url, "detail": one.detail}, warning=True) for url, one in dead]


async def _found(urls: Sequence[str], words: Wording, web: ProbePolicy, address: str | None) -> list[ProbeResult]:
    """A store that cannot be used is said, and does without: all is asked for then."""
    fresh: Mapping[str, ProbeResult] = {}
    if address:
        with _said():
            fresh = await _fresh(address, urls)
    if fresh:
        print(words("program.link_fresh", fresh=len(fresh), all=len(urls)), file=sys.stderr)
    asked = await _checked([url for url in urls if url not in fresh], words, web)
    if address:
        with _said():
            await _keep(address, asked)
    return [*fresh.values(), *asked]


@contextlib.contextmanager
def _said() -> Iterator[None]:
    from bot.store import StoreError

    try:
        yield
    except StoreError as error:
        log_output.tell(str(error))


async def _fresh(address: str, urls: Iterable[str]) -> Mapping[str, ProbeResult]:
    now = datetime.now(UTC)
    async with _store(address) as store:
        known = await store.standings() if store else {}
    return {
        one.url: ProbeResult(one.url, "moved" if one.state == "moved" else "right", one.detail)
        for one in (known[url] for url in urls if url in known)
        if one.state in KEPT and timedelta() <= now - one.checked < FRESH
    }


async def _keep(address: str, asked: Iterable[ProbeResult]) -> None:
    from bot.store import LinkState
    from bot.workers.link_check import LONGEST

    now = datetime.now(UTC)
    found = [one for one in asked if one.state in KEPT and len(one.url.encode()) <= LONGEST]
    async with _store(address) as store:
        if store:
            await store.note_found([LinkState(one.url, one.state, one.detail, now) for one in found])


@contextlib.asynccontextmanager
async def _store(address: str) -> AsyncIterator[Store | None]:
    """None: there is none yet, or one of an older version. For a check of the files none is made or changed."""
    from bot.store import Store
    from bot.store.inspection import inspect_store

    seen = await asyncio.to_thread(inspect_store, address)
    if seen.tables != "current":
        yield None
        return
    store = await Store.open(address, lock=False)
    try:
        yield store
    finally:
        await store.close()


async def _checked(urls: Sequence[str], words: Wording, web: ProbePolicy) -> list[ProbeResult]:
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(words("program.link_progress"), total=len(urls))
        return await check(urls, policy=web, on_result=lambda _: progress.advance(task))
