"""Atomic replacement of a file (a crash leaves the old content or the new one), and a lock on its folder."""

import contextlib
import errno
import fcntl
import os
import secrets
import stat
import time
from collections.abc import Iterator
from pathlib import Path

PATIENCE = 45.0  # seconds to wait for other edits and their commits
_PAUSE = 0.05  # seconds between two tries
_UNSUPPORTED = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}  # some network file systems have no locks


class ConcurrentWrite(Exception):
    """The file has changed since it was read."""


class LockTimeout(Exception):
    """Another process keeps the folder locked."""


@contextlib.contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Hold an exclusive lock on a folder, across threads and processes; the kernel releases it if the process dies.

    Waits up to PATIENCE seconds. Raises LockTimeout; OSError if the folder cannot be opened or locked.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _lock(handle, time.monotonic() + PATIENCE)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise LockTimeout from None
            time.sleep(_PAUSE)
        except OSError as error:
            if error.errno not in _UNSUPPORTED:
                raise
            return


def replace_file(path: Path, before: bytes | None, after: bytes) -> None:
    """Replace the content of a file, or create it. Raises ConcurrentWrite, OSError.

    `before` is the content that was read, None if the file did not exist. A symbolic link is kept and its target
    replaced; owner and mode are kept. A file or folder without write permission is refused even to a privileged user.
    """
    if before is None and os.path.lexists(path):
        raise ConcurrentWrite
    target = Path(os.path.realpath(path))
    status = target.stat() if before is not None else None
    for one in filter(None, (status, target.parent.stat())):
        if not stat.S_IMODE(one.st_mode) & 0o222:
            raise PermissionError(errno.EACCES, "read-only")
    if status and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, "read-only")
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.new")
    try:
        _write(temporary, after, status)
        if (target.read_bytes() if before is not None else None) != before or (before is None and target.exists()):
            raise ConcurrentWrite
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    handle = os.open(target.parent, os.O_RDONLY)
    with contextlib.suppress(OSError):  # the new name survives a power cut, where the file system can promise that
        os.fsync(handle)
    os.close(handle)


def _write(path: Path, content: bytes, like: os.stat_result | None) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)  # minus the operator's umask
    with open(handle, "wb") as file:
        if like:
            with contextlib.suppress(PermissionError):
                os.fchown(file.fileno(), -1, like.st_gid)
                os.fchown(file.fileno(), like.st_uid, -1)
            os.fchmod(file.fileno(), stat.S_IMODE(like.st_mode))
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
