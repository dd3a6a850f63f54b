"""The learned weights: acts, asking, calls by name, clothes, and the joints between questions.

`weights.npz` is learned by `make reading` (`training/learn_reading.py`): once with the vectors of one encoder, which it
names, and once on n-grams alone, for all others and for none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile

import numpy as np

from bot.arrays import Floats
from bot.reading import ACTS, SAID, Said, clothes
from bot.reading.regression import softmax
from bot.reading.text_columns import WIDTH

WEIGHTS = "weights.npz"
NONE = len(ACTS)  # class of messages that are no act
ASKED: frozenset[Said] = frozenset(("offer", "confirm"))
"""After a question of the bot the same words mean other things ('ok'): these states have weights of their own."""


class ReadingError(Exception):
    """A file of weights that cannot be used, with the reason."""


@dataclass(frozen=True, slots=True)
class ReadingModel:
    """The weights, a column for each class; the last rows are shifts, one for each thing said before (`acts`) or one.

    `encoder`: the encoder whose vectors, of `n_read` numbers, the weights other than `plain_` were learned with.
    `…_asked`: see `ASKED`.
    """

    encoder: str
    acts: Floats  # (n_read + WIDTH + n_said, n_acts + 1)
    acts_asked: Floats
    asks: Floats  # (n_read + WIDTH + 1, 2)
    inquires: Floats  # the same shape
    plain_acts: Floats  # the same without vectors
    plain_acts_asked: Floats
    plain_asks: Floats
    plain_inquires: Floats
    calls: Floats  # (n_read + WIDTH + 1, 2)
    plain_calls: Floats
    clothes: Floats  # (clothes.WIDTH, 2): of words
    joints: Floats  # (clothes.WIDTH,)

    def write(self, path: Path) -> None:
        halves = {name: getattr(self, name).astype(np.float16) for name in _HEADS}
        np.savez_compressed(path, encoder=np.array(self.encoder), **halves)


_HEADS = [head.name for head in fields(ReadingModel) if head.name != "encoder"]


def probability(weights: Floats, row: Floats) -> float:
    """Return the second of the two classes' probabilities. `row`: `(1, n_columns)`."""
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
    size = len(model.asks) - WIDTH - 1
    shapes = {
        **dict.fromkeys(("acts", "acts_asked"), (size + WIDTH + len(SAID), NONE + 1)),
        **dict.fromkeys(("plain_acts", "plain_acts_asked"), (WIDTH + len(SAID), NONE + 1)),
        **dict.fromkeys(("inquires", "calls"), (size + WIDTH + 1, 2)),
        **dict.fromkeys(("plain_asks", "plain_inquires", "plain_calls"), (WIDTH + 1, 2)),
        "clothes": (clothes.WIDTH, 2),
        "joints": (clothes.WIDTH,),
    }
    for name, shape in shapes.items():
        if getattr(model, name).shape != shape:
            raise ReadingError(f"{name}: {getattr(model, name).shape} numbers where {shape} are needed")
    return model
