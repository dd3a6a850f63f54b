"""Workers that share the networks of one PostgreSQL database, each over a line that can be cut; people who ask."""

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic
from urllib.parse import parse_qs, quote, urlsplit

from bot.demo.homeserver import Credentials, Homeserver
from tests.encryption.members import Clients, Person
from tests.member import Member
from tests.reliability.harness import ASKED, KNOWLEDGE, answered, is_said_by, tally
from tests.running import write_network
from tests.waiting import PATIENCE, until

SOCKET = ".s.PGSQL.5432"
ROOT = Path(__file__).parents[2]


class Line:
    """A worker's way to the database: a Unix socket in a folder of its own. Cut, it swallows what comes, as a network
    that is gone does, and takes nobody new."""

    def __init__(self, folder: Path, database: str) -> None:
        parts = urlsplit(database)
        self._to, self._socket = Path(parse_qs(parts.query)["host"][0]) / SOCKET, folder / SOCKET
        self.url = f"postgresql://{parts.netloc}{parts.path}?host={quote(str(folder), safe='')}"
        self._whole = asyncio.Event()
        self._whole.set()
        self._tasks: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        async with await asyncio.start_unix_server(self._pass_on, self._socket):
            yield
            for task in self._tasks:
                task.cancel()

    def cut(self) -> None:
        self._whole.clear()

    def mend(self) -> None:
        """Connections of before are dead."""
        for task in self._tasks:
            task.cancel()
        self._whole.set()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            await self._whole.wait()
            there, back = await asyncio.open_unix_connection(self._to)
            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._copy(reader, back))
                    both.create_task(self._copy(there, writer))
            finally:
                back.close()
        except* (OSError, asyncio.CancelledError):
            pass  # one side has closed or reset it, or the line is mended
        finally:
            writer.close()

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1 << 16):
            await self._whole.wait()
            writer.write(data)
            await writer.drain()
        raise ConnectionError


@dataclass
class Worker:
    """`concierge run --config networks/` in a process of its own."""

    networks: Path
    line: Line
    log: Path
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        command = [sys.executable, "-m", "bot", "run", "--config", str(self.networks)]
        secrets = {"CONCIERGE_DATABASE_URL": self.line.url, "CONCIERGE_MATRIX_KEYS_SECRET": "a secret of the operator"}
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *command, cwd=ROOT, env=os.environ | secrets, stdout=log, stderr=log
            )

    async def end(self, number: signal.Signals = signal.SIGKILL) -> None:
        if self.process:
            for one in (number, signal.SIGCONT):
                with contextlib.suppress(ProcessLookupError):
                    self.process.send_signal(one)
            await self.process.wait()
        self.process = None

    async def serves(self, networks: int) -> None:
        """Until it has begun so many."""
        await until(lambda: len(re.findall("in the room !", self.log.read_text("utf-8"))) >= networks)

    async def killed(self, seconds: float) -> None:
        """And started again after these seconds."""
        await self.end()
        await asyncio.sleep(seconds)
        await self.start()

    async def freeze(self, seconds: float) -> None:
        assert self.process
        self.process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        self.process.send_signal(signal.SIGCONT)

    async def cut_off(self, seconds: float) -> None:
        self.line.cut()
        await asyncio.sleep(seconds)
        self.line.mend()


@dataclass(frozen=True)
class Served:
    """A network: its bot, and its one room. `person`: who asks there, in an encrypted one."""

    name: str
    bot: Credentials
    room: str
    person: Person | None = None


