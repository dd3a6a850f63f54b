"""The conversation as it happens, on the terminal: in colour where there is one, and as a picture afterwards."""

from __future__ import annotations

import io
import re
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

INDENT = 4


class Transcript:
    def __init__(self, member: str, console: Console | None = None) -> None:
        self.name = member
        self._console = console or Console(highlight=False)
        self._picture = Console(record=True, width=96, highlight=False, file=io.StringIO(), force_terminal=True)

    def step(self, text: str) -> None:
        self._console.print(Text(text, "dim"))

    def member(self, text: str, to: str) -> None:
        self.person(self.name, text, to)

    def person(self, name: str, text: str, to: str) -> None:
        self._line(Text.assemble((f"{name} → {to} : ", "bold cyan"), text))

    def did(self, who: str, what: str) -> None:
        """Something that is seen in the room, but no words."""
        self._line(Text.assemble((who, "bold green" if who == "concierge" else "bold cyan"), f" {what}"))

    def lines(self, text: str) -> None:
        """Of a file: what came, and what went."""
        styles = {"+": "green", "-": "red"}
        for line in text.splitlines():
            self._print(Padding(Text(line, styles.get(line[:1], "bright_black")), (0, 0, 0, INDENT)))
        self._print(Text())

    def bot(self, text: str, *, edited: bool = False, quiet: bool = False, where: str = "") -> None:
        how = " (modifié)" if edited else f" → {where}" if where else " (discrètement)" if quiet else ""
        self._line(Text.assemble(("concierge", "bold green"), (how, "dim")))
        self._print(Padding(Text(text), (0, 0, 1, INDENT)))

    def aside(self, text: str) -> None:
        """Something that nobody in the room sees."""
        self._print(Padding(Text(f"({text})", "bright_black"), (0, 0, 1, INDENT)))

    def fault(self, text: str) -> None:
        self._line(Text(text, "bold red"))

    def picture(self, file: Path, title: str) -> None:
        """What was said so far, as SVG; it fetches no font from elsewhere."""
        drawn = re.sub(r"@font-face \{[^{}]*+\}\s*", "", self._picture.export_svg(title=title))
        file.write_text("\n".join(line.rstrip() for line in drawn.splitlines()) + "\n", encoding="utf-8")

    def _line(self, text: Text) -> None:
        self._print(text)

    def _print(self, what: Text | Padding) -> None:
        self._console.print(what)
        self._picture.print(what)
