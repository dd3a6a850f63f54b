"""A program on a pseudo-terminal of its own, as somebody at a keyboard has it."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import fcntl
import os
import pty
import signal
import subprocess
import termios
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.waiting import PATIENCE, until


@asynccontextmanager
async def terminal(command: Sequence[str | Path], **options: Any) -> AsyncIterator[Terminal]:
    """`options`: of the process. What still runs in the end gets a Ctrl-C."""
    made = Terminal(command, options)
    try:
        yield made
    finally:
        await made.close()


class Terminal:
    def __init__(self, command: Sequence[str | Path], options: dict[str, Any]) -> None:
        self._own, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (24, 80))
        self.process = subprocess.Popen(  # noqa: S603
            command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, preexec_fn=_take, **options
        )
        os.close(theirs)
        self.shown = ""  # since the last line that was typed
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")  # a block may end within a character
        self.ended = asyncio.Event()
        asyncio.get_running_loop().add_reader(self._own, self._read)

    @property
    def has_echo(self) -> bool:
        return bool(termios.tcgetattr(self._own)[3] & termios.ECHO)

    async def waits_for(self, text: str) -> str:
        """What was shown up to now, with this text."""
        await until(lambda: text in self.shown or self.ended.is_set())
        assert text in self.shown, self.shown
        return self.shown

    async def answer(self, text: str, *, hidden: bool = False) -> None:
        """What is typed before a hidden prompt has turned the echo off is thrown away by it."""
        await until(lambda: not hidden or not self.has_echo)
        self.shown = ""
        os.write(self._own, f"{text}\n".encode())

    def interrupt(self) -> None:
        os.write(self._own, b"\x03")  # Ctrl-C

    async def end(self) -> int:
        """Its exit code."""
        await asyncio.wait_for(self.ended.wait(), PATIENCE)
        return await asyncio.to_thread(self.process.wait)

    async def close(self) -> None:
        if not self.ended.is_set():
            self.interrupt()
            with contextlib.suppress(TimeoutError):
                await self.end()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        asyncio.get_running_loop().remove_reader(self._own)
        os.close(self._own)

    def _read(self) -> None:
        try:
            block = os.read(self._own, 65536)
        except OSError:  # nobody has the other end any more
            block = b""
        self.shown += self._decoder.decode(block)
        if not block:
            asyncio.get_running_loop().remove_reader(self._own)
            self.ended.set()


def _take() -> None:
    """Make the terminal that of this session, so that Ctrl-C and hidden prompts work."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
