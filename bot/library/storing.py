"""A file replaced as a whole: after a crash it is the old one or the new one."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path

_MODE = 0o644  # of a new file


class Overtaken(Exception):
    """Somebody wrote the file meanwhile."""


def store(path: Path, before: bytes | None, after: bytes) -> None:
    """`before`: what the file held when the change was made of it; None: nothing. Raises Overtaken, OSError.

    Behind a link it is the file itself that is replaced. One that is not to be written stays as it is.
    """
    real = Path(os.path.realpath(path))
    mode = stat.S_IMODE(real.stat().st_mode) if before is not None else _MODE
    if before is not None and not mode & 0o222:
        raise PermissionError(None, "read-only")
    handle, name = tempfile.mkstemp(dir=real.parent, prefix=".", suffix=".new")
    try:
        with open(handle, "wb") as file:
            file.write(after)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        if (real.read_bytes() if real.exists() else None) != before:
            raise Overtaken
        os.replace(name, real)
        _settle(real.parent)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _settle(folder: Path) -> None:
    """The new name survives a power cut."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
