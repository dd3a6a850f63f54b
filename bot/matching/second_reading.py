"""A second reading, of the question together with the entry that the first one found, where the first is unsure.

It takes longer than all the rest, and most messages need none: what is nothing alike stays so, and so does what is
clear.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from bot.matching import SearchResult
from bot.matching.calibration import Logistic
from bot.matching.confidence_correction import logit
from bot.matching.locality import ABOUT_AS_SURE

UNSURE = (0.3, 0.9)  # confidences between which the question is read again


def read_again(result: SearchResult, table: Logistic, relevance: Callable[[str], float | None]) -> SearchResult:
    """With another confidence of the best match, which stays the first, and of a second one that is about as sure. The
    same (`is`) where the first reading is sure. `relevance`: logit that the entry of an id answers."""
    before = result.confidence
    if not UNSURE[0] < before < UNSURE[1]:
        return result
    near = [match for match in result.matches[:2] if match.confidence >= ABOUT_AS_SURE * before]
    relevant = [relevance(match.id) for match in near]
    if None in relevant:
        return result
    confidences = {"confidence": np.array([logit(match.confidence) for match in near])}
    sure = table.probability({**confidences, "relevance": np.array(relevant, np.float64)})
    best, *others = (sure / max(1.0, sure.sum())).tolist()  # of two that are alike one is meant
    others += [match.confidence for match in result.matches[len(near) :]]
    first, *behind = result.matches
    read = replace(first, confidence=best, evidence=replace(first.evidence, first_confidence=before))
    bounded = [replace(match, confidence=min(one, best)) for match, one in zip(behind, others, strict=True)]
    return replace(result, matches=(read, *sorted(bounded, key=lambda match: -match.confidence)))
