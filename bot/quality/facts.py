"""What labelled messages say about the confidence: the labels in their two forms, and the facts to learn from. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from bot.matching import SearchResult
from bot.quality.evaluation import Labelled

Limit = Literal["confident", "overheard"]
LIMITS: tuple[Limit, ...] = get_args(Limit)
HEAVIEST = 1e9  # the largest weight of a judged answer, and its inverse the smallest: their squares are summed


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer that somebody judged: the message, whether it spoke to the bot, the entry, and whether it was right."""

    text: str
    addressed: bool
    entry: str
    right: bool
    weight: float

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Judged:
        """From {"text", "addressed", "entry", "right", "weight"}. Raises KeyError, TypeError, ValueError."""
        text, addressed, entry, right, weight = (raw[name] for name in cls.__slots__)
        flags = isinstance(addressed, bool) and isinstance(right, bool)
        if not (flags and isinstance(text, str) and isinstance(entry, str) and isinstance(weight, int | float)):
            raise TypeError
        if isinstance(weight, bool) or not 1 / HEAVIEST <= weight <= HEAVIEST:
            raise ValueError
        return cls(text, addressed, entry, right, float(weight))


def read_line(raw: Any) -> Labelled | Judged:
    """Either form. Raises KeyError, TypeError, ValueError."""
    if not isinstance(raw, dict):
        raise TypeError
    return Labelled.read(raw) if "expect" in raw else Judged.read(raw)


@dataclass(frozen=True, slots=True)
class Fact:
    """What one labelled message says: the uncorrected confidence of its best match, and whether that one is right.

    `bound`: the most that the confidence is worth where the message is overheard.
    """

    text: str
    confidence: float
    bound: float
    right: bool
    weight: float
    informs: frozenset[Limit]


def fact(line: Labelled | Judged, result: SearchResult) -> Fact | None:
    """`result`: of the uncorrected index. None: the judged answer concerns another entry than the best one now."""
    best = result.matches[0] if result.matches else None
    confidence, bound = best.confidence if best else 0.0, result.overheard
    if isinstance(line, Labelled):
        right = best is not None and best.id in line.expect
        return Fact(line.text, confidence, bound, right, 1.0, frozenset(LIMITS))
    if best is None or best.id != line.entry:
        return None
    informs: Limit = "confident" if line.addressed else "overheard"
    return Fact(line.text, confidence, bound, line.right, line.weight, frozenset({informs}))
