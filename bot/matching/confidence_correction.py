"""Correction of the confidence: Platt scaling, fitted to a network's own questions (`bot/quality/fitting.py`)."""

from __future__ import annotations

import math
from dataclasses import dataclass

_EDGE = 1e-9  # confidences this near to 0 or 1 have no finite logit


@dataclass(frozen=True, slots=True)
class Correction:
    """Platt scaling: sigmoid(slope * logit(confidence) + offset). No order changes; the default changes nothing."""

    slope: float = 1.0  # > 0
    offset: float = 0.0

    def __call__(self, confidence: float) -> float:
        if self == UNCORRECTED or confidence <= 0:  # 0: nothing was found
            return confidence
        return 1 / (1 + math.exp(-self.slope * logit(confidence) - self.offset))

    def undo(self, confidence: float) -> float:
        """The confidence that is corrected to this one."""
        if self == UNCORRECTED or confidence <= 0:
            return confidence
        return 1 / (1 + math.exp((self.offset - logit(confidence)) / self.slope))


UNCORRECTED = Correction()


def logit(confidence: float) -> float:
    bounded = min(max(confidence, _EDGE), 1 - _EDGE)
    return math.log(bounded / (1 - bounded))
