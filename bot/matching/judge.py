"""The judge: a message is read together with the entry that was found; how likely does the entry answer it?

One logistic regression is fitted to messages that speak to the bot, of which one in four has no answer here, and one to
those of a room, of which seven in ten have none (`training/learn_confidence.py`). Nothing changes what they say.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from operator import attrgetter

import numpy as np

from bot.matching import Match, SearchResult
from bot.matching.calibration import CalibrationTable, Features
from bot.matching.features import VERBATIM
from bot.matching.locality import ABOUT_AS_SURE

LEAST = 0.15  # first confidence below which nothing is judged: what is nothing alike stays so
TELLS = 1.0  # logit of a question from which on it makes no difference how surely a message asks
_NO_RIVAL = -6.0  # logit in the place of a second entry: about the least
_EDGE = 1e-9  # confidences this near to 0 or 1 have no finite logit


def logit(confidence: float) -> float:
    bounded = min(max(confidence, _EDGE), 1 - _EDGE)
    return math.log(bounded / (1 - bounded))


def features_read(result: SearchResult, relevance: Callable[[Match], float | None]) -> Features:
    """Return the features of the matches that are read with the message: the best one, and the second one if it is
    about as sure, unless the message is a phrasing of the best one alone.

    `relevance`: returns the cross-encoder's logit of a match; None without a cross-encoder.
    """
    best = result.matches[0]
    near = [match for match in result.matches[1:2] if match.confidence >= ABOUT_AS_SURE * best.confidence]
    verbatim = [match.evidence.lexical > VERBATIM for match in (best, *near)]
    read = [best] if verbatim[0] and not all(verbatim) else [best, *near]
    asks = np.full(len(read), logit(result.question))
    values = {
        "asks": asks,
        "tells": np.minimum(asks, TELLS),
        "verbatim": np.array(verbatim[: len(read)], float),
        "first": np.array([logit(match.confidence) for match in read]),
    }
    logits = [one for one in map(relevance, read) if one is not None]
    if not logits:
        return values
    rivals = [max(logits[:at] + logits[at + 1 :], default=_NO_RIVAL) for at in range(len(logits))]
    return {**values, "relevance": np.array(logits), "lead": np.array(logits) - np.array(rivals)}


def judged(result: SearchResult, table: CalibrationTable, features: Features) -> SearchResult:
    """Judge the matches that were read. The first one stays the first; of two that are alike one is meant."""
    chances = (judge.probability(features) for judge in (table.called, table.overheard))
    called, overheard = ((one / max(1.0, one.sum())).tolist() for one in chances)
    read = [
        replace(match, confidence=one, evidence=replace(match.evidence, first_confidence=match.confidence))
        if "relevance" in features
        else replace(match, confidence=one)
        for match, one in zip(result.matches, called, strict=False)
    ]
    best, *others = [*read, *result.matches[len(read) :]]
    behind = [replace(match, confidence=min(match.confidence, best.confidence)) for match in others]
    behind.sort(key=attrgetter("confidence"), reverse=True)
    return replace(result, matches=(best, *behind), overheard=overheard[0])
