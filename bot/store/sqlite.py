"""SQLite backend: creating, locking and cleaning the file, and the meaning of its errors."""

import errno
import fcntl
import functools
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, create_engine, event
from sqlalchemy.util import LRUCache

from bot.locale import system_reason

from .backend import Backend, Damaged, StoreError, StoreLocked, pooled_engine

PATIENCE = 5.0  # seconds to wait for another program's write

# FULL: commits survive a power cut. secure_delete: erased texts are overwritten in the file.
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON", "temp_store=MEMORY")

MEANINGS = {  # keys of the wording by prefix of SQLite's error
    "SQLITE_FULL": "full",
    "SQLITE_READONLY": "read_only",
    "SQLITE_CANTOPEN": "unopened",
    "SQLITE_PERM": "unopened",
    "SQLITE_NOTADB": "no_database",
    "SQLITE_CORRUPT": "damaged",
    "SQLITE_BUSY": "busy",
    "SQLITE_LOCKED": "busy",
    "SQLITE_IOERR": "fault",
}
DAMAGE = {"no_database", "damaged"}  # meanings for which waiting does not help


class SqliteFile(Backend):
    """Backend for `sqlite:///path`, relative to the current folder; absolute with four slashes."""

    def __init__(self, url: str) -> None:
        path = url.partition(":///")[2]
        if not path or path == ":memory:":
            raise StoreError("no_file")
        self.name = path
        self._path = Path(path).absolute()
        self._lock: int | None = None
        self.threads = self.urgent = ThreadPoolExecutor(1, "store")

    def engine(self) -> Engine:
        engine = pooled_engine("sqlite://", self._connect)
        engine.dialect, cache = _dialect_and_cache()
        self._engine = engine = engine.execution_options(compiled_cache=cache)

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            """Begin a writing transaction at once. Reads are single SELECTs and need no transaction.

            Python's sqlite3 begins late: two programs that read before they write could then deadlock.
            """
            if connection.get_execution_options().get("writing"):
                connection.exec_driver_sql("BEGIN IMMEDIATE")

        return engine

    def release(self) -> None:
        self._engine.dispose()
        if self._lock is not None:
            os.close(self._lock)
        self._lock = None

    def clean(self, engine: Engine) -> bool:
        """Truncate the WAL, which still holds what was overwritten in the database file.

        Returns False if another program reads it (https://sqlite.org/pragma.html#pragma_wal_checkpoint).
        """
        with engine.connect() as connection:
            return not connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one()

    def explain(self, error: BaseException | None) -> StoreError:
        code = getattr(error, "sqlite_errorname", "")
        key = next((key for name, key in MEANINGS.items() if code.startswith(name)), "unknown")
        if key in ("read_only", "unopened") and is_denied(self._path):
            return denied(self._path)
        shown = f"{code}: {error}" if code else type(error).__name__
        return (Damaged if key in DAMAGE else StoreError)(key, name=self.name, code=shown)

    def _connect(self) -> sqlite3.Connection:
        """Create the file for its owner only, take the lock, and connect. SQLite gives -wal and -shm the same mode."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _refusal(error, self._path, "folder", folder=self._path.parent) from None
        # An existing file is left to SQLite: closing it here would drop the locks that another connection of this
        # process holds on it (https://sqlite.org/howtocorrupt.html, 2.2).
        if not os.path.isfile(self._path):  # `Path.is_file` raises where it may not look
            os.close(self._open(self._path))
        if self.exclusive and self._lock is None:
            lock = self._open(self._path.with_name(self._path.name + ".lock"))
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the kernel releases it however the process ends
            except BlockingIOError:
                os.close(lock)
                raise StoreLocked("locked", name=self.name) from None
            self._lock = lock
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=PATIENCE)
        try:
            for pragma in PRAGMAS:
                connection.execute(f"PRAGMA {pragma}").fetchall()
        except BaseException:
            connection.close()
            raise
        return connection

    def _open(self, path: Path) -> int:
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise _refusal(error, path, "file", file=path) from None


@functools.cache
def _dialect_and_cache() -> tuple[Dialect, LRUCache[Any, Any]]:
    """Return the dialect of all files, and their compiled statements.

    An engine with a dialect of its own compiles all of them anew, which takes longer than running them.
    """
    engine = create_engine("sqlite://")
    engine.connect().close()  # the dialect learns the version of SQLite
    return engine.dialect, LRUCache(500)


def _refusal(error: OSError, path: Path, key: str, **values: object) -> StoreError:
    """Return the error under `key`; for missing rights, the one that names the account and the folder."""
    if error.errno not in (errno.EACCES, errno.EPERM):
        return StoreError(key, reason=system_reason(error), **values)
    return denied(path)


def is_denied(path: Path) -> bool:
    """Whether this account lacks rights on the database, its folder or SQLite's files beside it.

    A read-only disk does not count.
    """
    folder = _visible_folder(path)
    beside = (path.with_name(path.name + end) for end in ("", "-wal", "-shm", ".lock"))
    wanted = [(folder, os.R_OK | os.W_OK | os.X_OK), *((file, os.R_OK | os.W_OK) for file in beside)]
    is_lacking = any(os.path.lexists(place) and not os.access(place, mode) for place, mode in wanted)
    return is_lacking and not os.statvfs(folder).f_flag & os.ST_RDONLY


def require_visible(path: Path) -> None:
    """Raise StoreError if this account cannot even see whether there is such a file."""
    if not os.access(_visible_folder(path), os.X_OK):
        raise denied(path)


def denied(path: Path) -> StoreError:
    """Return an error that names the account without rights, and the command that helps.

    The command never changes the content of a folder above.
    """
    uid, folder = os.getuid(), _visible_folder(path)
    if not os.access(folder, os.X_OK) and folder != path.parent:
        return StoreError("unreachable", uid=uid, path=path.parent, folder=folder)
    is_missing = folder != path.parent
    is_own = folder.stat().st_uid == uid and not any(file.stat().st_uid != uid for file in folder.glob(f"{path.name}*"))
    give = f"install -d -o {uid} {path.parent}" if is_missing else f"chown -R {uid} {folder}"
    command = f"chmod -R u+rwX {folder}" if is_own and not is_missing else give
    return StoreError("denied", uid=uid, folder=folder, command=command)


def _visible_folder(path: Path) -> Path:
    """Return the nearest folder above the file that this account can see."""
    return next(place for place in path.parents if os.path.isdir(place))  # `Path.is_dir` raises where it may not look
