"""From what was found to a probability: how likely it is that an entry answers the message.

`table.json` is learned on labelled questions over several knowledge bases by `tools/learn_confidence.py` and can be
read: every feature with its mean, its spread and its weight.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Table:
    """Everything that was learned. `ranking` weighs signals, `confidence` features, `question` patterns."""

    ranking: Mapping[str, float]
    confidence: Mapping[str, tuple[float, float, float]]  # mean, spread, weight
    bias: float
    question: Mapping[str, float]

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Table:
        rows = {name: (float(m), float(s), float(w)) for name, (m, s, w) in raw["confidence"].items()}
        return cls(raw["ranking"], rows, float(raw["bias"]), raw["question"])

    def probability(self, features: Mapping[str, float]) -> float:
        """Logistic regression over the features, each taken from its mean in units of its spread."""
        total = self.bias
        for name, (mean, spread, weight) in self.confidence.items():
            total += weight * float(np.clip((features[name] - mean) / spread, -4, 4))
        return float(1 / (1 + np.exp(-total)))


@cache
def shipped(semantic: bool) -> Table:
    """The table that comes with the bot: with the encoder, or for the lexical and fuzzy part alone."""
    text = files("bot.matching").joinpath("table.json").read_text(encoding="utf-8")
    return Table.read(json.loads(text)["semantic" if semantic else "lexical"])
