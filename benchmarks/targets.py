"""The targets, and what was measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks import sets
from benchmarks.tables import Results, judged, markdown

ADDRESSED, OVERHEARD = "addressed", "overheard"
QUALITY = [  # set, how it is asked, measure, bound, whether that is the most
    ("tierslieux", ADDRESSED, "top1", 0.84, False),
    ("tierslieux", ADDRESSED, "top3", 0.95, False),
    ("tierslieux", ADDRESSED, "helped", 0.90, False),
    ("tierslieux", ADDRESSED, "in_scope", 0.60, False),
    ("tierslieux", ADDRESSED, "precision", 0.92, False),
    ("tierslieux", ADDRESSED, "at_90", 0.66, False),
    ("tierslieux", ADDRESSED, "at_95", 0.55, False),
    ("tierslieux", OVERHEARD, "in_scope", 0.42, False),
    ("tierslieux", OVERHEARD, "precision", 0.97, False),
    ("tierslieux", OVERHEARD, "false_answers", 0.01, True),
    ("covidfaq-fr", ADDRESSED, "top1", 0.86, False),
    ("covidfaq-fr", ADDRESSED, "mcc", 0.86, False),
    ("clinc150-5shot", ADDRESSED, "top1", 0.85, False),
    ("clinc150-5shot", ADDRESSED, "mcc", 0.80, False),
    ("clinc150-50shot", ADDRESSED, "in_scope", 0.93, False),
    ("clinc150-50shot", ADDRESSED, "rejected", 0.85, False),
    ("banking77-10shot", ADDRESSED, "top1", 0.83, False),
    *((name, ADDRESSED, "brier", 0.10, True) for name in sets.SETS),
]
FIRST = "first start on the shipped entries, CPU time: "
SPEED = [  # key, path to the value, what, at most, unit
    ("speed/500/concierge", ("median",), "a decision, 500 entries, median", 15, "ms"),
    ("speed/500/concierge", ("p99",), "a decision, 500 entries, p99", 40, "ms"),
    ("speed/10000/concierge", ("p99",), "a decision, 10,000 entries, p99", 60, "ms"),
    ("speed/10000/concierge", ("mb",), "memory of the index, 10,000 entries, cached", 600, "MB"),
    ("starts/0", ("warm", "clock"), "`concierge ask`, the shipped entries, cached", 1.2, "s"),
    ("starts/500", ("warm", "clock"), "`concierge ask`, 500 entries, cached", 1.2, "s"),
    ("first/shipped", ("words",), f"{FIRST}until words answer", 1, "s"),
    ("first/shipped", ("meaning",), f"{FIRST}until meaning joins", 20, "s"),
    ("running/500", ("first",), "memory of the bot with encryption, 500 entries, first start", 400, "MB"),
    ("running/500", ("second",), "memory of the bot with encryption, 500 entries, cached", 400, "MB"),
    ("running/10000", ("second",), "memory of the bot with encryption, 10,000 entries, cached", 800, "MB"),
    ("image", ("mb",), "the container image, beyond its base", 400, "MB"),
    ("pages/500", ("first", "median"), "a reader's page, 500 entries, first rendering, median", 2, "ms"),
    ("pages/500", ("again", "median"), "a reader's page, 500 entries, from memory, median", 2, "ms"),
    ("pages/500", ("search", "median"), "a reader's search, 500 entries, median", 30, "ms"),
    ("pages/500", ("kb",), "the heaviest page, 100 answers, with style and script", 60, "kB"),
    ("pages/500", ("later",), "a room's question beside readers: p99, added delay", 100, "ms"),
    ("changes/500", ("answers",), "a changed entry answers, 500 entries", 1, "s"),
    ("changes/10000", ("answers",), "a changed entry answers, 10,000 entries", 15, "s"),
]


@dataclass(frozen=True, slots=True)
class Target:
    what: str
    bound: str
    value: str
    reached: bool

    @classmethod
    def of(cls, what: str, value: float, bound: float, most: bool, unit: str = "") -> Target:
        shown = f"{value:.3f}" if not unit else f"{value:.2f} {unit}" if value < 10 else f"{value:.0f} {unit}"
        return cls(
            what,
            f"{'≤' if most else '≥'} {bound:.3g} {unit}".strip(),
            shown,
            value <= bound if most else value >= bound,
        )


def targets(results: Results) -> list[Target]:
    return [*_quality(results), *_speed(results), *_growth(results)]


def table(results: Results) -> str:
    rows = [[one.what, one.bound, one.value if one.reached else f"**{one.value}**"] for one in targets(results)]
    return markdown(["what", "target", "measured"], rows)


def _quality(results: Results) -> Iterator[Target]:
    for name, mode, measure, bound, most in QUALITY:
        found, note = judged(results, name, "concierge")
        if measure in found.get(mode, {}):
            yield Target.of(f"{name}{note}, {mode}: {measure}", found[mode][measure], bound, most)


def _speed(results: Results) -> Iterator[Target]:
    for key, path, what, bound, unit in SPEED:
        found = results.get(key, {})
        if "failed" in found:
            yield Target(what, f"≤ {bound:g} {unit}", str(found["failed"]), False)
        elif found:
            value = found[path[0]][path[1]] if len(path) > 1 else found[path[0]]
            yield Target.of(what, value, bound, True, unit)


def _growth(results: Results) -> Iterator[Target]:
    """How much slower a decision gets when the knowledge grows a hundredfold."""
    small, large = results.get("speed/100/concierge", {}), results.get("speed/10000/concierge", {})
    if "median" in small and "median" in large:
        times = large["median"] / small["median"]
        yield Target.of("a decision at 10,000 entries, compared with 100", times, 100, True, "times")
