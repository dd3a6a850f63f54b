"""The learned weights: acts, asking, calls by name, clothes, and the joints between questions.

`weights.npz` is learned by `make reading` (`training/learn_reading.py`): once with the vectors of one encoder, which it
names, and once on n-grams alone, for all others and for none.
"""

from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import IO
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
class Heads:
    """The weights on the columns of a text, a column for each class.

    The last rows are shifts, one for each thing said before (`acts`) or one. `acts_asked`: see `ASKED`; `asks_on` and
    `inquires_on`: of a message after words of the bot, where a mere place or time may ask.
    """

    acts: Floats  # (n_columns + n_said, n_acts + 1)
    acts_asked: Floats
    asks: Floats  # (n_columns + 1, 2); all below have the same shape
    asks_on: Floats
    inquires: Floats
    inquires_on: Floats
    calls: Floats


@dataclass(frozen=True, slots=True)
class ReadingModel:
    """The weights. `encoder`: the one that `semantic` was learned with."""

    encoder: str
    semantic: Heads  # on the encoder's vectors and n-grams, n_read + WIDTH columns
    lexical: Heads  # on n-grams alone, WIDTH columns
    clothes: Floats  # (clothes.WIDTH, 2): of words
    joints: Floats  # (clothes.WIDTH,)

    def heads(self, vectors: Floats | None) -> Heads:
        """Return the weights for texts with, or without, an encoder's vectors."""
        return self.lexical if vectors is None else self.semantic

    def write(self, path: Path) -> None:
        """Write the file that `read_model` reads, in half precision."""
        semantic = {name: getattr(self.semantic, name) for name in _HEADS}
        lexical = {_LEXICAL + name: getattr(self.lexical, name) for name in _HEADS}
        arrays = {**semantic, **lexical, "clothes": self.clothes, "joints": self.joints}
        halves = {name: array.astype(np.float16) for name, array in arrays.items()}
        np.savez_compressed(path, encoder=np.array(self.encoder), **halves)


_LEXICAL = "plain_"  # prefix of the names of lexical weights in the file
_HEADS = [head.name for head in fields(Heads)]


def probability(weights: Floats, row: Floats) -> float:
    """Return the second of the two classes' probabilities. `row`: `(1, n_columns)`."""
    return float(softmax(row @ weights[:-1] + weights[-1])[0, 1])


@cache
def shipped_model() -> ReadingModel:
    """Return the weights of the package, learned with the default encoder."""
    with files("bot.reading").joinpath(WEIGHTS).open("rb") as file:
        return read_model(file)


def read_model(file: IO[bytes]) -> ReadingModel:
    """Read the weights that `write` wrote. Raises ReadingError."""
    try:
        with np.load(file, allow_pickle=False) as raw:
            arrays = {name: array.astype(np.float32) for name, array in raw.items() if name != "encoder"}
            semantic, lexical = (Heads(*(arrays[prefix + name] for name in _HEADS)) for prefix in ("", _LEXICAL))
            model = ReadingModel(str(raw["encoder"]), semantic, lexical, arrays["clothes"], arrays["joints"])
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise ReadingError(f"not a file of weights: {error}") from error
    shapes: dict[str, tuple[int, ...]] = {"clothes": (clothes.WIDTH, 2), "joints": (clothes.WIDTH,)}
    for prefix, width in (("", len(semantic.asks) - 1), (_LEXICAL, WIDTH)):
        shapes |= dict.fromkeys((prefix + "acts", prefix + "acts_asked"), (width + len(SAID), NONE + 1))
        binary = ("asks", "asks_on", "inquires", "inquires_on", "calls")
        shapes |= dict.fromkeys((prefix + name for name in binary), (width + 1, 2))
    for name, shape in shapes.items():
        if arrays[name].shape != shape:
            raise ReadingError(f"{name}: {arrays[name].shape} numbers where {shape} are needed")
    return model
