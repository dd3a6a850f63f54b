"""The arithmetic of learning from one network: a correction of the confidence, shares, and the lowest safe limit. Pure.

Arrays have one number for each labelled message, `(n,)`: `confidence` of the best match (0 to 1; 0: there was none),
`right` (whether it answers the message), `weight` (> 0), `fold` (0 to FOLDS - 1: the fifth in which it is held out).

- Platt scaling: J. Platt, Probabilistic outputs for support vector machines and comparisons to regularized likelihood
  methods, in Advances in Large Margin Classifiers, 1999. A normal prior stands in for his smoothed targets.
- The interval of a share: E. B. Wilson, Probable inference, the law of succession, and statistical inference, Journal
  of the American Statistical Association 22, 1927.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.matching.confidence_correction import UNCORRECTED, Correction, logit

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

FOLDS = 5
SEED = 1
Z90 = 1.6449  # standard errors to either side of a 90 % interval
LEAST = 20  # answers without which one that is wrong breaks a promise of nineteen in twenty
STEEPEST = 20.0  # the largest slope, and the largest offset to either side
_PRIOR = 1.0  # precision of the normal prior around slope 1 and offset 0: as much as a few messages say
_STEPS, _HALVINGS, _SETTLED = 50, 30, 1e-10  # of Newton's method
_GRID = np.arange(50, 100) / 100  # limits that can be chosen: below 0.5 an answer is rather wrong than right


@dataclass(frozen=True, slots=True)
class Share:
    """A weighted share with its 90 % interval; `count`: the effective number of messages that it is a share of."""

    value: float
    low: float
    high: float
    count: float


def numbered(texts: Sequence[str]) -> Places:
    """A number for each distinct text, `(n,)`, in random but always the same order, whatever that of the texts."""
    names = [" ".join(text.split()).casefold() for text in texts]
    distinct = sorted(set(names))
    shuffled = np.random.default_rng(SEED).permutation(len(distinct)).tolist()
    number = dict(zip(distinct, shuffled, strict=True))
    return np.array([number[name] for name in names], np.int64)


def effective_number(weight: Numbers) -> float:
    """How many messages of equal weight say as much: (sum w)^2 / sum w^2 (Kish)."""
    return float(weight.sum() ** 2 / (weight**2).sum()) if len(weight) else 0.0


def share(hits: Flags, weight: Numbers) -> Share:
    count = effective_number(weight)
    value = float(weight[hits].sum() / weight.sum()) if count else 0.0
    low, high = (float(end) for end in wilson(np.array(value), np.array(count), Z90))
    return Share(value, low, high, count)


def wilson(value: Numbers, count: Numbers, z: float) -> tuple[Numbers, Numbers]:
    """Both ends of Wilson's interval of shares of `count` messages; 0 and 1 where there is none."""
    n = np.maximum(count, 1e-12)
    middle, scale = value + z * z / (2 * n), 1 + z * z / n
    reach = z * np.sqrt(np.maximum(value * (1 - value), 0) / n + (z / (2 * n)) ** 2)
    return np.clip((middle - reach) / scale, 0, 1), np.clip((middle + reach) / scale, 0, 1)


def corrected(correction: Correction, confidence: Numbers) -> Numbers:
    return np.array([correction(one) for one in confidence.tolist()], float)


def fit_correction(confidence: Numbers, right: Flags, weight: Numbers) -> Correction:
    """Maximum likelihood under a weak prior, by Newton's method; `UNCORRECTED` if nothing increasing fits.

    The weights are scaled to sum to the effective number of messages, so that the prior weighs the same in any unit.
    """
    found = confidence > 0
    if not found.any():
        return UNCORRECTED
    weight = weight[found] * (effective_number(weight[found]) / weight[found].sum())
    logits = np.array([logit(one) for one in confidence[found].tolist()])
    slope, offset = _newton(np.stack([logits, np.ones_like(logits)]), right[found], weight)
    fits = slope > 0 and math.isfinite(slope + offset)
    return Correction(min(slope, STEEPEST), min(max(offset, -STEEPEST), STEEPEST)) if fits else UNCORRECTED


def _newton(design: Numbers, right: Flags, weight: Numbers) -> tuple[float, float]:
    """`design` is `(2, n)`: the logit of the confidence, and 1. A step that goes too far is halved.

    Sums, no products of matrices: of such narrow ones OpenBLAS has reported invalid values that were not there.
    """
    prior = np.array([1.0, 0.0])

    def corrected_logits(at: Numbers) -> Numbers:
        return np.asarray((design * at[:, None]).sum(0))

    def loss(at: Numbers) -> float:
        signed = np.where(right, -1.0, 1.0) * corrected_logits(at)
        return float((weight * np.logaddexp(0, signed)).sum() + _PRIOR / 2 * ((at - prior) ** 2).sum())

    place = prior
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(corrected_logits(place), -500, 500)))
        gradient = (design * weight * (chance - right)).sum(1) + _PRIOR * (place - prior)
        products = design[:, None] * design  # (2, 2, n)
        curvature = (products * weight * chance * (1 - chance)).sum(2) + _PRIOR * np.eye(2)
        step: Any = np.linalg.solve(curvature, gradient)
        halvings = (step / 2**times for times in range(_HALVINGS))
        step = next((one for one in halvings if loss(place - one) <= loss(place)), np.zeros(2))
        place = place - step
        if np.abs(step).max() < _SETTLED:
            break
    return float(place[0]), float(place[1])


def log_loss(chance: Numbers, right: Flags, weight: Numbers) -> float:
    """Weighted mean of -log of the probability that was given to what was the case."""
    given = np.clip(np.where(right, chance, 1 - chance), 1e-9, 1)
    return float(-(weight * np.log(given)).sum() / weight.sum())


def cross_fitted(confidence: Numbers, right: Flags, weight: Numbers, fold: Places) -> list[Correction]:
    """For each fold the correction that the other folds give."""
    others = [fold != held_out for held_out in range(FOLDS)]
    return [fit_correction(confidence[rest], right[rest], weight[rest]) for rest in others]


def held_out(corrections: Sequence[Correction], confidence: Numbers, fold: Places) -> Numbers:
    """Each confidence, corrected by what the other folds gave."""
    return np.array([corrections[k](one) for k, one in zip(fold.tolist(), confidence.tolist(), strict=True)], float)


def lowest_limit(
    scores: Numbers, right: Flags, weight: Numbers, promise: float, z: float, above: float = 0.0
) -> float | None:
    """The lowest limit, of a grid of hundredths above `above`, at which the share of right answers keeps the promise.

    Kept: that share, less `z` standard errors of it (the lower end of Wilson's interval), is `promise` or more, over at
    least `LEAST` answers. None: no limit does.
    """
    grid = _GRID[above < _GRID]
    answered = scores[None, :] >= grid[:, None]  # (limits, n)
    weights = answered * weight
    total, squares = weights.sum(1), (weights**2).sum(1)
    precision = (weights * right).sum(1) / np.maximum(total, 1e-300)
    low, _ = wilson(precision, total**2 / np.maximum(squares, 1e-300), z)
    kept = (answered.sum(1) >= LEAST) & (low >= promise)
    return float(grid[kept][0]) if kept.any() else None


def highest_limit(scores: Numbers) -> float:
    """The highest limit of the same grid with at least `LEAST` answers; the lowest one where none has."""
    enough = (scores[None, :] >= _GRID[:, None]).sum(1) >= LEAST
    return float(_GRID[enough][-1] if enough.any() else _GRID[0])
