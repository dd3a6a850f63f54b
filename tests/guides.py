"""The shell blocks of the guides: what people are told to type."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).parents[1]
PAGES = ("docs/operators.md", "README.md", "README.fr.md", "docs/installer.md")
_BLOCK = re.compile(
    r"^ *(?:<!-- not run: (?P<reason>[^\n]*) -->\n *)?```sh\n(?P<text>.*?)^ *```$", re.DOTALL | re.MULTILINE
)


@dataclass(frozen=True)
class Block:
    """`reason`: that of the mark above it, if it cannot be run on any machine, and which test runs it elsewhere."""

    page: str
    text: str
    reason: str | None

    @property
    def commands(self) -> str:
        """Without remarks and indentation, which differ from language to language."""
        return re.sub(r"\s+# .*|^# .*\n", "", self.text, flags=re.MULTILINE)


def blocks(page: str) -> list[Block]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return [Block(page, dedent(found["text"]), found["reason"]) for found in _BLOCK.finditer(text)]