@dataclass
class Fleet:
    """`questions`: by event, the network and the moment of the clock; `replied`: the moment of the first reply."""

    ana: Member
    workers: list[Worker]
    networks: list[Served]
    questions: dict[str, tuple[Served, float]] = field(default_factory=dict)
    replied: dict[str, float] = field(default_factory=dict)

    async def watch(self) -> None:
        """Note replies as they come, for ever."""
        bots, seen = {one.bot.user for one in self.networks}, len(self.ana.seen)
        while True:
            await self.ana.sync()
            for _, raw in self.ana.seen[seen:]:
                if raw["sender"] in bots and (question := answered(raw)):
                    self.replied.setdefault(question, monotonic())
            seen = len(self.ana.seen)

    async def ask(self, network: Served) -> str:
        begun = monotonic()
        say = network.person.say if network.person else self.ana.say
        question = await say(network.room, ASKED)
        self.questions[question] = network, begun
        return question

    async def ask_on(self, random: Random, pause: float) -> None:
        """In one network or another, for ever; in an encrypted one more seldom."""
        while True:
            network = random.choice(self.networks)
            if network.person is None or random.random() < 0.5:
                await asyncio.shield(self.ask(network))
            await asyncio.sleep(random.uniform(0, 2 * pause))

    async def endure(self, random: Random, seconds: float, happened: Counter[str]) -> None:
        """One or two of the workers are in trouble all the time; the third is well."""
        end = monotonic() + seconds
        well = asyncio.Semaphore(max(1, len(self.workers) - 1))

        async def suffers(worker: Worker) -> None:
            while monotonic() < end:
                async with well:
                    what = random.choice(("killed", "frozen", "cut off"))
                    happened[what] += 1
                    await {"killed": worker.killed, "frozen": worker.freeze, "cut off": worker.cut_off}[what](
                        random.uniform(60, 180) if what == "frozen" else random.uniform(1, 40)
                    )
                await asyncio.sleep(random.uniform(15, 40))

        await asyncio.gather(*map(suffers, self.workers))

    async def devices(self) -> dict[str, object]:
        """The devices of the bots in encrypted rooms, each with whether its owner has signed it."""
        sealed = [(one, one.person) for one in self.networks if one.person]
        return {one.name: await person.do("trust", user=one.bot.user) for one, person in sealed}

    async def introduced(self) -> None:
        for network in self.networks:
            await self.ana.wait_for(network.room, lambda raw, bot=network.bot: is_said_by(raw, bot.user))  # type: ignore[misc]

    async def settled(self, seconds: float = PATIENCE) -> None:
        """Until every question has a reply."""
        await until(lambda: self.questions.keys() <= self.replied.keys(), seconds)

    def gaps(self) -> list[float]:
        """Seconds from each question to its first reply, the longest last."""
        return sorted(self.replied[one] - begun for one, (_, begun) in self.questions.items() if one in self.replied)

    async def wrong(self) -> tuple[list[str], list[str]]:
        """The questions that are lost, and those that were answered twice, as the rooms show them."""
        lost, doubled = list[str](), list[str]()
        for network in self.networks:
            asked = [question for question, (where, _) in self.questions.items() if where == network]
            found = await tally(self.ana, network.room, network.bot.user)
            lost += found.lost(asked)
            doubled += found.doubled(asked)
        return lost, doubled


@contextlib.asynccontextmanager
async def open_fleet(
    server: Homeserver,
    folder: Path,
    database: str,
    *,
    workers: int,
    networks: int,
    sealed: int = 0,
    node: Clients | None = None,
) -> AsyncIterator[Fleet]:
    """No worker has started. The first `sealed` networks have an encrypted room, with a person of the other client."""
    async with AsyncExitStack() as stack:
        login = await server.register(f"ana{id(stack)}", "secret")
        ana = await stack.enter_async_context(Member(server.url, login.access_token))
        served = []
        for number in range(networks):
            bot = await server.register(f"bot{number}-{id(stack)}", "secret")
            room = await ana.create_room(encrypted=number < sealed)
            person = None
            if number < sealed and node:
                asker = await server.register(f"asker{number}-{id(stack)}", "secret")
                person = await Person.log_in(node, server.url, asker)
                await person.do("join", room=room)
            served.append(Served(f"n{number}", bot, room, person))
            matrix = {"homeserver": server.url, "user": bot.user, "rooms": [room]}
            more = {"store_schema": f"n{number}", "flood": {"questions": 0}, "matrix": matrix}
            write_network(folder / "networks" / f"n{number}", bot.password, KNOWLEDGE, **more)
        started = []
        for number in range(workers):
            short = stack.enter_context(TemporaryDirectory())  # a socket's path has 107 characters at most
            line = Line(Path(short), database)
            await stack.enter_async_context(line.open())
            started.append(Worker(folder / "networks", line, folder / f"worker{number}.log"))
            stack.push_async_callback(started[-1].end)
        yield Fleet(ana, started, served)
