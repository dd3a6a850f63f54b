"""`check --links`: probes the links of the answers, except those that the bot's store found alive within a day."""

import asyncio
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TypeVar

from bot.cli import log_output
from bot.cli.setup import progress_bar
from bot.knowledge.folder import LibraryError
from bot.knowledge.library import Library
from bot.knowledge.yaml.problems import Problem
from bot.linkcheck.links import locations
from bot.linkcheck.probe import OPEN, ProbePolicy, ProbeResult, check
from bot.locale import Wording
from bot.replies.link_notes import why_unreachable
from bot.store import ANSWERING, LinkState, Store, StoreError
from bot.store.inspection import inspect_store
from bot.workers.link_check import LONGEST

Done = TypeVar("Done")
FRESH = timedelta(days=1)
ALIVE = ("right", "moved")  # states that are stored; others are probed each time, since somebody may have fixed them


def check_links(
    folder: Path, today: date, words: Wording, web: ProbePolicy = OPEN, store: str | None = None
) -> list[Problem]:
    """Dead links as warnings; those that moved or could not be probed are printed, since the files are not at fault.

    `store`: address of the bot's store.
    """
    try:
        knowledge = Library(folder).load(today).knowledge
    except LibraryError:
        return []  # the check of the files reports it
    known = {place.url: (place.file, place.line) for place in locations(knowledge)}
    checked = {one.url: one for one in asyncio.run(_results(list(known), words, web, store))}
    if checked and all(one.state == "unsure" and not one.answered for one in checked.values()):
        return [Problem(str(folder), 0, "links_untried", {"all": len(checked)}, warning=True)]
    for url, (file, line) in known.items():
        if (one := checked.get(url)) and one.state in ("moved", "unsure"):
            detail = one.detail if one.state == "moved" else why_unreachable(words, one.detail)
            print(f"{file}:{line}: {words(f'program.link_{one.state}', url=url, detail=detail)}")
    dead = [(url, one) for url, one in checked.items() if one.state == "dead"]
    details = {url: {"url": url, "detail": why_unreachable(words, one.detail)} for url, one in dead}
    return [Problem(*known[url], "link_dead", values, warning=True) for url, values in details.items()]


async def _results(urls: Sequence[str], words: Wording, web: ProbePolicy, address: str | None) -> list[ProbeResult]:
    """Return the results of the links; all are probed without a usable store."""
    now = datetime.now(UTC)
    states = await _in_store(address, words, lambda store: store.links.states())
    fresh = {
        one.url: ProbeResult(one.url, "moved" if one.state == "moved" else "right", one.detail)
        for one in ((states or {}).get(url) for url in urls)
        if one and one.state in ALIVE and timedelta() <= now - one.checked < FRESH
    }
    if fresh:
        print(words("program.link_fresh", fresh=len(fresh), all=len(urls)), file=sys.stderr)
    others = [url for url in urls if url not in fresh]
    with progress_bar(words("program.link_progress")) as progress:
        numbers = count(1)
        probed = await check(others, policy=web, on_result=lambda _: progress(next(numbers), len(others)))
    if states is not None:
        alive = [one for one in probed if one.state in ALIVE and len(one.url.encode()) <= LONGEST]
        rows = [LinkState(one.url, one.state, one.detail, now) for one in alive]
        await _in_store(address, words, lambda store: store.links.note_manual(rows))
    return [*fresh.values(), *probed]


def known_to_the_bot(address: str, words: Wording) -> tuple[frozenset[str], Counter[str]]:
    """Return the dead links, and how often the bot answered with each entry; empty without a usable store."""

    async def look(store: Store) -> tuple[frozenset[str], Counter[str]]:
        states = await store.links.states()
        return frozenset(url for url, one in states.items() if one.is_dead), await store.stats.entry_uses(ANSWERING)

    return asyncio.run(_in_store(address, words, look)) or (frozenset(), Counter())


async def _in_store(address: str | None, words: Wording, work: Callable[[Store], Awaitable[Done]]) -> Done | None:
    """Do work in the store; None without one, or with an older one: a check creates and migrates nothing."""
    try:
        if not address or (await asyncio.to_thread(inspect_store, address)).tables != "current":
            return None
        store = await Store.open(address, lock=False)
        try:
            return await work(store)
        finally:
            await store.close()
    except StoreError as error:
        log_output.tell(error.say(words))
        return None
