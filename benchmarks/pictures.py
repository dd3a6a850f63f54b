"""The plots: quality, time, memory, calibration."""

from __future__ import annotations

import re

from benchmarks import sets
from benchmarks.plan import SIZES
from benchmarks.plots import Axis, Line, plot
from benchmarks.tables import Results, judged, judged_key
from benchmarks.ways import WAYS

SHARES = (0, 0.2, 0.4, 0.6, 0.8, 1)


def drawn(results: Results) -> dict[str, str]:
    """File name without its ending -> SVG; only what there are results for."""
    name = "tierslieux" if "quality/tierslieux/concierge" in results else sets.SHIPPED
    found = {
        "bench-answers": _answers(results, name),
        "bench-time": _sized(results, "Time of a decision", "median, ms", "median", (0.03, 0.1, 1, 10, 100, 1000)),
        "bench-memory": _sized(results, "Peak of memory", "MB", "mb", (30, 100, 300, 1000, 3000)),
        "bench-calibration": _calibration(results),
    }
    return {file: svg for file, svg in found.items() if "<polyline" in svg}


def _answers(results: Results, name: str) -> str:
    lines = [
        Line(_plain(way.title), found["curve"])
        for key, way in WAYS.items()
        if "curve" in (found := results.get(judged_key(results, name, key), {}))
    ]
    return plot(
        f"How much can be answered how surely ({name})",
        Axis("share of the questions answered rightly", SHARES),
        Axis("share of the answers that are right", SHARES),
        lines,
    )


def _sized(results: Results, title: str, unit: str, name: str, ticks: tuple[float, ...]) -> str:
    lines = []
    for key, way in WAYS.items():
        points = [(size, results.get(f"speed/{size}/{key}", {}).get(name)) for size in SIZES]
        lines.append(Line(_plain(way.title), [(size, value) for size, value in points if value is not None]))
    across = Axis("entries", SIZES, logarithmic=True)
    return plot(title, across, Axis(unit, ticks, logarithmic=True), [line for line in lines if line.points])


def _calibration(results: Results) -> str:
    """Each point a tenth of the confidence; tenths with few questions are left out."""
    lines = []
    for name in sets.SETS:
        points = judged(results, name, "concierge")[0].get("calibration", [])
        lines.append(Line(name, [(sure, right) for sure, right, count in points if count >= 10]))
    axes = Axis("confidence", SHARES), Axis("share that is right", SHARES)
    measured = [line for line in lines if line.points]
    ideal = [Line("as it should be", [(0, 0), (1, 1)], dashed=True)] if measured else []
    return plot("Is the confidence a probability?", *axes, [*measured, *ideal])


def title(svg: str) -> str:
    return svg.partition("<title>")[2].partition("</title>")[0]


def _plain(markdown: str) -> str:
    return re.sub(r"[*`]", "", markdown)
