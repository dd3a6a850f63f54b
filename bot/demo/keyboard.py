"""Lines that a person types, or a pipe brings, without holding up the rest of the program."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections.abc import AsyncIterator


async def lines(prompt: str) -> AsyncIterator[str]:
    """Each line until the end of the input (Ctrl-D). The prompt is shown on a terminal only."""
    loop = asyncio.get_running_loop()
    wanted, typed = threading.Semaphore(0), asyncio.Queue[str | None]()
    # A daemon: a thread that waits for a key must not keep the program from ending.
    threading.Thread(target=_type, args=(prompt, wanted, typed, loop), daemon=True).start()
    while True:
        wanted.release()
        line = await typed.get()
        if line is None:
            return
        if line.strip():
            yield line.strip()


def _type(
    prompt: str, wanted: threading.Semaphore, typed: asyncio.Queue[str | None], loop: asyncio.AbstractEventLoop
) -> None:
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 (arrow keys and history for input())
    line: str | None = ""
    while line is not None and wanted.acquire():
        line = _line(prompt)
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(typed.put_nowait, line)


def _line(prompt: str) -> str | None:
    try:
        return input(prompt if sys.stdin.isatty() else "")
    except (EOFError, KeyboardInterrupt):
        return None
