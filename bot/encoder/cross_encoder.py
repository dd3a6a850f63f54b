"""Cross-encoder: reads a question and a passage together, and scores whether the passage answers the question (Nogueira
and Cho 2019, arXiv:1901.04085).

The encoder reads each by itself, once for all questions; this takes longer, and relates each word to the others.
"""

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from bot.arrays import Floats
from bot.encoder import EncoderError
from bot.encoder.onnx_model import OnnxModel
from bot.encoder.tokenizer import Tokenizer

CROSS, HEAD = "cross.onnx", "cross.npz"  # in the folder of an encoder that has a cross-encoder
QUESTION_TOKENS, PASSAGE_TOKENS = 56, 100  # at most: the last ones of a question, the first ones of a passage
_PREFIX = 2  # first tokens of a question, always kept: E5's prefix


class CrossEncoder:
    """Safe to call from several threads at once."""

    def __init__(self, folder: Path, tokenizer: Tokenizer) -> None:
        """Load the model of an encoder's folder. Raises EncoderError."""
        self._tokenizer, self._model = tokenizer, OnnxModel(folder / CROSS, tokenizer)
        try:
            with np.load(folder / HEAD, allow_pickle=False) as arrays:
                self._head: Mapping[str, Floats] = {name: array.astype(np.float32) for name, array in arrays.items()}
            self.relevance("", "")
        except Exception as error:  # of two libraries: no class in common
            raise EncoderError(f"{folder}: {CROSS} or {HEAD} cannot be used: {error}") from error

    def relevance(self, question: str, passage: str) -> float:
        """Return the logit that the passage answers the question; both with their prefixes."""
        numbers, middle = pair(self._tokenizer, question, passage)
        states = self._model.states([numbers])[0][0]
        pooled = np.concatenate([states[0], states[:middle].mean(axis=0), states[middle:].mean(axis=0)])
        inner = (self._head["inner.w"] @ pooled + self._head["inner.b"]).tolist()
        outer = [x * (1 + math.erf(x / math.sqrt(2))) / 2 for x in inner]  # GELU
        return float(self._head["outer.w"] @ np.array(outer, np.float32) + self._head["outer.b"])


def pair(tokenizer: Tokenizer, question: str, passage: str) -> tuple[list[int], int]:
    """Return the token numbers of both, without the marks around them, and the index at which the passage begins.

    The index counts the mark of the beginning.
    """
    asked = [number for _, number in tokenizer.tokens(question)]
    told = [number for _, number in tokenizer.tokens(passage, PASSAGE_TOKENS)]
    if len(asked) > QUESTION_TOKENS:
        asked = asked[:_PREFIX] + asked[_PREFIX - QUESTION_TOKENS :]
    _, end, _ = tokenizer.marks
    return [*asked, end, end, *told], len(asked) + 2
