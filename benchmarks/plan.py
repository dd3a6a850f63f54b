"""What is measured, in which order, and for how long at most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import image, sets
from benchmarks.ways import WAYS

SIZES = (100, 500, 1_000, 10_000)  # entries
QUICK_SIZES = (100, 500)
QUICK_SETS = ("tierslieux", "covidfaq-fr", sets.SHIPPED)
OURS = [name for name, way in WAYS.items() if way.ours]


@dataclass(frozen=True, slots=True)
class Step:
    """`key` names the result; `group/…`. `seconds`: after so many it is given up."""

    key: str
    module: str
    seconds: float
    arguments: dict[str, Any] = field(default_factory=dict)


def plan(quick: bool, caches: Path) -> list[Step]:
    """Something of everything first; what is left when the time is up is the largest knowledge."""
    sizes = QUICK_SIZES if quick else SIZES
    names = list(filter(sets.there, QUICK_SETS if quick else sets.SETS))
    first, *others = ([*_speed(size, quick, caches)] for size in sizes)
    return [
        *(*_starts(quick), *_quality(names[:1], quick, caches), *first, *_quality(names[1:], quick, caches)),
        *([] if quick else _left_out(names, caches)),
        *(step for steps in others for step in steps),
        _pages(quick, caches),
        *_changes((500,) if quick else (500, 10_000), caches),
    ]


def _starts(quick: bool) -> Iterator[Step]:
    yield Step("first/shipped", "first", 180)
    for entries in (0,) if quick else (0, 500):
        yield Step(f"starts/{entries}", "starts", 240, {"entries": entries, "runs": 1 if quick else 5})
    if not quick:
        yield Step("running/500", "running", 300, {"entries": 500})
    if image.is_there():
        yield Step("image", "image", 60)


def _changes(sizes: Sequence[int], caches: Path) -> Iterator[Step]:
    """And the running bot on the largest knowledge; with the embeddings that `_speed` has had made."""
    for size in sizes:
        cached = {"entries": size, "cache": str(caches / str(size))}
        yield Step(f"changes/{size}", "changes", 1500, cached)
        if size > 1_000:
            yield Step(f"running/{size}", "running", 1500, cached)


def _pages(quick: bool, caches: Path) -> Step:
    """With the embeddings that `_speed` has had made."""
    asked = {"entries": 500, "seconds": 10 if quick else 60, "searches": 50 if quick else 200}
    return Step("pages/500", "pages", 600, {**asked, "cache": str(caches / "500" / "concierge")})


def _quality(names: Sequence[str], quick: bool, caches: Path) -> Iterator[Step]:
    for name in names:
        for way in WAYS:
            yield Step(f"quality/{name}/{way}", "quality", 300, _asked(name, way, quick, caches))


def _asked(name: str, way: str, quick: bool, caches: Path) -> dict[str, Any]:
    return {"way": way, "name": name, "cache": str(caches / "quality"), "most": 150 if quick else 0}


def _left_out(names: Sequence[str], caches: Path) -> Iterator[Step]:
    """Ours again, with what was learned without the set: first of all that, on all the sets."""
    if not sets.FOLDER.is_dir():
        return
    for way in OURS:
        learned = str(caches / "left-out" / way)
        yield Step(f"quality/left-out/{way}", "left_out", 3600, {"way": way, "folder": learned})
        for name in names:
            arguments = {**_asked(name, way, False, caches), "learned": learned}
            yield Step(f"quality/{name}/{way}/left-out", "quality", 300, arguments)


def _speed(size: int, quick: bool, caches: Path) -> Iterator[Step]:
    """Ours twice: all embeddings made, and from the cache of the first time."""
    asked: dict[str, Any] = {"entries": size, "questions": 100 if quick else 300, "seconds": 5 if quick else 20}
    cached = asked | {"cache": str(caches / str(size) / "concierge")}
    yield Step(f"speed/{size}/nothing", "speed", 120, {"way": "nothing", **asked})
    for name, way in WAYS.items():
        if size > way.most:
            continue
        if way.encodes and way.ours:
            yield Step(f"speed/{size}/{name}/cold", "speed", 1500, {"way": name, **cached, "questions": 1})
        yield Step(f"speed/{size}/{name}", "speed", 900, {"way": name, **(cached if way.encodes else asked)})
