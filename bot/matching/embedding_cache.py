"""Embeddings: an encoder's results in the space that texts are compared in, kept in an SQLite file.

The file may be deleted at any time; several processes and several encoders may share it. A broken one is made anew.
Without a folder, or where the file cannot be used, all of it is in memory.
"""

from __future__ import annotations

import hashlib
import logging
import random
import sqlite3
import threading
from collections.abc import Callable, Sequence
from copy import copy
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.arrays import Floats, Halves
from bot.encoder import Encoded, Encoder, Kind
from bot.matching.calibration import CalibrationTable, shipped_table
from bot.matching.vector_space import WIDTH, VectorSpace, shipped_space
from bot.reading.model import ReadingModel, shipped_model
from bot.reading.read import Reader

log = logging.getLogger(__name__)

FILE = "embeddings.sqlite"
MAX_ROWS = 150_000  # texts; of more, those are forgotten that were put there first
_BATCH = 64  # texts that are encoded and written together
_KEYS = 500  # in one statement
_SELECT = "SELECT key, vector, words FROM embeddings WHERE key IN"
_INSERT = "INSERT OR REPLACE INTO embeddings VALUES (?, ?, ?)"
_FORGET = "DELETE FROM embeddings WHERE rowid <= (SELECT max(rowid) FROM embeddings) - ?"
_SCHEMA = "CREATE TABLE IF NOT EXISTS embeddings (key BLOB PRIMARY KEY, vector BLOB NOT NULL, words BLOB NOT NULL)"
_PATIENCE = 20.0  # seconds for another process to finish writing
_BROKEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_ASKED = 4  # questions whose vectors are kept: of the last message
_FULL = 127  # a state's number of 1, in a byte

Row = tuple[bytes, bytes]
"""A vector and the states of words, as they are stored."""
WordRows = NDArray[np.int8]
Progress = Callable[[int, int], None]
"""(done, of): texts that are encoded, and all that the cache lacks."""


def no_progress(done: int, of: int) -> None: ...


class EmbeddingCache:
    """Encodes texts once and keeps the results. Safe to call from several threads at once."""

    def __init__(
        self,
        encoder: Encoder,
        folder: Path | None = None,
        *,
        space: VectorSpace | None = None,
        table: CalibrationTable | None = None,
        reading: ReadingModel | None = None,
        progress: Progress = no_progress,
    ) -> None:
        """`space`, `table`, `reading`: learned with this encoder; None for the shipped ones."""
        self.encoder, self.space, self.table = encoder, space or shipped_space(), table or shipped_table(True)
        self._progress, self._reading = progress, reading
        self._asked: dict[str, Encoded] = {}
        self._file = _File(folder)

    def telling(self, progress: Progress) -> EmbeddingCache:
        """Return one with the same encoder and file, which tells its progress to somebody else."""
        other = copy(self)
        other._progress = progress
        return other

    @property
    def reader(self) -> Reader:
        """Return the reader, with the encoder's vectors if the reading was learned with this encoder."""
        model = self._reading or shipped_model()
        is_known = self.encoder.name == model.encoder
        return Reader(model, (lambda text: reading_vector(self.questions([text])[0])) if is_known else None)

    def vectors(self, texts: Sequence[str]) -> Halves:
        """Encode texts as questions, `(n_texts, dimensions) float16`, rows of length 1."""
        rows = self._rows(texts, "query")
        vectors = [np.frombuffer(rows[text][0], np.float16) for text in texts]
        return np.array(vectors, np.float16).reshape(len(texts), self.encoder.dimensions)

    def documents(self, texts: Sequence[str]) -> list[tuple[Halves, WordRows]]:
        """Encode texts as answers: the vector of each, and the state of each of its words, `(n_words, WIDTH) int8`."""
        rows = self._rows(texts, "passage")
        return [
            (np.frombuffer(vector, np.float16), np.frombuffer(words, np.int8).reshape(-1, WIDTH))
            for vector, words in (rows[text] for text in texts)
        ]

    def questions(self, texts: Sequence[str]) -> list[Encoded]:
        """Encode texts as questions. The last few are kept: a message is read and then searched for, mostly as the same
        text."""
        kept = dict(self._asked)
        if new := [text for text in dict.fromkeys(texts) if text not in kept]:
            placed = [self.space.place(one, "query") for one in self.encoder.encode(new, "query")]
            kept |= zip(new, placed, strict=True)
            self._asked = dict(list(kept.items())[-_ASKED:])
        return [kept[text] for text in texts]

    def _rows(self, texts: Sequence[str], kind: Kind) -> dict[str, Row]:
        keys = {
            text: hashlib.sha256(f"{self.space.name}\0{kind}\0{text}".encode(errors="replace")).digest()[:16]
            for text in texts
        }
        known = self._known(list(keys.values()))
        missing = sorted((text for text, key in keys.items() if key not in known), key=len)  # less padding
        batches = [missing[first : first + _BATCH] for first in range(0, len(missing), _BATCH)]
        random.shuffle(batches)  # so that processes that begin together share the work
        for number, batch in enumerate(batches):
            self._progress(number * _BATCH, len(missing))
            new = self._known([keys[text] for text in batch])
            if len(new) < len(batch):
                placed = [self.space.place(one, kind) for one in self.encoder.encode(batch, kind)]
                new = {keys[text]: _bytes(one, kind) for text, one in zip(batch, placed, strict=True)}
                self._file.do(_write, [(key, *row) for key, row in new.items()])
            known |= new
        if missing:
            self._progress(len(missing), len(missing))
        return {text: known[key] for text, key in keys.items()}

    def _known(self, keys: Sequence[bytes]) -> dict[bytes, Row]:
        known: dict[bytes, Row] = {}
        for at in range(0, len(keys), _KEYS):
            for key, vector, words in self._file.do(_read, keys[at : at + _KEYS]):
                known[key] = vector, words
        return known


