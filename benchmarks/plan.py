"""What is measured, in which order, and for how long at most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import sets
from benchmarks.ways import WAYS

SIZES = (100, 500, 1_000, 10_000)  # entries
QUICK_SETS = ("tierslieux", "covidfaq-fr", sets.SHIPPED)
OURS = [name for name, way in WAYS.items() if way.ours]


@dataclass(frozen=True, slots=True)
class Step:
    """`key` names the result; `group/…`. `seconds`: after so many it is given up."""

    key: str
    module: str
    seconds: float
    arguments: dict[str, Any] = field(default_factory=dict)

    @property
    def group(self) -> str:
        return self.key.partition("/")[0]


def plan(quick: bool, caches: Path) -> list[Step]:
    """Something of everything first; what is left when the time is up is the largest knowledge."""
    sizes = (100, 1_000) if quick else SIZES
    names = list(filter(sets.there, QUICK_SETS if quick else sets.SETS))
    first, *others = ([*_speed(size, quick, caches)] for size in sizes)
    return [
        *(*_starts(quick), *_quality(names[:1], quick), *first, *_quality(names[1:], quick)),
        *(step for steps in others for step in steps),
    ]


def _starts(quick: bool) -> Iterator[Step]:
    runs = 1 if quick else 5
    for entries in (0, 500):
        yield Step(f"starts/{entries}", "starts", 120, {"entries": entries, "runs": runs})
    yield Step("running/500", "running", 180, {"entries": 500})
    for entries in (500,) if quick else (500, 10_000):
        yield Step(f"changes/{entries}", "changes", 300, {"entries": entries})


def _quality(names: Sequence[str], quick: bool) -> Iterator[Step]:
    for name in names:
        for way in WAYS:
            arguments = {"way": way, "name": name, "most": 150 if quick else 0}
            yield Step(f"quality/{name}/{way}", "quality", 240, arguments)
        if (sets.LEFT_OUT / f"{name}.json").exists():
            for way in OURS:
                more = {"way": way, "name": name, "most": 150 if quick else 0, "left_out": True}
                yield Step(f"quality/{name}/{way}/left-out", "quality", 240, more)


def _speed(size: int, quick: bool, caches: Path) -> Iterator[Step]:
    """Ours twice: all embeddings made, and from the cache of the first time."""
    asked: dict[str, Any] = {"entries": size, "questions": 100 if quick else 300, "seconds": 5 if quick else 20}
    yield Step(f"speed/{size}/nothing", "speed", 120, {"way": "nothing", **asked})
    for name, way in WAYS.items():
        if size > way.most:
            continue
        if way.ours:
            asked["cache"] = str(caches / f"{name}-{size}")
            yield Step(f"speed/{size}/{name}/cold", "speed", 240, {"way": name, **asked, "questions": 1})
        yield Step(f"speed/{size}/{name}", "speed", 240, {"way": name, **asked})
