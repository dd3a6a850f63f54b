"""People and misfortunes at random, and what the rooms must show in the end. Everything follows from the seed."""

import asyncio
import contextlib
import logging
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from tests.reliability.harness import ASKED, Program, answered, end, history, is_edit, is_said_by
from tests.reliability.nest import Hatched
from tests.reliability.proxy import FAULTS, SEND, SYNC
from tests.reliability.scene import Scene
from tests.waiting import PATIENCE

log = logging.getLogger(__name__)

QUESTIONS = (
    *(ASKED, "concierge : un modele de fiche de poste svp", "concierge : et le prix de la baguette ?"),
    "concierge : et combien ça coûte ?",  # read with the answer before it, if there is one
)
CHATTER = ("Bonjour à toutes et tous !", "on se voit jeudi", "l’atelier d’hier était super")
KEYS = ("👍", "👎", "1️⃣", "❌")


class Somebody(Protocol):
    """Who takes part: with a plain client, or with one that encrypts."""

    async def say(self, room: str, text: str) -> str: ...

    async def edit(self, room: str, event: str, text: str) -> str: ...

    async def redact(self, room: str, event: str) -> str: ...

    async def react(self, room: str, to: str, key: str) -> str: ...


@dataclass
class Asked:
    """A question, and whether its reply must stand in the end."""

    event: str
    room: str
    who: Somebody
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
    def whole(self) -> bool:
        """Whether each operation was done."""
        return all(self.operations.values())

    @property
    def right(self) -> bool:
        return not (self.lost or self.doubled or self.left)


class RandomWalk(ABC):
    """`run` some operations, then `settle`: all is mended, and what is there is counted."""

    _table: dict[Any, int]  # operations with their weights

    def __init__(self, program: Program, random: Random) -> None:
        self._program, self._random = program, random
        self._done: Counter[str] = Counter()
        self._process: Hatched | None = None

    async def _do(self, *operations: Callable[[], Awaitable[bool | None]]) -> None:
        """One that gives False had nothing to do."""
        for operation in operations:
            name = getattr(operation, "__name__", "")
            log.debug("%s", name)
            self._done[name] += await operation() is not False
            await asyncio.sleep(self._random.uniform(0, 0.4))

    def _some(self, count: int) -> list[Any]:
        return self._random.choices([*self._table], [*self._table.values()], k=count)

    async def settle(self, seconds: float = PATIENCE, quiet: float = 3) -> Any:
        """Wait for what must come, and `quiet` seconds more for what must not."""
        await self._mend()
        try:
            async with asyncio.timeout(seconds):
                while not (await self._count()).right:  # noqa: ASYNC110 (a room tells nobody)
                    await asyncio.sleep(0.3)
        except TimeoutError:
            log.error("not all is as it should be after %g s", seconds)
        await asyncio.sleep(quiet)
        if self._process is None or self._process.returncode is not None:
            raise AssertionError("the bot ended by itself")
        return await self._count()

    async def walked(self, length: int, seconds: float = PATIENCE, quiet: float = 3) -> Any:
        """What it came to in the end, after which nothing goes on."""
        try:
            await self.run(length)
            return await self.settle(seconds, quiet)
        finally:
            await self.stop()

    @abstractmethod
    async def run(self, length: int) -> None: ...

    @abstractmethod
    async def _mend(self) -> None: ...

    @abstractmethod
    async def _count(self) -> Any: ...

    @abstractmethod
    async def ask(self) -> bool | None: ...

    async def _start(self) -> None:
        self._process = await self._program.start()

    async def stop(self) -> None:
        if self._process:
            await end(self._process)

    async def restart(self) -> None:
        if self._process and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()
        await self._start()

    async def crash(self) -> None:
        await self.stop()
        await self.ask()
        await self._start()


class Operations(RandomWalk):
    """In rooms."""

    def __init__(self, scene: Scene, random: Random, *people: Somebody) -> None:
        """`people`: who asks, else ana and bob."""
        super().__init__(scene.concierge, random)
        self._scene = scene
        self._people = people or (scene.ana, scene.bob)
        self._asked: list[Asked] = []
        self._table = {
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

    async def run(self, length: int) -> None:
        """Each operation once in some order, and then at random until there were so many."""
        await self._start()
        await self._scene.introduced()
        await self.ask()
        await self._do(*self._random.sample([*self._table], len(self._table)))
        await self._do(*self._some(length - len(self._table)))

    async def _mend(self) -> None:
        self._scene.proxy.heal()
        for room in self._scene.rooms:
            self._asked.append(Asked(await self._people[0].say(room, ASKED), room, self._people[0]))

    # What people do

    async def ask(self) -> None:
        room, who = self._random.choice(self._scene.rooms), self._random.choice(self._people)
        self._asked.append(Asked(await who.say(room, self._random.choice(QUESTIONS)), room, who))

    async def chat(self) -> None:
        who, room = self._random.choice(self._people), self._random.choice(self._scene.rooms)
        await who.say(room, self._random.choice(CHATTER))

    async def edit(self) -> None:
        asked = await self._one()
        await asked.who.edit(asked.room, asked.event, self._random.choice(QUESTIONS))

    async def redact(self) -> None:
        asked = await self._one()
        asked.stands = False
        await asked.who.redact(asked.room, asked.event)

    async def react(self) -> bool:
        asked = await self._one()
        if reply := await self._reply(asked):
            with contextlib.suppress(AssertionError):  # the same one twice is refused
                await asked.who.react(asked.room, reply, self._random.choice(KEYS))
        return reply is not None

    async def delete_the_answer(self) -> bool:
        """The rooms are ana's: she may."""
        asked = await self._one()
        if reply := await self._reply(asked):
            asked.stands = False
            await self._scene.ana.redact(asked.room, reply)
        return reply is not None

    # What happens to the bot

    async def fault(self) -> None:
        fault = self._random.choice([*FAULTS.values()])
        self._scene.proxy.fail(self._random.choice((SEND, SYNC)), fault, self._random.randint(1, 2))

    async def partition(self) -> None:
        self._scene.proxy.cut = True
        await self.ask()
        await asyncio.sleep(self._random.uniform(0.5, 1.5))
        self._scene.proxy.cut = False

    async def restart_the_homeserver(self) -> None:
        await self._scene.homeserver.stop()
        await asyncio.sleep(self._random.uniform(0, 2))
        await self._scene.homeserver.start()

    # What is there

    async def _one(self) -> Asked:
        """A question whose reply is to stand."""
        if not any(asked.stands for asked in self._asked):
            await self.ask()
        return self._random.choice([asked for asked in self._asked if asked.stands])

    async def _reply(self, asked: Asked, seconds: float = 30) -> str | None:
        """If it is there, or comes before the machine can be blamed."""
        end = asyncio.get_running_loop().time() + seconds
        while True:
            ours = [raw for raw in await history(self._scene.ana, asked.room) if raw["sender"] == self._scene.bot]
            found = next((str(raw["event_id"]) for raw in ours if answered(raw) == asked.event), None)
            if found or asyncio.get_running_loop().time() > end:
                return found
            await asyncio.sleep(0.2)

    async def _count(self) -> Result:
        replies: Counter[str | None] = Counter()
        made = 0
        for room in self._scene.rooms:
            for raw in await history(self._scene.ana, room):
                if is_said_by(raw, self._scene.bot) and not is_edit(raw):
                    made += answered(raw) is not None or not raw["content"]  # what was deleted tells no more
                    replies[answered(raw)] += 1
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
