"""A file replaced as a whole: after a crash it is the old one or the new one."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import stat
import time
from collections.abc import Iterator
from pathlib import Path

PATIENCE = 45.0  # seconds for others to be done, with their commit
_PAUSE = 0.05  # seconds between two looks
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}  # some network file systems have none


class ConcurrentWrite(Exception):
    """Somebody wrote the file meanwhile."""


class Busy(Exception):
    """Somebody else keeps writing."""


class Closed(Exception):
    """There is no way into the folder; says why."""


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One at a time, across threads and processes; the kernel gives the lock back when we die. Raises Busy, Closed."""
    try:
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise Closed(error.strerror or error) from error
    try:
        _lock(opened, time.monotonic() + PATIENCE)
        yield
    finally:
        os.close(opened)


def _lock(opened: int, until: float) -> None:
    while True:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > until:
                raise Busy from None
            time.sleep(_PAUSE)
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise Closed(error.strerror or error) from error
            return


def store(path: Path, before: bytes | None, after: bytes) -> None:
    """`before`: what the file held when the change was made of it; None: there was none. Raises Overtaken, OSError.

    Behind a link it is the file itself that is replaced, where there is one. Who owns a file, and who may write it,
    stays. What is not to be written is not, though a privileged user could.
    """
    if before is None and os.path.lexists(path):
        raise ConcurrentWrite
    real = Path(os.path.realpath(path))
    there = real.stat() if before is not None else None
    for found in filter(None, (there, real.parent.stat())):
        if not stat.S_IMODE(found.st_mode) & 0o222:
            raise PermissionError(None, "read-only")
    if there and not os.access(real, os.W_OK):
        raise PermissionError(None, "read-only")
    beside = real.with_name(f".{real.name}.{secrets.token_hex(4)}.new")
    try:
        _write(beside, after, there)
        if (real.read_bytes() if before is not None else None) != before or (before is None and real.exists()):
            raise ConcurrentWrite
        os.replace(beside, real)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise
    _settle(real.parent)


def _write(path: Path, content: bytes, like: os.stat_result | None) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)  # less what the operator's umask takes away
    with open(handle, "wb") as file:
        if like:
            with contextlib.suppress(PermissionError):
                os.fchown(file.fileno(), -1, like.st_gid)
                os.fchown(file.fileno(), like.st_uid, -1)
            os.fchmod(file.fileno(), stat.S_IMODE(like.st_mode))
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    """The new name survives a power cut, where the file system can promise that."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(opened)
    finally:
        os.close(opened)
