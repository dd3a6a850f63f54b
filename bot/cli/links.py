"""`check --links`: every address of the answers is tried, with the place where it stands."""

from __future__ import annotations

import asyncio
import sys
from datetime import date
from pathlib import Path

from bot.links import Checked, Web, check, places
from bot.wording import Wording
from bot.yamltext import Problem

OPEN = Web()


def check_links(folder: Path, today: date, words: Wording, web: Web = OPEN) -> list[Problem]:
    """Dead links as warnings. What has moved or could not be tried is printed: no fault of the file's."""
    from bot.library import Library, LibraryError

    try:
        knowledge = Library(folder).load(today).knowledge
    except LibraryError:
        return []  # the check of the files has said why
    known = {place.url: (place.file, place.line) for place in places(knowledge)}
    checked = {one.url: one for one in asyncio.run(_checked(list(known), words, web))}
    for url, (file, line) in known.items():
        if url in checked and checked[url].state in ("moved", "unsure"):
            said = words(f"program.link_{checked[url].state}", url=url, detail=checked[url].detail)
            print(f"{file}:{line}: {said}")
    dead = [(url, one) for url, one in checked.items() if one.state == "dead"]
    return [Problem(*known[url], "link_dead", {"url": url, "detail": one.detail}, warning=True) for url, one in dead]


async def _checked(urls: list[str], words: Wording, web: Web) -> list[Checked]:
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(words("program.link_progress"), total=len(urls))
        return await check(urls, web=web, told=lambda _: progress.advance(task))
