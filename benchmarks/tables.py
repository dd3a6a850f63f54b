"""Results as Markdown tables. A result that is not there, or failed, is a dash, with the reason where there is one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from benchmarks import sets
from benchmarks.plan import SIZES
from benchmarks.ways import WAYS

Results = dict[str, dict[str, Any]]
Cell = Callable[[dict[str, Any]], str]
RANKED = ("top1", "top3", "helped", "at_90", "at_95", "brier")
DECIDED = ("in_scope", "precision", "rejected", "mcc")  # what depends on whether the bot is called


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cell(results: Results, key: str, show: Cell) -> str:
    found = results.get(key)
    if found is None:
        return "–"
    return str(found["failed"]) if "failed" in found else show(found)


def share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def overview(results: Results) -> str:
    """Top-1 and the best correlation, a column a set."""
    names = _asked(results)

    def show(found: dict[str, Any]) -> str:
        return f"{share(found['best']['top1'])} / {share(found['best']['mcc'])}"

    rows = [
        [way.title, *(cell(results, judged_key(results, n, key), show) for n in names)] for key, way in WAYS.items()
    ]
    return markdown(["top1 / mcc", *names], rows)


def shipped(results: Results) -> str:
    """Ours at the thresholds that come with it."""
    rows = []
    for name in _asked(results):
        found, note = judged(results, name, "concierge")
        addressed, overheard = found.get("addressed", {}), found.get("overheard", {})
        ranked = (share(addressed.get(measure)) for measure in RANKED)
        decided = (f"{share(addressed.get(measure))} / {share(overheard.get(measure))}" for measure in DECIDED)
        rows.append([f"{name}{note}", *ranked, *decided])
    return markdown(["addressed / overheard", *RANKED, *DECIDED], rows)


def judged_key(results: Results, name: str, way: str) -> str:
    """Of the result of a way that has not learned from this set, where that was measured: ours learns from all sets."""
    key = f"quality/{name}/{way}"
    return f"{key}/left-out" if "addressed" in results.get(f"{key}/left-out", {}) else key


def judged(results: Results, name: str, way: str) -> tuple[dict[str, Any], str]:
    """What `judged_key` names, and a mark if it has learned from the set."""
    key = judged_key(results, name, way)
    return results.get(key, {}), "" if key.endswith("/left-out") else "¹"


def decisions(results: Results) -> str:
    return _sized(results, "a decision, ms: median / p99", lambda r: f"{ms(r['median'])} / {ms(r['p99'])}")


def memory(results: Results) -> str:
    return _sized(results, "peak memory, MB", lambda r: f"{r['mb']:.0f}", cold=True)


def ready(results: Results) -> str:
    return _sized(results, "start, s (CPU s)", lambda r: f"{r['clock']:.2f} ({r['processor']:.2f})", cold=True)


def ms(value: float) -> str:
    return f"{value:.1f}" if value >= 0.95 else f"{value:.2f}"


def _sized(results: Results, what: str, show: Cell, cold: bool = False) -> str:
    """A column a size; `cold`: ours alone, also without its cache."""
    sizes = [size for size in SIZES if f"speed/{size}/nothing" in results]
    rows = []
    for key, way in WAYS.items():
        if way.ours or not cold:
            rows.append([way.title, *(cell(results, f"speed/{size}/{key}", show) for size in sizes)])
        if cold and way.ours and way.encodes:
            first = (cell(results, f"speed/{size}/{key}/cold", show) for size in sizes)
            rows.append([f"{way.title}, first time", *first])
    return markdown([what, *(f"{size:,} entries" for size in sizes)], rows)


def bot(results: Results) -> str:
    """How long a question waits while the running bot takes a change in; the rest is among the targets."""
    rows = [
        [f"longest wait of a question, {size:,} entries", cell(results, f"changes/{size}", _meanwhile)]
        for size in (500, 10_000)
    ]
    return markdown(["while an entry changes", "measured"], rows)


def pages(results: Results) -> str:
    """What readers wait for, and what they cost a room."""
    return markdown(
        ["pages, 500 entries", "measured"], [[what, cell(results, "pages/500", show)] for what, show in PAGES.items()]
    )


def _meanwhile(found: dict[str, Any]) -> str:
    return f"{ms(found['meanwhile_p99'])} ms"


PAGES: dict[str, Cell] = {
    "a theme or answer, first rendering: median, p99": lambda r: (
        f"{ms(r['first']['median'])}, {ms(r['first']['p99'])} ms"
    ),
    "from memory: median, p99": lambda r: f"{ms(r['again']['median'])}, {ms(r['again']['p99'])} ms",
    "a search: median, p99": lambda r: f"{ms(r['search']['median'])}, {ms(r['search']['p99'])} ms",
    "the heaviest page with style and script": lambda r: f"{r['kb']:.0f} kB",
    "a room's question without readers: median, p99": lambda r: f"{ms(r['room']['median'])}, {ms(r['room']['p99'])} ms",
    "beside them: median, p99": lambda r: f"{ms(r['beside']['median'])}, {ms(r['beside']['p99'])} ms",
}


def _asked(results: Results) -> list[str]:
    return [name for name in sets.SETS if any(key.startswith(f"quality/{name}/") for key in results)]
