"""`check --links`: every address of the answers is tried, with the place where it stands."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from bot.knowledge import Knowledge
from bot.links import Allowed, Checked, check, is_public
from bot.wording import Wording
from bot.yamltext import Problem


def check_links(folder: Path, today: date, words: Wording, allowed: Allowed = is_public) -> list[Problem]:
    """Dead links as warnings. What has moved or could not be tried is printed: no fault of the file's."""
    from bot.library import Library, LibraryError

    try:
        knowledge = Library(folder).load(today).knowledge
    except LibraryError:
        return []  # the check of the files has said why
    places = dict(_places(knowledge))
    checked = {one.url: one for one in asyncio.run(_checked(list(places), words, allowed))}
    for url, (file, line) in places.items():
        if url in checked and checked[url].state in ("moved", "unsure"):
            said = words(f"program.link_{checked[url].state}", url=url, detail=checked[url].detail)
            print(f"{file}:{line}: {said}")
    dead = [(url, one) for url, one in checked.items() if one.state == "dead"]
    return [Problem(*places[url], "link_dead", {"url": url, "detail": one.detail}, warning=True) for url, one in dead]


def _places(knowledge: Knowledge) -> Iterator[tuple[str, tuple[str, int]]]:
    """Each address with the file and first line of an entry that has it."""
    for entry in knowledge.entries.values():
        origin = knowledge.origins[entry.id]
        yield from ((link.url, (origin.file, origin.line)) for link in entry.links)


async def _checked(urls: list[str], words: Wording, allowed: Allowed) -> list[Checked]:
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(words("program.link_progress"), total=len(urls))
        return await check(urls, allowed=allowed, told=lambda _: progress.advance(task))
