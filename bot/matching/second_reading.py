"""A second reading, of the question together with the entry that the first one found, where the first is unsure.

It takes longer than all the rest, and most messages need none: what is nothing alike stays so, and so does what is
clear.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bot.matching.calibration import Logistic
from bot.matching.confidence_correction import logit
from bot.matching.locality import Ranked

UNSURE = (0.3, 0.9)  # confidences between which the question is read again


def read_again(ranked: Ranked, table: Logistic, relevance: Callable[[int], float | None], least: float) -> Ranked:
    """With another confidence of the best entry, `least` at least; the order stays. The same (`is`) where the first
    reading is sure. `relevance`: logit that an entry answers."""
    (place, confidence), *others = ranked
    if not UNSURE[0] < confidence < UNSURE[1] or (relevant := relevance(place)) is None:
        return ranked
    features = {"confidence": np.array([logit(confidence)]), "relevance": np.array([relevant])}
    sure = max(float(table.probability(features)[0]), least)
    return [(place, sure), *((other, min(one, sure)) for other, one in others)]
