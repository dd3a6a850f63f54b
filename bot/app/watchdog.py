"""Ends a process that is held up by one piece of work, and leaves word of it for the next start.

While `re` or another function written in C works, the interpreter runs nothing else: no timeout, no signal handler
of Python's. So the kernel counts (ITIMER_PROF: processor time, so that a process that is suspended, or starved by
others, is not held up), and faulthandler, whose handler is written in C, writes down where it was before SIGPROF ends
the process. A supervisor starts it again.
"""

from __future__ import annotations

import asyncio
import ctypes
import faulthandler
import json
import logging
import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from bot.messages import Event

log = logging.getLogger(__name__)

LIMIT = 10.0  # seconds of processor time without a turn of the event loop
TICK = 1.0  # seconds between two turns
FRAMES = 4  # of the stack that are shown

Key = tuple[str, str]  # channel and event
_CURRENT = re.compile(r"^Current thread [^\n]*\n((?:  File [^\n]*\n?)*)", re.MULTILINE)
_FRAME = re.compile(r'  File "([^"\n]*)", line (\d+) in ([^\n]*)')


class Watchdog:
    """`with Watchdog(file) as watchdog:` in the main thread, then `watchdog.run()` beside the work.

    The file: in its first line the events that are being worked on, then the stacks, if the process was ended.
    Raises OSError where it cannot be opened.
    """

    def __init__(self, file: Path) -> None:
        self._path = file
        self._at_work: list[Key] = []
        self.suspects: list[Key] = []  # what the last process was at work on when it was ended for being held up
        self._stacks = ""

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        self._read(os.read(self._file, os.fstat(self._file).st_size).decode(errors="replace"))
        if os.getpid() == 1:
            _handle_by_exit()
        faulthandler.register(signal.SIGPROF, file=self._file, chain=True)
        return self

    def __exit__(self, *_: object) -> None:
        faulthandler.unregister(signal.SIGPROF)
        os.close(self._file)

    def counted(self) -> None:
        """The suspects are in the journal: the file may be used anew."""
        if self._stacks:
            where = " < ".join(_frames(self._stacks)) or "an unknown place"
            log.error("the last run was ended after %g s of processor time without a turn, in %s", LIMIT, where)
        self._write()

    async def run(self) -> None:
        """For ever: each turn of the event loop winds the timer up again."""
        try:
            while True:
                signal.setitimer(signal.ITIMER_PROF, LIMIT)
                await asyncio.sleep(TICK)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)

    @contextmanager
    def working(self, event: Event) -> Iterator[None]:
        """While an event is being worked on."""
        key = (event.channel, event.id)
        self._at_work.append(key)
        self._write()
        try:
            yield
        finally:
            self._at_work.remove(key)
            self._write()

    def _read(self, text: str) -> None:
        events, _, self._stacks = text.partition("\n")
        if self._stacks:
            with suppress(ValueError):  # cut short, on a disk that is full
                self.suspects = [(channel, event) for channel, event in json.loads(events)]

    def _write(self) -> None:
        """Not synchronised: it must survive the process, not the machine."""
        with suppress(OSError):
            os.ftruncate(self._file, 0)
            os.lseek(self._file, 0, os.SEEK_SET)
            os.write(self._file, json.dumps(self._at_work).encode() + b"\n")


def _handle_by_exit() -> None:
    """The kernel spares the first process of a container each signal that has no handler: let it be C's own `_exit`,
    which needs no interpreter. The exit code is the signal's number."""
    c = ctypes.CDLL(None)
    c.signal.argtypes, c.signal.restype = (ctypes.c_int, ctypes.c_void_p), ctypes.c_void_p
    c.signal(signal.SIGPROF, ctypes.cast(c._exit, ctypes.c_void_p))


def _frames(stacks: str) -> list[str]:
    """The innermost frames of our own in the thread that held the interpreter; of all threads where it is not named."""
    current = _CURRENT.search(stacks)
    found = _FRAME.findall(current[1] if current else stacks)
    ours = [frame for frame in found if f"/{__package__.partition('.')[0]}/" in frame[0]]
    return [f"{name} ({Path(file).name}:{line})" for file, line, name in (ours or found)[:FRAMES]]
