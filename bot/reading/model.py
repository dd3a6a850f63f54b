"""The learned weights: acts, asking, calls by name, clothes, and the joints between questions.

`weights.npz` is learned by `make reading` (`training/learn_reading.py`): once with the vectors of one encoder, which it
names, and once on n-grams alone, for all others and for none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile

import numpy as np

from bot.arrays import Floats
from bot.reading import ACTS, SAID, Said, clothes
from bot.reading.regression import softmax
from bot.reading.text_columns import WIDTH, call_columns, columns

WEIGHTS = "weights.npz"
NONE = len(ACTS)  # class of messages that are no act
_IMPOSSIBLE = np.float32(-30)  # logit of `pick` where there is nothing to choose from
_HEADS = (
    *("acts", "acts_asked", "asks", "inquires", "plain_acts", "plain_acts_asked", "plain_asks", "plain_inquires"),
    *("calls", "clothes", "joints"),
)
ASKED: frozenset[Said] = frozenset(("offer", "confirm"))
"""After a question of the bot the same words mean other things ('ok'): these states have weights of their own."""


class ReadingError(Exception):
    """A file of weights that cannot be used, with the reason."""


@dataclass(frozen=True, slots=True)
class ReadingModel:
    """The weights, a column for each class; the last rows are shifts, one for each thing said before (`acts`) or one.

    `encoder`: the encoder whose vectors the weights other than `plain_` were learned with. `…_asked`: see `ASKED`.
    """

    encoder: str
    acts: Floats  # (dimensions + WIDTH + n_said, n_acts + 1)
    acts_asked: Floats
    asks: Floats  # (dimensions + WIDTH + 1, 2)
    inquires: Floats  # the same shape
    plain_acts: Floats  # the same without vectors
    plain_acts_asked: Floats
    plain_asks: Floats
    plain_inquires: Floats
    calls: Floats  # (WIDTH + 1, 2)
    clothes: Floats  # (clothes.WIDTH, 2): of words
    joints: Floats  # (clothes.WIDTH,)

    def probabilities(
        self, text: str, vector: Floats | None, said: Said, can_pick: bool
    ) -> tuple[Floats, float, float]:
        """Return the probabilities of each act and of none, `(n_acts + 1,)`, of `asks` and of `inquires` (see
        `Reading`).

        `vector`: `(dimensions,)`, None without the encoder. `can_pick`: whether there is something to choose from.
        """
        row = _columns(text, vector)
        plain, full = (self.plain_acts_asked, self.acts_asked) if said in ASKED else (self.plain_acts, self.acts)
        weights = plain if vector is None else full
        logits = row @ weights[: -len(SAID)] + weights[SAID.index(said) - len(SAID)]
        if not can_pick:
            logits[0, ACTS.index("pick")] = _IMPOSSIBLE
        asks, inquires = (self.plain_asks, self.plain_inquires) if vector is None else (self.asks, self.inquires)
        found: Floats = softmax(logits)[0]
        return found, _probability(asks, row), _probability(inquires, row)

    def asks_probability(self, text: str, vector: Floats | None) -> float:
        return _probability(self.plain_asks if vector is None else self.asks, _columns(text, vector))

    def inquiry_probability(self, text: str) -> float:
        """Return the probability that a text asks anything of anybody, on n-grams alone."""
        return _probability(self.plain_inquires, _columns(text, None))

    def call_probability(self, text: str) -> float:
        """Return the probability that a name calls, in a text with `PLACE` in its place."""
        return _probability(self.calls, call_columns(text)[None])

    def write(self, path: Path) -> None:
        halves = {name: getattr(self, name).astype(np.float16) for name in _HEADS}
        np.savez_compressed(path, encoder=np.array(self.encoder), **halves)


def _columns(text: str, vector: Floats | None) -> Floats:
    return columns([text], None if vector is None else vector[None])


def _probability(weights: Floats, row: Floats) -> float:
    return float(softmax(row @ weights[:-1] + weights[-1])[0, 1])


@cache
def shipped_model() -> ReadingModel:
    with files("bot.reading").joinpath(WEIGHTS).open("rb") as file:
        return read_model(file)


def read_model(file: IO[bytes]) -> ReadingModel:
    """Read the weights that `write` wrote. Raises ReadingError."""
    try:
        with np.load(file, allow_pickle=False) as raw:
            values: Mapping[str, Any] = {name: raw[name].astype(np.float32) for name in _HEADS}
            model = ReadingModel(str(raw["encoder"]), **values)
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise ReadingError(f"not a file of weights: {error}") from error
    _check(model)
    return model


def _check(model: ReadingModel) -> None:
    size = len(model.asks) - WIDTH - 1
    shapes = {
        **dict.fromkeys(("acts", "acts_asked"), (size + WIDTH + len(SAID), NONE + 1)),
        **dict.fromkeys(("plain_acts", "plain_acts_asked"), (WIDTH + len(SAID), NONE + 1)),
        "inquires": (size + WIDTH + 1, 2),
        **dict.fromkeys(("plain_asks", "plain_inquires"), (WIDTH + 1, 2)),
        "calls": (WIDTH + 1, 2),
        "clothes": (clothes.WIDTH, 2),
        "joints": (clothes.WIDTH,),
    }
    for name, shape in shapes.items():
        if getattr(model, name).shape != shape:
            raise ReadingError(f"{name}: {getattr(model, name).shape} numbers where {shape} are needed")
