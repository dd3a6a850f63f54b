"""Watchdog: ends a process whose event loop is blocked, and names the suspected events to the next process.

A function written in C, such as `re`, may block the interpreter with its timeouts and signal handlers. So the kernel
measures (ITIMER_PROF: processor time, which a suspended or starved process does not use), and faulthandler, whose
handler is written in C, dumps the stacks before SIGPROF ends the process. A supervisor starts it again.
"""

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

from bot.app.served import served
from bot.messages import Event

log = logging.getLogger(__name__)

LIMIT = 10.0  # seconds of processor time without an iteration of the event loop
TICK = 1.0  # seconds between two resets of the timer
FRAMES = 4  # innermost ones in the log

Key = tuple[str, str, str]  # network of the process, channel and event
_CURRENT = re.compile(r"^Current thread [^\n]*\n((?:  File [^\n]*\n?)*)", re.MULTILINE)
_FRAME = re.compile(r'  File "([^"\n]*)", line (\d+) in ([^\n]*)')


class Watchdog:
    """`with Watchdog(file) as watchdog:` in the main thread, then `watchdog.run()` beside the work.

    The file's first line lists the events being handled; the stacks follow if the process was ended.
    Raises OSError if it cannot be opened.
    """

    def __init__(self, file: Path) -> None:
        self._path = file
        self._working: list[Key] = []
        self._suspects: list[Key] = []  # events that the last process was handling when it was ended
        self._stacks = ""

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        text = os.read(self._file, os.fstat(self._file).st_size).decode(errors="replace")
        events, _, self._stacks = text.partition("\n")
        if self._stacks:
            with suppress(ValueError):  # truncated on a full disk
                self._suspects = [(network, channel, event) for network, channel, event in json.loads(events)]
        if os.getpid() == 1:
            # Without a handler the kernel would not deliver SIGPROF to process 1, as which a container runs the bot.
            # C's `_exit` needs no interpreter; the exit code is the signal's number.
            c = ctypes.CDLL(None)
            c.signal.argtypes, c.signal.restype = (ctypes.c_int, ctypes.c_void_p), ctypes.c_void_p
            c.signal(signal.SIGPROF, ctypes.cast(c._exit, ctypes.c_void_p))
        faulthandler.register(signal.SIGPROF, file=self._file, chain=True)
        return self

    def __exit__(self, *_: object) -> None:
        faulthandler.unregister(signal.SIGPROF)
        os.close(self._file)

    def suspects(self, network: str) -> list[tuple[str, str]]:
        """Return channel and event of those of a network."""
        return [(channel, event) for name, channel, event in self._suspects if name == network]

    def clear(self, network: str) -> None:
        """Forget a network's suspects. Call it once its journal has them."""
        if self._stacks:
            current = _CURRENT.search(self._stacks)  # the thread that held the interpreter, or else all threads
            frames = _FRAME.findall(current[1] if current else self._stacks)
            ours = [frame for frame in frames if f"/{__package__.partition('.')[0]}/" in frame[0]]
            names = [f"{name} ({Path(file).name}:{line})" for file, line, name in (ours or frames)[:FRAMES]]
            where = " < ".join(names) or "an unknown place"
            log.error("the last process was ended: its event loop was blocked for %g s of CPU time in %s", LIMIT, where)
        self._stacks, self._suspects = "", [key for key in self._suspects if key[0] != network]
        self._write()

    async def run(self) -> None:
        """Reset the timer for ever."""
        try:
            while True:
                signal.setitimer(signal.ITIMER_PROF, LIMIT)
                await asyncio.sleep(TICK)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)

    @contextmanager
    def working(self, event: Event) -> Iterator[None]:
        key = (served.get(), event.channel, event.id)
        self._working.append(key)
        self._write()
        try:
            yield
        finally:
            self._working.remove(key)
            self._write()

    def _write(self) -> None:
        """Without fsync: the file must survive the process, not the machine."""
        with suppress(OSError):
            os.ftruncate(self._file, 0)
            os.lseek(self._file, 0, os.SEEK_SET)
            os.write(self._file, json.dumps(self._suspects + self._working).encode() + b"\n")
