"""The cache folder: embeddings under a hash of text and model, the encoder's tables parsed, its weights unpacked.

Without a folder, or with one that cannot be written, nothing is kept. What is new goes into a small file beside the
large one, so that a changed phrasing does not write everything again; when that one is full, both become one.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, Any
from zipfile import is_zipfile

import numpy as np
from numpy.typing import NDArray

from bot.matching.arrays import Floats, Halves, Numbers

Keys = NDArray[np.bytes_]

MODEL = "use-multilingual-v3-0.2.1"
DIMENSIONS = 512
MOST_NEW = 4_000  # rows of the small file
MOST_KEPT = 150_000  # rows of the large one, of about 1 kB
_LARGE, _SMALL = f"{MODEL}.vectors", f"{MODEL}.new.vectors"
_AT_ONCE = 1024  # rows that are read or written together
_KEY = np.dtype("S32")
_HEAD, _VECTOR = 8, DIMENSIONS * 2  # bytes


class EmbeddingCache:
    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def look_up(self, texts: Sequence[str], kind: str) -> tuple[Halves, Numbers]:
        """A row for each text, and the places of those that are not known: their rows hold nothing."""
        found, missing = np.empty((len(texts), DIMENSIONS), np.float16), np.ones(len(texts), bool)
        keys = _keys(texts, kind)
        for name in (_LARGE, _SMALL):
            with self._rows(name) as rows:
                places, there = rows.find(keys)
                found[there] = rows.vectors(places[there])
            missing &= ~there
        return found, np.flatnonzero(missing)

    def keep(self, texts: Sequence[str], vectors: Halves, kind: str) -> None:
        """Beside what the files hold now: another process may have written meanwhile."""
        new = _Rows(_keys(texts, kind), vectors)
        with self._rows(_SMALL) as small, self._rows(_LARGE) as large:
            if len(new.keys) + len(small.keys) <= MOST_NEW:
                self._write(_SMALL, lambda file: _pour(file, new, small))
                return
            both = _Rows(np.concatenate([new.keys, small.keys]), np.concatenate([vectors, small.vectors()]))
            self._write(_LARGE, lambda file: _pour(file, both, large))
            self._write(_SMALL, lambda file: _pour(file, _Rows(), _Rows()))

    @contextmanager
    def _rows(self, name: str) -> Iterator[_Rows]:
        """Those of a file; not there yet, or cut short: none."""
        try:
            file = (self._folder / name).open("rb") if self._folder else None
        except OSError:
            file = None
        with file or nullcontext():
            yield _read(file) if file else _Rows()

    def tables(self) -> Any:
        """What `keep_tables` kept; None: nothing, or nothing that can be read."""
        try:
            return marshal.loads(self._tables.read_bytes()) if self._folder else None  # noqa: S302 - plain values
        except (OSError, ValueError, EOFError, TypeError):
            return None

    def keep_tables(self, tables: Any) -> None:
        self._write(self._tables.name, lambda file: file.write(marshal.dumps(tables)))

    def arrays(self, name: str, version: str) -> tuple[Any, list[NDArray[Any]]] | None:
        """What `keep_arrays` kept for that version; None: nothing, of another version, or nothing that can be read."""
        try:
            with (self._folder / f"{MODEL}.{name}").open("rb") if self._folder else nullcontext() as file:
                if file is None or marshal.load(file) != version:  # noqa: S302 - plain values
                    return None
                plain, kinds = marshal.load(file)  # noqa: S302
                found = [np.fromfile(file, kind, size) for kind, size in kinds]
        except (OSError, ValueError, EOFError, TypeError):
            return None
        return (plain, found) if [len(one) for one in found] == [size for _, size in kinds] else None

    def keep_arrays(self, name: str, version: str, plain: Any, arrays: list[NDArray[Any]]) -> None:
        """Plain values, and arrays of one dimension."""

        def fill(file: IO[bytes]) -> None:
            marshal.dump(version, file)
            marshal.dump((plain, [(array.dtype.str, len(array)) for array in arrays]), file)
            file.flush()
            for array in arrays:
                array.tofile(file)

        self._write(f"{MODEL}.{name}", fill)

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

    def unpacked(self, weights: str) -> str:
        """The encoder's weights without compression, which takes half of its loading."""
        file = self._folder / f"{MODEL}.npz" if self._folder else None
        if file and not is_zipfile(file):  # not there yet, or cut short
            with np.load(weights, allow_pickle=False) as packed:
                arrays = {name: packed[name] for name in packed.files}
            self._write(file.name, lambda to: np.savez(to, allow_pickle=False, **arrays))
        return str(file) if file and is_zipfile(file) else weights

    def _write(self, name: str, fill: Callable[[IO[bytes]], object]) -> None:
        """As a whole or not at all."""
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


