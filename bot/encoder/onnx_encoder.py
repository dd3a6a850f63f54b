"""Encoder from a folder, run by ONNX Runtime on one thread.

The folder has the form in which models are published: `model.onnx` (`input_ids` and `attention_mask` in, the states of
the tokens out), `tokenizer.json`, and a small `encoder.json`: name, dimensions, pooling, prefixes, digests.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ValidationError

from bot.encoder import ABOUT, FILES, MODEL, TOKENIZER, Encoded, EncoderError, Kind
from bot.encoder.cross_encoder import CROSS, CrossEncoder
from bot.encoder.onnx_model import OnnxModel
from bot.encoder.tokenizer import Token, Tokenizer, read_tokenizer

MAX_TOKENS = 192  # of a text; the rest is ignored
_BATCH = 512  # tokens encoded together, with padding: more would cost memory and gain no speed
_PADDED = 1.25  # greatest ratio of the longest to the shortest text of a batch


class Prefixes(BaseModel, extra="forbid", frozen=True):
    """Text put before each kind of text."""

    query: str = ""
    passage: str = ""


class About(BaseModel, extra="forbid", frozen=True):
    """Content of `encoder.json`."""

    name: str
    dimensions: int
    pooling: Literal["mean", "first"] = "mean"
    prefixes: Prefixes = Prefixes()
    files: Mapping[str, str] = {}
    """SHA-256 digests of other files of the folder: checked on loading, where given."""


class OnnxEncoder:
    """Implementation of `Encoder` with the models of a folder."""

    def __init__(self, folder: Path) -> None:
        """Load the models of a folder. Raises EncoderError."""
        self._about = about(folder)
        self.name, self.dimensions = self._about.name, self._about.dimensions
        with ThreadPoolExecutor(1) as beside:  # a tenth of a second for 115 MB, hidden by loading the models
            checked = beside.submit(_check, folder, self._about.files)
            try:
                self._tokenizer = read_tokenizer(folder / TOKENIZER)
            except (OSError, ValueError, LookupError, TypeError) as error:
                raise EncoderError(f"{folder / TOKENIZER} cannot be used: {error}") from error
            self._model = OnnxModel(folder / MODEL, self._tokenizer)
            self._try(folder)
            self._cross = CrossEncoder(folder, self._tokenizer) if (folder / CROSS).is_file() else None
            checked.result()

    def encode(self, texts: Sequence[str], kind: Kind) -> list[Encoded]:
        prefix: str = getattr(self._about.prefixes, kind)
        tokens = [self._tokenizer.tokens(prefix + text, MAX_TOKENS - 2) for text in texts]
        skipped = len(self._tokenizer.tokens(prefix))
        encoded: dict[int, Encoded] = {}
        for places in _batches([len(one) for one in tokens]):
            batch = self._model.states([[number for _, number in tokens[place]] for place in places])
            for place, *padded in zip(places, *batch, strict=True):
                states, *inner = (rows[: len(tokens[place]) + 2] for rows in padded)
                vector = states.mean(axis=0) if self._about.pooling == "mean" else states[0]
                words = list(_words(tokens[place][skipped:]))
                first = 1 + skipped  # after the mark of the beginning
                rows = [states[first + start : first + end].mean(axis=0) for _, start, end in words]
                encoded[place] = Encoded(
                    vector / np.linalg.norm(vector),
                    tuple(word for word, _, _ in words),
                    np.array(rows, np.float32).reshape(-1, self.dimensions),
                    inner[0].mean(axis=0) if inner else np.zeros(0, np.float32),
                )
        return [encoded[place] for place in range(len(texts))]

    def _try(self, folder: Path) -> None:
        try:
            shape = self._model.states([[]])[0].shape  # only the two marks
        except Exception as error:  # the library's errors have no common class
            raise EncoderError(f"{folder / MODEL} does not run: {error}") from error
        if shape[:2] != (1, 2) or len(shape) != 3:
            raise EncoderError(f"{folder / MODEL}: its first output has the shape {shape}: not the states of tokens")
        if shape[2] != self.dimensions:
            raise EncoderError(f"{folder / ABOUT}: dimensions: {self.dimensions} named, the model has {shape[2]}")

    def log_probability(self, word: str) -> float:
        return self._tokenizer.log_probability(word)

    def relevance(self, question: str, passage: str) -> float | None:
        if not self._cross:
            return None
        prefixes = self._about.prefixes
        return self._cross.relevance(prefixes.query + question, prefixes.passage + passage)


def about(folder: Path) -> About:
    """Read and check the description of an encoder's folder. Raises EncoderError."""
    if missing := next((name for name in FILES if not (folder / name).is_file()), None):
        raise EncoderError(f"{folder}: the file {missing} is missing")
    try:
        return About.model_validate_json((folder / ABOUT).read_bytes())
    except OSError as error:
        raise EncoderError(f"{folder / ABOUT}: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise EncoderError(f"{folder / ABOUT}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _check(folder: Path, files: Mapping[str, str]) -> None:
    """Compare the files with their digests: a wrong bit in a model causes no error, but other vectors.

    Raises EncoderError.
    """
    for name, expected in files.items():
        try:
            found = digest(folder / name)
        except OSError as error:
            raise EncoderError(f"{folder / name}: {error.strerror}") from error
        if found != expected:
            raise EncoderError(f"{folder / name}: not the file whose SHA-256 is in {ABOUT}")


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield the indices of texts to encode together: of nearly the same length."""
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        length = lengths[place] + 2
        if batch and (length * (len(batch) + 1) > _BATCH or length > _PADDED * (lengths[batch[0]] + 2)):
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def _words(tokens: Sequence[Token]) -> Iterator[tuple[str, int, int]]:
    """Yield each word with the slice of its tokens; a word ends at a blank or sign: « l'école » is two."""
    word, first = "", 0
    for place, (piece, _) in enumerate(tokens):
        letters = "".join(c for c in piece if c.isalnum())
        if word and (Tokenizer.begins_word(piece) or not letters):
            yield word, first, place
            word = ""
        if letters:
            word, first = word + letters, first if word else place
    if word:
        yield word, first, len(tokens)
