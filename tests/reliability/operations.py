"""People and misfortunes at random, and what the rooms must show in the end. Everything follows from the seed."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random

from tests.member import Member
from tests.reliability.harness import ASKED, answered, end, history, is_edit
from tests.reliability.nest import Hatched
from tests.reliability.proxy import FAULTS, SEND, SYNC
from tests.reliability.scene import Scene

log = logging.getLogger(__name__)

QUESTIONS = (ASKED, "concierge : un modele de fiche de poste svp", "concierge : et le prix de la baguette ?")
CHATTER = ("Bonjour à toutes et tous !", "on se voit jeudi", "l'atelier d'hier était super")
KEYS = ("👍", "👎", "1️⃣", "❌")


@dataclass
class Asked:
    """A question, and whether its reply must stand in the end."""

    event: str
    room: str
    who: Member
    stands: bool = True


@dataclass
class Result:
    """`lost`: without a reply; `doubled`: with two, one of them perhaps deleted; `left`: with a reply to be gone."""

    questions: int
    operations: Counter[str]
    lost: int
    doubled: int
    left: int

    @property
    def right(self) -> bool:
        return not (self.lost or self.doubled or self.left)


class Operations:
    """`run` some, then `settle`: all is mended, and the rooms are counted."""

    def __init__(self, scene: Scene, random: Random) -> None:
        self._scene, self._random = scene, random
        self._asked: list[Asked] = []
        self._done: Counter[str] = Counter()
        self._process: Hatched | None = None
        self._table: dict[Callable[[], Awaitable[None]], int] = {  # with its weight
            self.ask: 30,
            self.chat: 5,
            self.edit: 8,
            self.redact: 4,
            self.react: 6,
            self.delete_the_answer: 2,
            self.fault: 10,
            self.restart: 2,
            self.crash: 4,
            self.partition: 2,
            self.restart_the_homeserver: 2,
        }

    async def run(self, steps: int) -> None:
        self._process = await self._scene.concierge.start()
        await self._scene.introduced()
        for _ in range(steps):
            (operation,) = self._random.choices([*self._table], [*self._table.values()])
            name = getattr(operation, "__name__", "")
            log.debug("%s", name)
            self._done[name] += 1
            await operation()
            await asyncio.sleep(self._random.uniform(0, 0.4))

    async def settle(self, seconds: float = 120, quiet: float = 3) -> Result:
        """Wait for what must come, and `quiet` seconds more for what must not."""
        self._scene.proxy.heal()
        last = [await self._scene.ana.say(room, ASKED) for room in self._scene.rooms]
        for room, question in zip(self._scene.rooms, last, strict=True):
            self._asked.append(Asked(question, room, self._scene.ana))
        try:
            async with asyncio.timeout(seconds):
                while not (await self._count()).right:  # noqa: ASYNC110 (a room tells nobody)
                    await asyncio.sleep(0.5)
        except TimeoutError:
            log.error("not all is as it should be after %g s", seconds)
        await asyncio.sleep(quiet)
        if self._process is None or self._process.returncode is not None:
            raise AssertionError("the bot ended by itself")
        return await self._count()

    async def stop(self) -> None:
        if self._process:
            await end(self._process)

    # What people do

    async def ask(self) -> None:
        room, who = self._random.choice(self._scene.rooms), self._random.choice((self._scene.ana, self._scene.bob))
        self._asked.append(Asked(await who.say(room, self._random.choice(QUESTIONS)), room, who))

    async def chat(self) -> None:
        await self._scene.bob.say(self._random.choice(self._scene.rooms), self._random.choice(CHATTER))

    async def edit(self) -> None:
        if asked := self._one():
            await asked.who.edit(asked.room, asked.event, self._random.choice(QUESTIONS))

    async def redact(self) -> None:
        if asked := self._one():
            asked.stands = False
            await asked.who.redact(asked.room, asked.event)

    async def react(self) -> None:
        if (asked := self._one()) and (reply := await self._reply(asked)):
            await self._react(asked.who, asked.room, reply)

    async def delete_the_answer(self) -> None:
        """The rooms are ana's: she may."""
        if (asked := self._one()) and (reply := await self._reply(asked)):
            asked.stands = False
            await self._scene.ana.redact(asked.room, reply)

    # What happens to the bot

    async def fault(self) -> None:
        fault = self._random.choice([*FAULTS.values()])
        self._scene.proxy.fail(self._random.choice((SEND, SYNC)), fault, self._random.randint(1, 2))

    async def restart(self) -> None:
        if self._process and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()
        self._process = await self._scene.concierge.start()

    async def crash(self) -> None:
        await self.stop()
        await self.ask()
        self._process = await self._scene.concierge.start()

    async def partition(self) -> None:
        self._scene.proxy.cut = True
        await self.ask()
        await asyncio.sleep(self._random.uniform(1, 4))
        self._scene.proxy.cut = False

    async def restart_the_homeserver(self) -> None:
        await self._scene.homeserver.stop()
        await asyncio.sleep(self._random.uniform(0, 2))
        await self._scene.homeserver.start()

    # What is there

    def _one(self) -> Asked | None:
        standing = [asked for asked in self._asked if asked.stands]
        return self._random.choice(standing) if standing else None

    async def _reply(self, asked: Asked) -> str | None:
        ours = [raw for raw in await history(asked.who, asked.room) if raw["sender"] == self._scene.bot]
        return next((raw["event_id"] for raw in ours if answered(raw) == asked.event), None)

    async def _react(self, who: Member, room: str, event: str) -> None:
        """The same one twice is refused."""
        try:
            await who.react(room, event, self._random.choice(KEYS))
        except AssertionError as refusal:
            log.debug("%s", refusal)

    async def _count(self) -> Result:
        replies: Counter[str] = Counter()
        made = 0
        for room in self._scene.rooms:
            for raw in await history(self._scene.ana, room):
                if raw["sender"] == self._scene.bot and raw["type"] == "m.room.message" and not is_edit(raw):
                    made += raw["content"].get("msgtype") != "m.notice"
                    replies[answered(raw) or ""] += 1
        standing = [asked.event for asked in self._asked if asked.stands]
        gone = [asked.event for asked in self._asked if not asked.stands]
        hidden = max(0, made - len(self._asked))
        return Result(
            questions=len(self._asked),
            operations=self._done,
            lost=sum(not replies[event] for event in standing),
            doubled=sum(replies[event] > 1 for event in (*standing, *gone)) + hidden,
            left=sum(replies[event] > 0 for event in gone),
        )
