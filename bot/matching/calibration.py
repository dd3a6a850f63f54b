"""Calibration: from the features of a question and an entry to the probability that the entry answers it.

`table.json` is learned on labelled questions over several knowledge bases by `tools/learn_confidence.py`. Each of its
rows is a feature with mean, standard deviation and weight.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from bot.arrays import Doubles

TABLE = "table.json"
_CLIP = 4.0  # standard deviations from the mean; values beyond were never seen in learning

Features = Mapping[str, Doubles]
"""By name, of several entries at once: each `(n_entries,)`."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """Logistic regression over named, standardised features."""

    rows: Mapping[str, tuple[float, float, float]]  # mean, standard deviation, weight
    bias: float

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Logistic:
        rows = {name: (float(m), float(s), float(w)) for name, (m, s, w) in raw["features"].items()}
        return cls(rows, float(raw["bias"]))

    def probability(self, features: Features) -> Doubles:
        """A feature that is missing counts as its mean: a question without words has none of those about words."""
        logit: Any = self.bias
        for name, (mean, deviation, weight) in self.rows.items():
            if name in features:
                logit = logit + weight * np.clip((features[name] - mean) / deviation, -_CLIP, _CLIP)
        return np.asarray(1 / (1 + np.exp(-logit)))


# However well a text matches, a clear statement or chat (probability of a question below 2 %) wants no answer, as often
# as not. Whatever may be a question loses nothing by this factor.
QUESTION_FACTOR = Logistic({"asks": (0.0, 1.0, 1.0)}, 4.0)


@dataclass(frozen=True, slots=True)
class CalibrationTable:
    """The learned weights: of the signals (`ranking`), and of the features.

    The confidence is a product of three probabilities: the question belongs to this knowledge (`scope`), the entry is
    then the right one (`entry`), and the message is a question (`QUESTION_FACTOR`). Where it is unsure, question and
    entry are read together (`second`).
    """

    ranking: Mapping[str, float]
    scope: Logistic
    entry: Logistic
    second: Logistic | None = None

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> CalibrationTable:
        scope, entry = Logistic.read(raw["scope"]), Logistic.read(raw["entry"])
        second = Logistic.read(raw["second"]) if "second" in raw else None
        return cls(raw["ranking"], scope, entry, second)

    def probability(self, features: Features) -> Doubles:
        in_scope = self.scope.probability(features) * self.entry.probability(features)
        return in_scope * QUESTION_FACTOR.probability(features)


def read_table(text: str, semantic: bool) -> CalibrationTable:
    """From `table.json`. Raises ValueError, KeyError and TypeError."""
    return CalibrationTable.read(json.loads(text)["semantic" if semantic else "lexical"])


@cache
def shipped_table(semantic: bool) -> CalibrationTable:
    """The table of the package: learned with the encoder, or for words, n-grams and typos alone."""
    return read_table(files("bot.matching").joinpath(TABLE).read_text(encoding="utf-8"), semantic)
