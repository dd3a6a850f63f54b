"""Rates of right and wrong answers to messages that nothing is learned from.

usage: cd tools && PYTHONPATH=..:. python judge_rooms.py

The messages are those of the sets in `learning_heaps.JUDGES`: pairs that differ by one thing, rooms in which seven in
ten messages want no answer, and one week of a room. Prints a row for each kind, called and overheard, and the precision
with its interval (Wilson, 95 %). Takes two minutes.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.matching import SearchResult
from bot.matching.decision import Answer, Suggest, Thresholds, decide
from bot.matching.encoder_folder import load_embeddings
from bot.matching.index import Index
from training.learning_heaps import CACHE, HERE, JUDGES, LEARNING, read_knowledge
from training.pairs import read_pairs

FILES = ("pairs", "room", "week")


@dataclass
class Tally:
    messages: int = 0
    right: int = 0
    wrong: int = 0

    def add(self, result: SearchResult, expect: str | None, addressed: bool) -> None:
        decision = decide(result, addressed, Thresholds())
        given = decision.matches if isinstance(decision, Answer) else ()
        given += decision.answered if isinstance(decision, Suggest) else ()
        is_right = expect in {match.id for match in given}
        self.messages += 1
        self.right += bool(given) and is_right
        self.wrong += bool(given) and not is_right


def messages(folder: Path, name: str) -> Iterator[tuple[str, str, str | None]]:
    """Yield kind, text, and the id of the entry that answers it, or None."""
    if name == "pairs":
        for pair in read_pairs(folder):
            yield "asked", pair.asked, pair.entry
            yield pair.kind, pair.trap, None
    elif (file := folder / f"{name}.jsonl").exists():
        for raw in map(json.loads, file.read_text(encoding="utf-8").splitlines()):
            yield "asked" if raw["expect"] else raw.get("kind") or raw.get("note") or "talk", raw["text"], raw["expect"]


def wilson(right: int, answers: int, z: float = 1.96) -> tuple[float, float]:
    """Return the ends of Wilson's interval of a share (Journal of the American Statistical Association 22, 1927)."""
    n = max(answers, 1)
    share = right / n
    reach = z * math.sqrt(share * (1 - share) / n + (z / (2 * n)) ** 2)
    middle, scale = share + z * z / (2 * n), 1 + z * z / n
    return (middle - reach) / scale, (middle + reach) / scale


def main() -> None:
    embeddings = load_embeddings(None, CACHE)
    tallies: dict[tuple[str, str, bool], Tally] = defaultdict(Tally)
    for name in JUDGES:
        folder = HERE.parent / "knowledge" if name == "shipped" else LEARNING / name
        index = Index(read_knowledge(folder), embeddings=embeddings)
        for file in FILES:
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


if __name__ == "__main__":
    main()
