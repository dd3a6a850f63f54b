"""A cross-encoder: it reads a question and a passage together, and says whether the one answers the other (Nogueira and
Cho 2019, arXiv:1901.04085).

The encoder reads each by itself, once for all questions; this takes longer, and sees what each word is to the others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from bot.arrays import Floats
from bot.encoder import EncoderError
from bot.encoder.onnx_model import OnnxModel
from bot.encoder.tokenizer import Tokenizer

CROSS, HEAD = "cross.onnx", "cross.npz"
"""Files of an encoder's folder that has one."""
QUESTION_TOKENS, PASSAGE_TOKENS = 56, 100  # at most; of a question its last ones, of a passage its first ones
_PREFIX = 2  # tokens of a question that stay: those of E5's prefix


class CrossEncoder:
    """Safe to call from several threads at once."""

    def __init__(self, folder: Path, tokenizer: Tokenizer) -> None:
        """Raises EncoderError."""
        self._tokenizer, self._model = tokenizer, OnnxModel(folder / CROSS, tokenizer)
        try:
            with np.load(folder / HEAD, allow_pickle=False) as arrays:
                self._head: Mapping[str, Floats] = {name: array.astype(np.float32) for name, array in arrays.items()}
            self.relevance("", "")
        except Exception as error:  # of two libraries: no class in common
            raise EncoderError(f"{folder}: {CROSS} or {HEAD} cannot be used: {error}") from error

    @staticmethod
    def is_in(folder: Path) -> bool:
        return (folder / CROSS).is_file()

    def relevance(self, question: str, passage: str) -> float:
        """Logit that the passage answers the question; both with their prefixes."""
        numbers, middle = pair(self._tokenizer, question, passage)
        (states,) = self._model.states([numbers])
        pooled = np.concatenate([states[0], states[:middle].mean(axis=0), states[middle:].mean(axis=0)])
        return _logit(pooled, self._head)


def pair(tokenizer: Tokenizer, question: str, passage: str) -> tuple[list[int], int]:
    """Numbers of the tokens of both, without the marks around them, and after how many tokens, with the first mark,
    the passage begins."""
    asked = [number for _, number in tokenizer.tokens(question)]
    told = [number for _, number in tokenizer.tokens(passage, PASSAGE_TOKENS)]
    if len(asked) > QUESTION_TOKENS:
        asked = asked[:_PREFIX] + asked[_PREFIX - QUESTION_TOKENS :]
    _, end, _ = tokenizer.marks
    return [*asked, end, end, *told], len(asked) + 2


def _logit(pooled: Floats, head: Mapping[str, Floats]) -> float:
    """Of two layers on the first token, the question and the passage, `(3 * dimensions,)`."""
    inner = (head["inner.w"] @ pooled + head["inner.b"]).tolist()
    outer = [x * (1 + math.erf(x / math.sqrt(2))) / 2 for x in inner]  # GELU
    return float(head["outer.w"] @ np.array(outer, np.float32) + head["outer.b"])
