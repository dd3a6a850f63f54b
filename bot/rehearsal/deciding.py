"""All texts of a past through the index, on every processor; a text that was said again and again is decided once."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from bot.matching.decision import Thresholds
from bot.matching.index import Index
from bot.messages import Venue
from bot.rehearsal.replay import PastUtterance, TextVerdict, decided

_BATCH = 200  # texts between two signs of progress; Ctrl-C waits for one text a thread


def verdicts(
    index: Index,
    said: Sequence[PastUtterance],
    limits: Thresholds,
    venue: Venue,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Mapping[str, TextVerdict]:
    """By text. Threads do, since the encoder runs outside of the interpreter's lock."""
    texts = list(dict.fromkeys(one.text for one in said if one.text and (one.overheard or one.askable)))

    def verdict(text: str) -> TextVerdict:
        return decided(text, index.search(text, venue), limits)

    found: dict[str, TextVerdict] = {}
    pool = ThreadPoolExecutor(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())
    try:
        for done in range(0, len(texts), _BATCH):
            progress(done, len(texts))
            batch = texts[done : done + _BATCH]
            found |= zip(batch, pool.map(verdict, batch), strict=True)
        progress(len(texts), len(texts))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return found
