"""The demo on the terminal: the conversation in colour, and lines from the keyboard."""

import asyncio
import contextlib
import readline  # also gives input() arrow keys and history
import sys
import termios
import threading
from collections.abc import AsyncIterator, Iterable, Iterator
from io import FileIO

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

INDENT = 4


class Transcript:
    """`prompt`: what stands before the line that somebody is typing; None: nobody is."""

    def __init__(self) -> None:
        self.prompt: str | None = None
        self._console = Console(highlight=False)

    def step(self, text: str) -> None:
        self._show(Text(text, "dim"))

    def person(self, name: str, text: str, to: str) -> None:
        self._show(Text.assemble((f"{name} → {to} : ", "bold cyan"), text))

    def did(self, who: str, what: str) -> None:
        """An action that the room sees."""
        self._show(Text.assemble((who, "bold green" if who == "concierge" else "bold cyan"), f" {what}"))

    def lines(self, lines: Iterable[str]) -> None:
        """A unified diff."""
        styles = {"+": "green", "-": "red"}
        for line in lines:
            self._show(Padding(Text(line, styles.get(line[:1], "bright_black")), (0, 0, 0, INDENT)))
        self._show(Text())

    def bot(self, text: str, *, edited: bool = False, quiet: bool = False, where: str = "") -> None:
        how = " (modifié)" if edited else f" → {where}" if where else " (discrètement)" if quiet else ""
        self._show(Text.assemble(("concierge", "bold green"), (how, "dim")))
        self._show(Padding(Text(text), (0, 0, 1, INDENT)))

    def aside(self, text: str) -> None:
        """A remark that the room does not see."""
        self._show(Padding(Text(f"({text})", "bright_black"), (0, 0, 1, INDENT)))

    def fault(self, text: str) -> None:
        self._show(Text(text, "bold red"))

    def _show(self, what: Text | Padding) -> None:
        """Above the line that is being typed, which is drawn again."""
        if self.prompt is None:
            return self._console.print(what)
        sys.stdout.write("\r\x1b[K")
        self._console.print(what)
        sys.stdout.write(self.prompt + readline.get_line_buffer())
        sys.stdout.flush()


async def typed_lines(transcript: Transcript, prompt: str) -> AsyncIterator[str]:
    """Lines from standard input until its end (Ctrl-D). The prompt is shown on a terminal only."""
    loop, typed = asyncio.get_running_loop(), asyncio.Queue[str | None]()
    is_terminal = sys.stdin.isatty()
    piped = FileIO(0, closefd=False)  # past Python's buffer, whose lock a thread would hold when the program ends

    def read_line() -> None:
        try:
            line: str | None = _ask(prompt) if is_terminal else next(piped).decode(errors="replace")
        except (EOFError, StopIteration, KeyboardInterrupt):
            line = None
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(typed.put_nowait, line)

    while True:
        # A daemon: a thread that waits for a key must not keep the program from ending.
        threading.Thread(target=read_line, daemon=True).start()
        transcript.prompt = prompt if is_terminal else None
        try:
            line = await typed.get()
        finally:
            transcript.prompt = None
        if line is None:
            return
        if line.strip():
            yield line.strip()


def _ask(prompt: str) -> str:
    """Keys that are pressed before the prompt are not shown until then, nor twice."""
    _set_echo(True)  # without it readline shows none either
    try:
        return input(prompt)
    finally:
        _set_echo(False)


def _set_echo(is_on: bool) -> None:
    settings = termios.tcgetattr(0)
    settings[3] = settings[3] | termios.ECHO if is_on else settings[3] & ~termios.ECHO
    termios.tcsetattr(0, termios.TCSADRAIN, settings)


@contextlib.contextmanager
def quiet_terminal() -> Iterator[None]:
    """Without an echo but that of `typed_lines`, and in the end as it was: readline is left while it waits."""
    if not sys.stdin.isatty():
        yield
        return
    before = termios.tcgetattr(0)
    _set_echo(False)
    try:
        yield
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)
