"""The cache folder: an encoder's vectors under a hash of text and encoder, and what else takes long to compute.

All of it may be deleted at any time. Without a folder, or with one that cannot be written, nothing is kept.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, Any
from zipfile import is_zipfile

import numpy as np
from numpy.typing import NDArray

from bot.matching.arrays import Flags, Floats, Halves, Numbers
from bot.matching.encoder import Encoder

Keys = NDArray[np.bytes_]

MAX_NEW = 4_000  # rows of the small file
MAX_ROWS = 150_000  # rows of the large one, of about 1 kB
_BLOCK = 1024  # rows that are read or written together
_BATCH = 64  # texts that are encoded together: a question that is asked meanwhile waits for them
_KEY = np.dtype("S32")
_HEAD = 8  # bytes


class CacheFolder:
    """Files in a folder, each replaced as a whole; `None`: no folder."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def path(self, name: str) -> Path | None:
        return self._folder / name if self._folder else None

    def write(self, name: str, fill: Callable[[IO[bytes]], object]) -> None:
        """Atomic: a temporary file, then a rename."""
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

    def load(self, name: str) -> Any:
        """Plain values written with `marshal`; None if the file is missing or unreadable."""
        try:
            return marshal.loads((self._folder / name).read_bytes()) if self._folder else None  # noqa: S302
        except (OSError, ValueError, EOFError, TypeError):
            return None


class EmbeddingCache:
    """An encoder whose vectors are computed once. Several encoders, known by their names, may share a folder.

    New vectors go into a small file beside the large one, so that a changed phrasing does not rewrite everything; when
    the small one is full, the two are merged.
    """

    def __init__(self, folder: Path | None, encoder: Encoder) -> None:
        self.encoder = encoder
        self._files = CacheFolder(folder)
        self._large, self._small = f"{encoder.name}.vectors", f"{encoder.name}.new.vectors"

    def encode(self, texts: Sequence[str]) -> Halves:
        """`(n_texts, dimensions) float16`, rows of length 1: from the cache, else computed and put there."""
        return self._encode(texts, "", self.encoder.encode)

    def encode_words(self, words: Sequence[str]) -> Halves:
        """The same for static word vectors."""
        return self._encode(words, "word, 2", self.encoder.encode_words)

    def solution(self, name: str, problem: bytes, solve: Callable[[], Floats]) -> Floats:
        """Result of `solve`, from the cache if the last problem of that name was the same."""
        name, key = f"{self.encoder.name}.{name}.npz", hashlib.sha256(problem).hexdigest()
        file = self._files.path(name)
        if file and is_zipfile(file):  # else not there yet, or cut short
            with np.load(file, allow_pickle=False) as last:
                if str(last["key"]) == key:
                    cached: Floats = last["solution"]
                    return cached
        solution = solve()
        self._files.write(name, lambda to: np.savez(to, allow_pickle=False, key=key, solution=solution))
        return solution

    def _encode(self, texts: Sequence[str], kind: str, encode: Callable[[Sequence[str]], Floats]) -> Halves:
        vectors, missing = self.look_up(texts, kind)
        for at in range(0, len(missing), _BATCH):
            batch = missing[at : at + _BATCH]
            vectors[batch] = encode([texts[place] for place in batch])
        if len(missing):
            self.keep([texts[place] for place in missing], vectors[missing], kind)
        return vectors

    def look_up(self, texts: Sequence[str], kind: str) -> tuple[Halves, Numbers]:
        """A row for each text, and the places of unknown texts, whose rows are uninitialised."""
        vectors = np.empty((len(texts), self.encoder.dimensions), np.float16)
        missing, keys = np.ones(len(texts), bool), self._keys(texts, kind)
        for name in (self._large, self._small):
            with self._rows(name) as rows:
                places, known = rows.find(keys)
                vectors[known] = rows.vectors(places[known])
            missing &= ~known
        return vectors, np.flatnonzero(missing)

    def keep(self, texts: Sequence[str], vectors: Halves, kind: str) -> None:
        """Added to what the files hold now: another process may have written meanwhile."""
        new = _Rows(self._keys(texts, kind), vectors)
        with self._rows(self._small) as small, self._rows(self._large) as large:
            if len(new.keys) + len(small.keys) <= MAX_NEW:
                self._files.write(self._small, lambda file: _merge(file, new, small))
                return
            both = _Rows(np.concatenate([new.keys, small.keys]), np.concatenate([vectors, small.vectors()]))
            self._files.write(self._large, lambda file: _merge(file, both, large))
            self._files.write(self._small, lambda file: _merge(file, self._no_rows(), self._no_rows()))

    @contextmanager
    def _rows(self, name: str) -> Iterator[_Rows]:
        """Rows of a file; none if it is missing or cut short."""
        path = self._files.path(name)
        try:
            file = path.open("rb") if path else None
        except OSError:
            file = None
        with file or nullcontext():
            yield (_read(file, self.encoder.dimensions) if file else None) or self._no_rows()

    def _no_rows(self) -> _Rows:
        return _Rows(np.empty(0, _KEY), np.empty((0, self.encoder.dimensions), np.float16))

    def _keys(self, texts: Sequence[str], kind: str) -> Keys:
        """In hexadecimal, since numpy drops zero bytes at the end of a string."""
        name = self.encoder.name
        hashes = (hashlib.sha256(f"{name}\0{kind}\0{text}".encode()).hexdigest() for text in texts)
        return np.array([one[: _KEY.itemsize].encode() for one in hashes], _KEY)


