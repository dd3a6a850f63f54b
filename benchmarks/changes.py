"""How long after a file is saved its new entry answers, while questions go on being asked."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from time import perf_counter

import yaml

from benchmarks import child, growth
from benchmarks.speed import spread
from bot.app.live_index import LiveIndex
from bot.conversation.context import Reloaded
from bot.knowledge.library import Library
from bot.locale import wording
from bot.matching.encoder_folder import load_embeddings

PATIENCE = 240.0  # seconds
ASKED = "Où ranger la brocantinette de Zuydcoote ?"
_PAUSE = 0.05  # seconds between two questions that are asked meanwhile


def measure(entries: int, cache: str = "") -> child.Result:
    """`cache`: where the embeddings may be already."""
    with tempfile.TemporaryDirectory() as place:
        growth.write(growth.grown(entries), Path(place) / "knowledge")
        return asyncio.run(_measure(Path(place), Path(cache or place) / "concierge"))


async def _measure(place: Path, cache: Path) -> child.Result:
    """`words`, `ready`: seconds until words answer, and until meaning has joined them."""
    load = partial(load_embeddings, None, cache)
    current = LiveIndex(Library(place / "knowledge"), wording("fr"), growth.today, load_embeddings=load)
    started = perf_counter()
    await current.reload()
    words = perf_counter() - started
    await current.join_meaning()
    ready, held = perf_counter() - started, child.peak()
    async with asyncio.timeout(PATIENCE):
        with _following(current):
            await asyncio.sleep(3)  # the files count as settled
            changed = await _changed(current, place / "knowledge")
    return {"words": words, "ready": ready, "mb": held, **changed, "mb_after": child.peak()}


@contextlib.contextmanager
def _following(current: LiveIndex) -> Iterator[None]:
    task = asyncio.create_task(current.follow(_hear))
    try:
        yield
    finally:
        task.cancel()


async def _changed(current: LiveIndex, folder: Path) -> dict[str, float]:
    """Seconds until the new phrasing leads to its entry, and how long the questions took that were asked meanwhile."""
    wanted = _change(folder)
    saved = perf_counter()
    waits: list[float] = []
    found = ""
    while found != wanted:
        await asyncio.sleep(_PAUSE)
        found = _search(current, waits)
    return {"answers": perf_counter() - saved, **{f"meanwhile_{name}": ms for name, ms in spread(waits).items()}}


def _search(current: LiveIndex, waits: list[float]) -> str:
    """The entry that the new phrasing leads to, once it is known."""
    started = perf_counter()
    found = current.index().search(ASKED)
    waits.append((perf_counter() - started) * 1000)
    return found.matches[0].id if found.matches and found.matches[0].evidence.phrasing == ASKED else ""


def _change(folder: Path) -> str:
    """Give the last entry of the last file another phrasing for one, as an editor saves it; the entry's id."""
    file = max(folder.glob("*.yaml"))
    theme = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    theme["entries"][-1]["questions"][-1] = ASKED
    new = file.with_suffix(".new")
    new.write_text(yaml.dump(theme, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False), encoding="utf-8")
    os.replace(new, file)
    return str(theme["entries"][-1]["id"])


async def _hear(reloaded: Reloaded) -> None:
    raise RuntimeError(reloaded.errors)
