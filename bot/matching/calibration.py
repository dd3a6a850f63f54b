"""Calibration: from the features of a question and an entry to the probability that the entry answers it.

`table.json` is learned on labelled questions over several knowledge bases by `training/learn_confidence.py`. Each of
its rows is a feature with mean, standard deviation and weight.
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

LEARNED = ("scope", "entry", "called", "overheard", "follow_up")
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
        """Return the probability of each entry. A missing feature counts as its mean: a question without known words
        has no features of words."""
        logit: Any = self.bias
        for name, (mean, deviation, weight) in self.rows.items():
            if name in features:
                logit = logit + weight * np.clip((features[name] - mean) / deviation, -_CLIP, _CLIP)
        return np.asarray(1 / (1 + np.exp(-logit)))

    def chances(self, features: Features) -> Doubles:
        """Return the probability of each entry where at most one is meant (multinomial); the rest of 1 is "none"."""
        probability = self.probability(features)
        odds = probability / (1 - probability)
        return np.asarray(odds / (1 + odds.sum()))


@dataclass(frozen=True, slots=True)
class CalibrationTable:
    """The learned weights: of the signals (`ranking`), and of the features.

    The first confidence is a product of two probabilities: the question belongs to this knowledge (`scope`), and the
    entry is then the right one (`entry`). With it the judge (`judge.py`) begins: `called` where a message speaks to the
    bot, `overheard` in a room. `follow_up` reads what comes after an answer (`follow_up.py`).
    """

    ranking: Mapping[str, float]
    scope: Logistic
    entry: Logistic
    called: Logistic
    overheard: Logistic
    follow_up: Logistic

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> CalibrationTable:
        return cls(raw["ranking"], *(Logistic.read(raw[name]) for name in LEARNED))


def read_table(text: str, semantic: bool) -> CalibrationTable:
    """Parse the text of a `table.json`. Raises ValueError, KeyError and TypeError."""
    return CalibrationTable.read(json.loads(text)["semantic" if semantic else "lexical"])


@cache
def shipped_table(semantic: bool) -> CalibrationTable:
    """Return the table of the package: learned with the encoder, or with words, n-grams and typos alone."""
    return read_table(files(__package__).joinpath(TABLE).read_text(encoding="utf-8"), semantic)