class _Rows:
    """Vectors under their keys, in memory.

    The file: their number (int64), the keys in rising order, the vectors (float16).
    """

    def __init__(self, keys: Keys, vectors: Halves) -> None:
        self.keys, self._vectors, self.dimensions = keys, vectors, vectors.shape[1]

    def find(self, keys: Keys) -> tuple[Numbers, Flags]:
        """The place of each key, and whether it is there; the own keys must be in rising order."""
        if not len(self.keys):
            return np.zeros(len(keys), np.int64), np.zeros(len(keys), bool)
        places = np.searchsorted(self.keys, keys).clip(max=len(self.keys) - 1)
        return places, self.keys[places] == keys

    def vectors(self, places: Numbers | slice = slice(None)) -> Halves:
        return self._vectors[places]


class _FileRows(_Rows):
    """Vectors in an open file, read in blocks: memory that is mapped would count as the process's own."""

    def __init__(self, keys: Keys, file: IO[bytes], dimensions: int) -> None:
        super().__init__(keys, np.empty((0, dimensions), np.float16))
        self._file = file

    def vectors(self, places: Numbers | slice = slice(None)) -> Halves:
        wanted = np.arange(len(self.keys))[places]
        vectors, blocks = np.empty((len(wanted), self.dimensions), np.float16), wanted // _BLOCK
        for block in np.flatnonzero(np.bincount(blocks)) if len(wanted) else ():
            inside, first = blocks == block, int(block) * _BLOCK
            self._file.seek(_HEAD + len(self.keys) * _KEY.itemsize + first * vectors.itemsize * self.dimensions)
            count = min(_BLOCK, len(self.keys) - first) * self.dimensions
            rows = np.fromfile(self._file, np.float16, count).reshape(-1, self.dimensions)
            vectors[inside] = rows[wanted[inside] - first]
        return vectors


def _read(file: IO[bytes], dimensions: int) -> _Rows | None:
    size = os.fstat(file.fileno()).st_size
    (count,) = np.fromfile(file, np.int64, 1) if size >= _HEAD else (0,)
    whole = size == _HEAD + count * (_KEY.itemsize + dimensions * np.dtype(np.float16).itemsize)
    return _FileRows(np.fromfile(file, _KEY, count), file, dimensions) if whole and count else None


def _merge(file: IO[bytes], new: _Rows, old: _Rows) -> None:
    """Write both into one file, with at most `MAX_ROWS` of the old."""
    others = np.flatnonzero(~np.isin(old.keys, new.keys))[:MAX_ROWS]
    keys = np.concatenate([new.keys, old.keys[others]])
    order = np.argsort(keys)
    file.write(np.int64(len(keys)).tobytes())
    file.write(keys[order].tobytes())
    for at in range(0, len(order), _BLOCK):
        part = order[at : at + _BLOCK]
        block, is_new = np.empty((len(part), new.dimensions), np.float16), part < len(new.keys)
        block[is_new], block[~is_new] = new.vectors(part[is_new]), old.vectors(others[part[~is_new] - len(new.keys)])
        file.write(block.tobytes())
