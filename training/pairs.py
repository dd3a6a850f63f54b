"""Pairs of messages that differ by one thing: an entry answers the one, and nothing answers the other."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

PAIRS, MORE_PAIRS = "pairs.jsonl", "more_pairs.jsonl"  # the second: those that only the cross-encoder learns from


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair: `entry` answers `asked`; nothing answers `trap`. `kind`: the difference (see `training/README.md`)."""

    entry: str
    kind: str
    asked: str
    trap: str


def read_pairs(folder: Path, name: str = PAIRS) -> list[Pair]:
    """Return the pairs of a set; none if it has no file of them."""
    file = folder / name
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [Pair(**json.loads(line)) for line in lines]
