"""The shell blocks of the guides: what people are told to type, and whoever types it."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

from bot.demo.homeserver import Credentials
from bot.locale import wording
from tests.fresh_machine import INSTALLATION, FreshMachine
from tests.member import Member, Raw
from tests.terminal import Terminal

Sign = Callable[[], Awaitable[object]]
Answers = Sequence[tuple[str, str]]

FR = wording("fr")
ADDS = "comment ajouter une réponse ?"  # `init` writes the answer
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
    """On a terminal of its own, until its sign of life comes. `answers`: to `init`, each with its question's key."""
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


@dataclass
class Network:
    """One that somebody sets up by a guide: its bot, and its member's room."""

    bot: Credentials
    server: str
    room: str
    ana: Member
    asked: list[str] = field(default_factory=list)

    def init(self) -> Answers:
        """What is answered to `concierge init`."""
        return [
            *(("account", self.bot.user), ("homeserver", self.server), ("password", self.bot.password), ("rooms", "1")),
            *(("moderators_room", ""), ("digest_rooms", ""), ("forum", ""), ("desk", ""), ("shipped", "non")),
        ]

    async def begins(self) -> None:
        await self.ana.wait_for(self.room, self._is_from_bot)

    async def ask(self, text: str = ADDS) -> str:
        self.asked.append(await self.ana.say(self.room, f"concierge : {text}"))
        return self.asked[-1]

    async def answered(self, question: str) -> str:
        """The words of the reply."""
        reply = await self.ana.wait_for(self.room, lambda raw: self._is_from_bot(raw) and question in json.dumps(raw))
        return str(reply["content"]["body"])

    async def answers(self, text: str = ADDS) -> str:
        return await self.answered(await self.ask(text))

    async def replies(self) -> list[int]:
        """To each question."""
        posts = [raw for raw in await self.ana.history(self.room) if self._is_from_bot(raw)]
        found = Counter(question for raw in posts for question in self.asked if question in json.dumps(raw))
        return [found[question] for question in self.asked]

    def _is_from_bot(self, raw: Raw) -> bool:
        return bool(raw["type"] == "m.room.message" and raw["sender"] == self.bot.user)
