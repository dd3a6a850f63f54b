"""What the second reading is learned from: messages read together with the entry that the first reading found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from learning_heaps import Row

from bot.matching.calibration import CalibrationTable
from bot.matching.confidence_correction import logit
from bot.matching.second_reading import UNSURE

READ = 60  # rows of a heap: each takes as long as three questions


@dataclass(frozen=True, slots=True)
class SecondRead:
    features: dict[str, float]  # none of a message of which the first reading is sure enough
    is_right: bool


def evenly(rows: Sequence[Row], most: int) -> list[Row]:
    """Some of them, as far apart as can be: a heap lies in the order of its sources."""
    return [rows[at * len(rows) // most] for at in range(most)] if len(rows) > most else list(rows)


def read_row(row: Row, table: CalibrationTable) -> SecondRead:
    """`table`: of the first reading."""
    at, confidence = _best(row, table)
    place = row.places[at]
    if not UNSURE[0] < confidence < UNSURE[1]:
        return SecondRead({}, bool(row.right[place]))
    if place not in row.relevance:
        row.relevance[place] = row.index.corpus.relevance(place, row.query) or 0.0
    features = {"confidence": logit(confidence), "relevance": row.relevance[place]}
    return SecondRead(features, bool(row.right[place]))


def _best(row: Row, table: CalibrationTable) -> tuple[int, float]:
    """Which of the row's candidates the first reading finds, and its confidence, as `Index` computes it but for its
    factors and least confidences."""
    rows = [features for features, _ in row.candidates]
    sure = table.probability({name: np.array([one[name] for one in rows]) for name in rows[0]})
    at = int(np.argmax(sure))
    return at, float(sure[at] / max(1.0, np.sort(sure)[-2:].sum()))
