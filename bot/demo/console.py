"""The demo on the terminal: the conversation in colour, as a picture afterwards, and lines from the keyboard."""

from __future__ import annotations

import asyncio
import contextlib
import io
import re
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

INDENT = 4


class Transcript:
    def __init__(self) -> None:
        self._console = Console(highlight=False)
        self._picture = Console(record=True, width=96, highlight=False, file=io.StringIO(), force_terminal=True)

    def step(self, text: str) -> None:
        self._console.print(Text(text, "dim"))

    def person(self, name: str, text: str, to: str) -> None:
        self._print(Text.assemble((f"{name} → {to} : ", "bold cyan"), text))

    def did(self, who: str, what: str) -> None:
        """An action that the room sees."""
        self._print(Text.assemble((who, "bold green" if who == "concierge" else "bold cyan"), f" {what}"))

    def lines(self, text: str) -> None:
        """A unified diff."""
        styles = {"+": "green", "-": "red"}
        for line in text.splitlines():
            self._print(Padding(Text(line, styles.get(line[:1], "bright_black")), (0, 0, 0, INDENT)))
        self._print(Text())

    def bot(self, text: str, *, edited: bool = False, quiet: bool = False, where: str = "") -> None:
        how = " (modifié)" if edited else f" → {where}" if where else " (discrètement)" if quiet else ""
        self._print(Text.assemble(("concierge", "bold green"), (how, "dim")))
        self._print(Padding(Text(text), (0, 0, 1, INDENT)))

    def aside(self, text: str) -> None:
        """A remark that the room does not see."""
        self._print(Padding(Text(f"({text})", "bright_black"), (0, 0, 1, INDENT)))

    def fault(self, text: str) -> None:
        self._print(Text(text, "bold red"))

    def picture(self, file: Path, title: str) -> None:
        """The conversation so far as SVG, without fonts from the network."""
        svg = re.sub(r"@font-face \{[^{}]*+\}\s*", "", self._picture.export_svg(title=title))
        file.write_text("\n".join(line.rstrip() for line in svg.splitlines()) + "\n", encoding="utf-8")

    def _print(self, what: Text | Padding) -> None:
        self._console.print(what)
        self._picture.print(what)


async def lines(prompt: str) -> AsyncIterator[str]:
    """Lines from standard input until its end (Ctrl-D). The prompt is shown on a terminal only."""
    loop = asyncio.get_running_loop()
    requests, typed = threading.Semaphore(0), asyncio.Queue[str | None]()
    # A daemon: a thread that waits for a key must not keep the program from ending.
    threading.Thread(target=_read, args=(prompt, requests, typed, loop), daemon=True).start()
    while True:
        requests.release()
        line = await typed.get()
        if line is None:
            return
        if line.strip():
            yield line.strip()


def _read(
    prompt: str, requests: threading.Semaphore, typed: asyncio.Queue[str | None], loop: asyncio.AbstractEventLoop
) -> None:
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 (arrow keys and history for input())
    line: str | None = ""
    while line is not None and requests.acquire():
        line = _line(prompt)
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(typed.put_nowait, line)


def _line(prompt: str) -> str | None:
    try:
        return input(prompt if sys.stdin.isatty() else "")
    except (EOFError, KeyboardInterrupt):
        return None
