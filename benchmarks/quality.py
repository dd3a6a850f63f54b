"""How well a way answers a labelled set."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks import child, sets
from benchmarks.ways import WAYS, Job, Search
from bot.matching import SearchResult
from bot.matching.decision import Thresholds
from bot.quality.evaluation import Labelled, LabelledResult, best_cut, judge, measures
from bot.reading.calls import cut_call

NAMES = ("concierge",)
_POINTS, _BINS = 60, 10


def measure(way: str, name: str, cache: str, most: int = 0, learned: str = "") -> child.Result:
    """`best`: at the way's own best threshold. Ours also at the shipped ones, addressed and overheard.

    `learned`: the folder of what `left_out` has learned; else what is shipped counts.
    """
    asked = sets.read(name, most)
    folder = Path(learned) / name if learned else None
    search = WAYS[way].build(Job(asked.knowledge, asked.language, Path(cache), folder))
    found = answers(search, asked.questions)
    result = {"best": at_best(asked.questions, found), "curve": curve(_rows(asked.questions, found, 2.0))}
    if WAYS[way].ours:
        judged = {
            key: judge(asked.questions, found, Thresholds(), key == "addressed") for key in ("addressed", "overheard")
        }
        result |= {key: measures(rows) for key, rows in judged.items()}
        result["calibration"] = calibration(judged["addressed"])
    return result


def answers(search: Search, questions: Sequence[Labelled]) -> list[SearchResult]:
    return [search(cut_call(question.text, NAMES)[0]) for question in questions]


def at_best(questions: Sequence[Labelled], found: Sequence[SearchResult]) -> dict[str, float]:
    """The measures at the threshold that is best on these very questions: an upper bound, the same for all ways."""
    cut = best_cut(_rows(questions, found, 2.0))
    return {**measures(_rows(questions, found, cut)), "cut": cut}


def _rows(questions: Sequence[Labelled], found: Sequence[SearchResult], cut: float) -> list[LabelledResult]:
    whole = [
        SearchResult(one.text, one.matches, one.question) for one in found
    ]  # parts would answer at their own confidence
    return judge(questions, whole, Thresholds(confident=cut, suggest=cut), True)


def curve(rows: Sequence[LabelledResult]) -> list[tuple[float, float]]:
    """Share of the in-scope questions that are answered rightly, and precision, the surest answers first."""
    inside = max(1, sum(bool(row.question.expect) for row in rows))
    ordered = sorted((row for row in rows if row.ids), key=lambda row: -row.confidence)
    right, points = 0, []
    for number, row in enumerate(ordered, start=1):
        right += row.top1
        points.append((right / inside, right / number))
    return points[:: max(1, len(points) // _POINTS)]


def calibration(rows: Sequence[LabelledResult]) -> list[tuple[float, float, int]]:
    """For each tenth of the confidence: its mean, the share that is right, how many there are."""
    bins: list[list[LabelledResult]] = [[] for _ in range(_BINS)]
    for row in rows:
        bins[min(_BINS - 1, int(row.confidence * _BINS))].append(row)
    return [
        (sum(r.confidence for r in rows) / len(rows), sum(r.top1 for r in rows) / len(rows), len(rows))
        for rows in filter(None, bins)
    ]