class _Rows:
    """Vectors under their keys: in memory, or in an open file whose keys are in their order.

    The file: how many there are, the keys, the vectors. It is read in blocks rather than mapped into memory, for what
    was mapped counts as the process's own.
    """

    def __init__(self, keys: Keys | None = None, vectors: Halves | IO[bytes] | None = None) -> None:
        self.keys = np.empty(0, _KEY) if keys is None else keys
        self._vectors = np.empty((0, DIMENSIONS), np.float16) if vectors is None else vectors

    def find(self, keys: Keys) -> tuple[Numbers, NDArray[np.bool_]]:
        """The place of each key, and whether it is there; the own keys must be in their order."""
        if not len(self.keys):
            return np.zeros(len(keys), np.int64), np.zeros(len(keys), bool)
        places = np.searchsorted(self.keys, keys).clip(max=len(self.keys) - 1)
        return places, self.keys[places] == keys

    def vectors(self, places: Numbers | slice = slice(None)) -> Halves:
        if isinstance(self._vectors, np.ndarray):
            return self._vectors[places]
        wanted = np.arange(len(self.keys))[places]
        found, blocks = np.empty((len(wanted), DIMENSIONS), np.float16), wanted // _AT_ONCE
        for block in np.flatnonzero(np.bincount(blocks)) if len(wanted) else ():
            mine, first = blocks == block, int(block) * _AT_ONCE
            self._vectors.seek(_HEAD + len(self.keys) * _KEY.itemsize + first * _VECTOR)
            count = min(_AT_ONCE, len(self.keys) - first) * DIMENSIONS
            found[mine] = np.fromfile(self._vectors, np.float16, count).reshape(-1, DIMENSIONS)[wanted[mine] - first]
        return found


def _read(file: IO[bytes]) -> _Rows:
    size = os.fstat(file.fileno()).st_size
    (count,) = np.fromfile(file, np.int64, 1) if size >= _HEAD else (0,)
    whole = size == _HEAD + count * (_KEY.itemsize + _VECTOR)
    return _Rows(np.fromfile(file, _KEY, count), file) if whole and count else _Rows()


def _pour(file: IO[bytes], new: _Rows, old: _Rows) -> None:
    """Write both into one file, with at most `MOST_KEPT` of the old."""
    kept = np.flatnonzero(~np.isin(old.keys, new.keys))[:MOST_KEPT]
    keys = np.concatenate([new.keys, old.keys[kept]])
    order = np.argsort(keys)
    file.write(np.int64(len(keys)).tobytes())
    file.write(keys[order].tobytes())
    for at in range(0, len(order), _AT_ONCE):
        part = order[at : at + _AT_ONCE]
        block, mine = np.empty((len(part), DIMENSIONS), np.float16), part < len(new.keys)
        block[mine], block[~mine] = new.vectors(part[mine]), old.vectors(kept[part[~mine] - len(new.keys)])
        file.write(block.tobytes())


def _keys(texts: Sequence[str], kind: str) -> Keys:
    """In hexadecimal, for numpy drops zero bytes at the end of a string."""
    hashes = (hashlib.sha256(f"{MODEL}\0{kind}\0{text}".encode()).hexdigest() for text in texts)
    return np.array([one[: _KEY.itemsize].encode() for one in hashes], _KEY)
