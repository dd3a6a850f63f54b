"""Reading of a file in a process of its own, with limited memory and time.

A spreadsheet of 1.5 kB with a cell in its last row fills 5 GB, 300 kB of HTML keep `html.parser` busy for minutes, an
archive may hold a thousand times its size.
"""

import os
import resource
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from bot.importing import LARGEST, NotReadable

_T = TypeVar("_T")
SECONDS = 30  # of processor time; a spreadsheet of 50 MB takes ten
MEMORY = 1 << 30  # bytes, named in the message


def bounded(read: Callable[[Path], _T], file: Path) -> _T:
    """Read a file in a process of its own, and return the result.

    Raises the errors of `read`; OSError, NotReadable.
    """
    if file.stat().st_size > LARGEST:
        raise NotReadable("too_large", str(LARGEST // 1_000_000))
    with ProcessPoolExecutor(1, get_context("spawn"), _bind, (SECONDS,)) as pool:
        try:
            return pool.submit(read, file).result()
        except (BrokenProcessPool, MemoryError):
            raise NotReadable("too_heavy", str(SECONDS)) from None


def _bind(seconds: int) -> None:
    for kind, most in ((resource.RLIMIT_CPU, seconds), (resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CORE, 0)):
        with suppress(OSError, ValueError):  # macOS cannot limit memory
            resource.setrlimit(kind, (most, resource.getrlimit(kind)[1]))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # a library that aborts writes there
