"""Sampling of answers to judge: a random sample of each band of confidence, so that it represents all. Pure.

The order is that of a hash of the text: the same for both ways of hearing, so that one judgement mostly serves both
(permanent random numbers: E. Ohlsson, Coordination of samples using permanent random numbers, in Business Survey
Methods, 1995), and the same again for the same past. A judged answer represents its band's answers divided by those
judged there, in proportion to how often each was said. The page computes that, since not all have to be judged.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

EDGES = (0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)
"""Edges of the bands. Below the first one nobody would be answered, whatever the limit."""
DRAWN = 25
"""Texts drawn from a band, or all of a smaller one."""


@dataclass(frozen=True, slots=True)
class AnswerCandidate:
    """A text and its best entry. `times`: how often it was said; `score`: the confidence compared with a limit."""

    text: str = field(repr=False)
    entry: str
    score: float
    times: int
    addressed: bool


@dataclass(frozen=True, slots=True)
class ConfidenceBand:
    """A band. `answers`: how often its texts were said; `drawn`: sampled texts, in random order."""

    addressed: bool
    answers: int
    drawn: Sequence[AnswerCandidate]


def bands(candidates: Iterable[AnswerCandidate]) -> list[ConfidenceBand]:
    """Return the bands that are not empty, surest first, overheard before addressed."""
    ordered = sorted(candidates, key=lambda one: chance(one.text))
    filled = []
    for addressed in (False, True):
        for low, high in reversed([*pairwise(EDGES)]):
            own = [one for one in ordered if one.addressed == addressed and low <= one.score < high]
            filled += [ConfidenceBand(addressed, sum(one.times for one in own), own[:DRAWN])] if own else []
    return filled


def chance(text: str) -> bytes:
    """Return the place of a text in the random order."""
    return hashlib.blake2b(text.encode(errors="replace"), digest_size=8, key=b"rehearsal").digest()
