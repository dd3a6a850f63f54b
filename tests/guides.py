"""The shell blocks of the guides: what people are told to type, and whoever types it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from bot.locale import wording
from tests.fresh_machine import INSTALLATION, FreshMachine
from tests.terminal import Terminal

Sign = Callable[[], Awaitable[object]]
Answers = Sequence[tuple[str, str]]

FR = wording("fr")
ROOT = Path(__file__).parents[1]
PAGES = ("docs/operators.md", "README.md", "README.fr.md", "docs/installer.md")
HOSTING = "docs/hosting.md"
LEFT_RUNNING = re.compile(r"(concierge run( --config \S+)?|homeserver --config-path homeserver.yaml)\n\Z")
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


async def follow(
    block: Block,
    folder: Path,
    machine: FreshMachine,
    terminals: AsyncExitStack,
    signs: Iterator[Sign],
    answers: Answers,
) -> Terminal:
    """As it stands, on a terminal of its own; one that is left running is there once its sign of life comes.

    `answers`: to `concierge init`, each with the key of its question.
    """
    screen = await terminals.enter_async_context(machine.types(block.text.replace(INSTALLATION, ""), folder))
    for asked, answer in answers if "concierge init" in block.text else ():
        await screen.waits_for(FR(f"init.{asked}")[:40])
        await screen.answer(answer, hidden=asked == "password")
    if not LEFT_RUNNING.search(block.text):
        assert await screen.end() == 0, f"{block.page}:\n{block.text}\n{screen.shown}"
        return screen
    living, ended = asyncio.ensure_future(next(signs)()), asyncio.ensure_future(screen.end())
    await asyncio.wait([living, ended], return_when=asyncio.FIRST_COMPLETED)
    assert not ended.done(), screen.shown
    ended.cancel()
    await living
    return screen
