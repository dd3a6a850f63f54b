"""The first start on the shipped knowledge: how soon words answer, and how soon meaning has joined them."""

from __future__ import annotations

import asyncio
import tempfile
from functools import partial
from pathlib import Path
from time import process_time

from benchmarks import child, growth
from benchmarks.starts import QUESTION
from bot.app.live_index import LiveIndex, LoadEmbeddings
from bot.knowledge.library import Library
from bot.locale import wording
from bot.matching.encoder_folder import load_embeddings


def measure() -> child.Result:
    """Seconds of one core since the process began: what else runs on the machine does not count."""
    with tempfile.TemporaryDirectory() as cache:
        return asyncio.run(_measure(partial(load_embeddings, None, Path(cache))))


async def _measure(load: LoadEmbeddings) -> child.Result:
    current = LiveIndex(Library(growth.ROOT / "knowledge"), wording("fr"), growth.today, load_embeddings=load)
    await current.reload()
    words = _answered(current)
    await current.join_meaning()
    if current.waiting_for:
        raise RuntimeError(f"still waiting for {current.waiting_for}")
    return {"words": words, "meaning": _answered(current), "mb": child.peak()}


def _answered(current: LiveIndex) -> float:
    current.index().search(QUESTION)
    return process_time()
