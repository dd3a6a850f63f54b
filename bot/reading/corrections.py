"""Fine-tuning on the misread messages that a network reports; the shipped weights move no further than needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from bot.arrays import Floats
from bot.reading import ACTS, SAID, ReadAs
from bot.reading.model import NONE, ReadingModel
from bot.reading.regression import Rows, fit
from bot.reading.text_columns import columns

PENALTY, STEPS = 0.1, 60  # L2 penalty on moving the weights; most steps of the optimisation


def corrected(model: ReadingModel, examples: Sequence[tuple[str, ReadAs]], vectors: Floats | None) -> ReadingModel:
    """Return the model fitted to these examples, whatever the bot had said before them.

    `examples`: clean texts with their right readings. `vectors`: `(n, dimensions)`, None without the encoder.
    """
    texts = [text for text, _ in examples]
    classes = np.array([ACTS.index(what) if what in ACTS else NONE for _, what in examples])
    asks = np.array([int(what == "question") for _, what in examples])
    found, plain = columns(texts, vectors), "plain_" if vectors is None else ""
    changed = {f"{plain}{name}": (classes, len(SAID)) for name in ("acts", "acts_asked")}
    changed[f"{plain}asks"] = (asks, 1)
    moved: dict[str, Any] = {
        name: _moved(getattr(model, name), found, wanted, shifts) for name, (wanted, shifts) in changed.items()
    }
    return replace(model, **moved)


def _moved(weights: Floats, found: Floats, wanted: Floats, shifts: int) -> Floats:
    """Fit the weights to the texts, each of them after every possible state of the conversation."""
    count = len(found)
    rows = Rows(
        columns=found,
        texts=np.repeat(np.arange(count), shifts),
        shifts=np.tile(np.eye(shifts, dtype=np.float32), (count, 1)),
        classes=np.repeat(wanted, shifts),
        weights=np.ones(count * shifts, np.float32),
    )
    return fit(rows, weights, PENALTY / count, STEPS)
