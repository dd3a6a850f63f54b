"""Rates of right and wrong answers to messages that nothing is learned from.

usage: python -m training.judge_rooms

The messages are those of the sets in `learning_heaps.JUDGES`: pairs that differ by one thing, rooms in which seven in
ten messages want no answer, one week of a room, and questions as written and as typed again in haste. Prints a row for
each kind, called and overheard, and the precision with its interval (Wilson, 95 %), and draws
`docs/images/bench-rooms.svg`. Takes two minutes.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean

from benchmarks.plots import Axis, Line, plot
from bot.matching import SearchResult
from bot.matching.decision import Answer, Suggest, Thresholds, decide, overheard_confidence
from bot.matching.encoder_folder import load_embeddings
from bot.matching.index import Index
from training.learning_heaps import CACHE, HERE, JUDGES, LEARNING, read_knowledge
from training.pairs import read_pairs

FILES = ("pairs", "room", "week")
HASTE = "haste"  # questions that somebody typed again without looking; not in the plot
PLOT = HERE.parent / "docs" / "images" / "bench-rooms.svg"
SHARES = (0, 0.2, 0.4, 0.6, 0.8, 1)
Z = 1.96  # quantile of the normal distribution that leaves 2.5 % on each side


@dataclass
class Tally:
    messages: int = 0
    right: int = 0
    wrong: int = 0
    sure: list[tuple[float, bool]] = field(default_factory=list)  # confidence of the best match, whether it is right

    def add(self, result: SearchResult, expect: Collection[str], addressed: bool) -> None:
        decision = decide(result, addressed, Thresholds())
        given = decision.matches if isinstance(decision, Answer) else ()
        given += decision.answered if isinstance(decision, Suggest) else ()
        is_right = any(match.id in expect for match in given)
        confidence = result.confidence if addressed else overheard_confidence(result)
        self.sure.append((confidence, bool(result.matches) and result.matches[0].id in expect))
        self.messages += 1
        self.right += bool(given) and is_right
        self.wrong += bool(given) and not is_right


def messages(folder: Path, name: str) -> Iterator[tuple[str, str, Collection[str]]]:
    """Yield kind, text, and the ids of the entries that answer it."""
    if name == "pairs":
        for pair in read_pairs(folder):
            yield "asked", pair.asked, [pair.entry]
            yield pair.kind, pair.trap, []
    elif (file := folder / f"{name}.jsonl").exists():
        for raw in map(json.loads, file.read_text(encoding="utf-8").splitlines()):
            if name == HASTE:
                yield "as written", raw["asked"], raw["expect"]
                yield "in haste", raw["text"], raw["expect"]
            else:
                kind = "asked" if raw["expect"] else raw.get("kind") or raw.get("note") or "talk"
                yield kind, raw["text"], [raw["expect"]] if raw["expect"] else []


def wilson(right: int, answers: int) -> tuple[float, float]:
    """Return the ends of Wilson's interval of a share, 95 % (Journal of the American Statistical Association, 1927)."""
    n = max(answers, 1)
    share = right / n
    reach = Z * math.sqrt(share * (1 - share) / n + (Z / (2 * n)) ** 2)
    middle, scale = share + Z * Z / (2 * n), 1 + Z * Z / n
    return (middle - reach) / scale, (middle + reach) / scale


def draw(tallies: Mapping[tuple[str, str, bool], Tally]) -> str:
    """Return a plot of how often a best match is right, by tenths of its confidence; each has ten messages or more."""
    lines = [Line("as it should be", [(0, 0), (1, 1)], dashed=True)]
    for addressed, way in ((True, "called"), (False, "overheard")):
        tenths: dict[int, list[tuple[float, bool]]] = defaultdict(list)
        for (file, kind, how), one in tallies.items():
            if how == addressed and file not in ("pairs", HASTE) and kind in ("all", "not asked"):
                for sure, right in one.sure:
                    tenths[int(sure * 10)].append((sure, right))
        points = [
            (fmean(s for s, _ in some), fmean(r for _, r in some))
            for _, some in sorted(tenths.items())
            if len(some) >= 10
        ]
        lines.append(Line(f"rooms and week, {way}", points))
    return plot(
        "Is it a probability in a room?", Axis("confidence", SHARES), Axis("share that is right", SHARES), lines
    )


def main() -> None:
    embeddings = load_embeddings(None, CACHE)
    tallies: dict[tuple[str, str, bool], Tally] = defaultdict(Tally)
    for name in JUDGES:
        folder = HERE.parent / "knowledge" if name == "shipped" else LEARNING / name
        index = Index(read_knowledge(folder), embeddings=embeddings)
        for file in (*FILES, HASTE):
            for kind, text, expect in messages(LEARNING / name, file):
                result = index.search(text)
                for addressed in (True, False):
                    tallies[file, kind, addressed].add(result, expect, addressed)
                    tallies[file, "all" if expect else "not asked", addressed].add(result, expect, addressed)
    for (file, kind, addressed), one in sorted(tallies.items()):
        right, wrong = one.right / one.messages, one.wrong / one.messages
        way = "called" if addressed else "overheard"
        print(f"{file:6} {kind:12} {way:10} {one.messages:5}  right {right:.3f}  wrong {wrong:.3f}")
    for file in FILES:
        for addressed in (True, False):
            some = [tallies[file, kind, addressed] for kind in ("all", "not asked")]
            right, wrong = sum(one.right for one in some), sum(one.wrong for one in some)
            low, high = wilson(right, right + wrong)
            print(
                f"{file} {'called' if addressed else 'overheard'}: {right} of {right + wrong}, {low:.2f} to {high:.2f}"
            )
    PLOT.write_text(draw(tallies), encoding="utf-8")


if __name__ == "__main__":
    main()
