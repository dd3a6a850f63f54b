"""Measure, and write the tables and plots of the documents: `make bench`.

--quick     smaller, in under five minutes; shows the tables and writes nothing
--only      some groups: quality, speed, starts, first, running, pages,
            changes; or single steps, by the beginning of their names
            (quality/left-out); the other results stay as they were
--minutes   begin nothing more after so many (90; quick: 5)
--write     measure nothing: write the pages again from the results that are kept
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from benchmarks import pictures, sets, tables, targets
from benchmarks.child import ROOT, measured
from benchmarks.page import fill
from benchmarks.plan import Step, plan

KEPT = Path(__file__).parent / "results.json"
PAGES = [ROOT / "docs" / name for name in ("matching.md", "benchmarks.md")]
IMAGES = ROOT / "docs" / "images"
ABOUT = "Measured on {day} at {commit}: {cores} cores ({machine}), Python {python}, other load {load}."


def main() -> None:
    wanted = _wanted()
    results: tables.Results = json.loads(KEPT.read_text(encoding="utf-8")) if _goes_on(wanted) else {}
    if not wanted.write:
        _tell_what_is_absent()
        measure(results, wanted)
    regions = described(results)
    if wanted.quick:
        print(*(f"\n{name}\n\n{text}" for name, text in regions.items() if text and not text.startswith("!")), sep="\n")
        return
    KEPT.write_text(_a_line_each(results), encoding="utf-8")
    write(regions, pictures.drawn(results))


def _wanted() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", nargs="+", default=[], metavar="GROUP")
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--write", action="store_true")
    wanted = parser.parse_args()
    wanted.minutes = wanted.minutes or (5 if wanted.quick else 90)
    return wanted


def _goes_on(wanted: argparse.Namespace) -> bool:
    return KEPT.exists() and not wanted.quick and (wanted.write or bool(wanted.only))


def _tell_what_is_absent() -> None:
    absent = [name for name in sets.SETS if not sets.there(name)]
    if absent:
        print(f"not there, left out: {', '.join(absent)} (looked for in {sets.FOLDER})", flush=True)


def measure(results: tables.Results, wanted: argparse.Namespace) -> None:
    """A line for each step; its result goes into `results`."""
    started, results["about"] = perf_counter(), _about()
    with tempfile.TemporaryDirectory() as caches:
        steps = [s for s in plan(wanted.quick, Path(caches)) if s.key.startswith(tuple(wanted.only) or "")]
        if not steps:
            raise SystemExit(f"no step begins with {' or '.join(wanted.only)}; --help names the groups")
        for number, step in enumerate(steps, start=1):
            left = wanted.minutes * 60 - (perf_counter() - started)
            print(f"{number:3}/{len(steps)}  {step.key:40}", end="", flush=True)
            results[step.key] = _step(step, left)
            print(_short(results[step.key]), flush=True)


def _step(step: Step, left: float) -> dict[str, object]:
    if left <= 0:
        return {"failed": "no time left"}
    return measured(step.module, min(step.seconds, left), **step.arguments)


def _short(result: dict[str, object]) -> str:
    figures = {**result, **result.get("best", {})}  # type: ignore[dict-item]
    shown = ("failed", "top1", "mcc", "median", "p99", "mb", "answers", "first", "second", "words", "meaning")
    return "  ".join(f"{k} {v:.2f}" if isinstance(v, float) else f"{k} {v}" for k, v in figures.items() if k in shown)


def _a_line_each(results: tables.Results) -> str:
    """JSON, with four digits of each number."""
    short = json.loads(json.dumps(results), parse_float=lambda digits: round(float(digits), 4))
    return "{\n" + ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in short.items()) + "\n}\n"


def _about() -> dict[str, object]:
    """When, of what, on what. `load`: processes that were at work before ours."""
    git = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(git, capture_output=True, text=True).stdout.strip()
    day, cores = datetime.now(UTC).date().isoformat(), os.cpu_count()
    return {
        "day": day,
        "commit": commit,
        "cores": cores,
        "machine": platform.machine(),
        "python": platform.python_version(),
        "load": f"{os.getloadavg()[0]:.1f}",
    }


def described(results: tables.Results) -> dict[str, str]:
    """Every region that a page may mark."""
    about = results.get("about") or _about()
    images = {file: f"![{pictures.title(svg)}](images/{file}.svg)" for file, svg in pictures.drawn(results).items()}
    return {
        "about": ABOUT.format_map(about),
        "targets": targets.table(results),
        "overview": tables.overview(results),
        "shipped": tables.shipped(results),
        "decisions": tables.decisions(results),
        "ready": tables.ready(results),
        "memory": tables.memory(results),
        "bot": tables.bot(results),
        "pages": tables.pages(results),
        **{
            name.replace("bench", "plot", 1): images.get(name, "")
            for name in ("bench-answers", "bench-time", "bench-memory", "bench-calibration")
        },
    }


def write(regions: dict[str, str], svgs: dict[str, str]) -> None:
    IMAGES.mkdir(exist_ok=True)
    for name, svg in svgs.items():
        (IMAGES / f"{name}.svg").write_text(svg, encoding="utf-8")
    for page in PAGES:
        if fill(page, regions):
            print(f"written: {page.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
