"""The terminal: a person at the keyboard, or lines on standard input."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from rich.console import Console, RenderableType
from rich.markdown import Markdown
from rich.text import Text

from bot.messages import Reply

_UNBROKEN = 1000  # columns without a terminal: addresses stay whole
_LINE_END = re.compile(r"(?<=[^\n])\n(?=[^\n])")


class Terminal:
    """With colours and a prompt where standard output is a terminal."""

    def __init__(self, you: str) -> None:
        self._interactive = sys.stdin.isatty() and sys.stdout.isatty()
        self._prompt = f"{you} › " if self._interactive else ""
        self._console = Console(width=None if sys.stdout.isatty() else _UNBROKEN, highlight=False)

    def lines(self) -> Iterator[str]:
        """Lines of the input until Ctrl-D or its end. ↑ brings back earlier ones."""
        if not self._interactive:
            yield from (line.strip() for line in sys.stdin)
            return
        import readline  # noqa: F401 (gives input() its history)

        while True:
            try:
                yield input(self._prompt).strip()
            except EOFError:
                print()
                return

    def greet(self, text: str) -> None:
        if self._interactive:
            self.note(text)

    def show(self, reply: Reply) -> None:
        """With the line ends of the text, as in a room."""
        self._print(Markdown(_LINE_END.sub("  \n", reply.text), hyperlinks=False))

    def note(self, text: str) -> None:
        """Print what no member would see."""
        self._print(Text(text, style="dim"))

    def _print(self, what: RenderableType) -> None:
        with self._console.capture() as printed:
            self._console.print(what)
        lines = [line.rstrip() for line in printed.get().splitlines()]
        print("\n".join(lines).strip("\n"), end="\n\n" if self._interactive else "\n", flush=True)