class _File:
    """The file, or what is in memory instead of it."""

    def __init__(self, folder: Path | None) -> None:
        self._lock, self._folder, self._database = threading.Lock(), folder, _opened(folder)

    def __del__(self) -> None:
        if hasattr(self, "_database"):
            self._database.close()

    def do(self, work: Callable[[sqlite3.Connection, Any], list[Any]], values: Any) -> list[Any]:
        """Read or write rows; from the first failure on (a full disk, a folder that is gone) in memory."""
        with self._lock:
            try:
                return work(self._database, values)
            except sqlite3.Error as error:
                self._database.close()
                self._folder = _usable(self._folder, error)
                self._database = _opened(self._folder)
                return work(self._database, values)


def _opened(folder: Path | None) -> sqlite3.Connection:
    if folder is None:
        return _connected(":memory:")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _connected(str(folder / FILE))
    except (OSError, sqlite3.Error) as error:  # a cache that cannot be used costs time, nothing else
        return _opened(_usable(folder, error))


def _usable(folder: Path | None, error: OSError | sqlite3.Error) -> Path | None:
    """Remove a broken file and return its folder, or None where another file would fail as well."""
    if folder is None or isinstance(error, OSError) or error.sqlite_errorcode & 0xFF not in _BROKEN:
        log.warning("%s: %s; embeddings stay in memory", folder and folder / FILE, error)
        return None
    log.warning("%s: %s; it is made anew", folder / FILE, error)
    try:
        (folder / FILE).unlink(missing_ok=True)
    except OSError:
        return None
    return folder


def _connected(place: str) -> sqlite3.Connection:
    database = sqlite3.connect(place, timeout=_PATIENCE, check_same_thread=False)
    try:
        database.execute("PRAGMA synchronous = OFF")  # what a power cut breaks is made anew
        database.execute(_SCHEMA)
    except sqlite3.Error:
        database.close()
        raise
    return database


def _read(database: sqlite3.Connection, keys: Sequence[bytes]) -> list[Any]:
    marks = ",".join("?" * len(keys))
    return database.execute(f"{_SELECT} ({marks})", keys).fetchall()


def _write(database: sqlite3.Connection, rows: Sequence[tuple[bytes, ...]]) -> list[Any]:
    with database:
        database.executemany(_INSERT, rows)
        database.execute(_FORGET, (MAX_ROWS,))
    return []


def reading_vector(placed: Encoded) -> Floats:
    """Return the vector that a text is read from, `(2 * dimensions,)`, or `(dimensions,)` without an inner layer."""
    return np.concatenate([placed.vector, placed.inner])


def _bytes(placed: Encoded, kind: Kind) -> Row:
    words = np.rint(placed.states * _FULL).astype(np.int8) if kind == "passage" else np.empty(0, np.int8)
    return placed.vector.astype(np.float16).tobytes(), words.tobytes()
