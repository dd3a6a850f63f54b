"""From what was found to a probability: how likely it is that an entry answers the message.

`table.json` is learned on labelled questions over several knowledge bases by `tools/learn_confidence.py` and can be
read: every feature with its mean, its spread and its weight.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Logistic:
    """Logistic regression over named features, each taken from its mean in units of its spread."""

    rows: Mapping[str, tuple[float, float, float]]  # mean, spread, weight
    bias: float

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Logistic:
        rows = {name: (float(m), float(s), float(w)) for name, (m, s, w) in raw["features"].items()}
        return cls(rows, float(raw["bias"]))

    def probability(self, features: Mapping[str, float]) -> float:
        total = self.bias
        for name, (mean, spread, weight) in self.rows.items():
            total += weight * min(max((features[name] - mean) / spread, -_FAR), _FAR)
        return 1 / (1 + math.exp(-total))


# However well a text matches: who clearly tells or chats (a likelihood of asking below 2 %) wants no answer, as often
# as not. Whoever may be asking loses nothing by it.
ASKED = Logistic({"asks": (0.0, 1.0, 1.0)}, 4.0)
_FAR = 4.0  # spreads from the mean; what lies beyond was never seen and counts no more


@dataclass(frozen=True, slots=True)
class CalibrationTable:
    """Everything that was learned.

    `ranking` weighs signals, `question` patterns. The confidence is a product: that the question is one for this
    knowledge at all (`scope`), that the entry is the right one then (`entry`), and that anything is asked (`ASKED`).
    """

    ranking: Mapping[str, float]
    scope: Logistic
    entry: Logistic
    question: Mapping[str, float]

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> CalibrationTable:
        return cls(raw["ranking"], Logistic.read(raw["scope"]), Logistic.read(raw["entry"]), raw["question"])

    def probability(self, features: Mapping[str, float]) -> float:
        inside = self.scope.probability(features) * self.entry.probability(features)
        return inside * ASKED.probability(features)


@cache
def shipped_table(semantic: bool) -> CalibrationTable:
    """The table that comes with the bot: with the encoder, or for the lexical and fuzzy part alone."""
    text = files("bot.matching").joinpath("table.json").read_text(encoding="utf-8")
    return CalibrationTable.read(json.loads(text)["semantic" if semantic else "lexical"])
