"""How long a way takes to be ready and to decide, and the memory that it holds, on knowledge of a given size."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter, process_time

from benchmarks import child, growth
from benchmarks.ways import NOTHING, WAYS, Job, Search
from bot.matching.decision import Thresholds, decide

WARM_UP = 10  # questions that are not counted


def measure(way: str, entries: int, questions: int, cache: str = "", seconds: float = 30) -> child.Result:
    """Decisions in milliseconds of the processor: what else runs on the machine does not count.

    After `seconds` of them no more are asked.
    """
    knowledge = growth.grown(entries)
    texts = growth.questions(knowledge, questions + WARM_UP)
    started, used = perf_counter(), process_time()
    search = WAYS.get(way, NOTHING).build(Job(knowledge, cache=Path(cache) if cache else None))
    search(texts[0])
    ready = {"clock": perf_counter() - started, "processor": process_time() - used}
    times = _times(search, texts, seconds)
    return {**ready, **spread(times), "asked": len(times), "mb": child.peak()}


def _times(search: Search, texts: list[str], seconds: float) -> list[float]:
    limits, times = Thresholds(), []
    for text in texts[:WARM_UP]:
        search(text)
    for text in texts[WARM_UP:]:
        started = process_time()
        decide(search(text), True, limits)
        times.append((process_time() - started) * 1000)
        if sum(times) > seconds * 1000:
            break
    return times


def spread(times: list[float]) -> dict[str, float]:
    """Median and 99th percentile."""
    ordered = sorted(times)
    return {"median": ordered[len(ordered) // 2], "p99": ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]}
