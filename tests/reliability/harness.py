"""The bot as it runs, in this process or in one of its own, and what its room shows of it afterwards."""

import asyncio
import contextlib
import itertools
import json
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.app import main
from bot.config.loading import load
from bot.demo.homeserver import Credentials
from tests.databases import end_lease
from tests.member import Member, Raw
from tests.reliability.nest import Hatched
from tests.waiting import PATIENCE, until

KNOWLEDGE = """\
theme: "Formations"
entries:
  - id: formation-facilitation
    title: "Se former à la facilitation"
    questions: ["Où trouver une formation de facilitateur ?", "quelle formation pour devenir concierge"]
    links: [{title: "La formation", url: "https://formation.example/"}]
  - id: fiche-de-poste
    title: "Modèles de fiche de poste"
    questions: ["Où trouver une fiche de poste ?", "un modele de fiche de poste svp"]
    links: [{title: "Le modèle", url: "https://fiche.example/"}]
"""
_numbers = itertools.count(1)
ASKED = "concierge : Où trouver une formation de facilitateur ?"


@dataclass
class Program:
    """A bot: its folder with settings, knowledge and store, and its secrets."""

    folder: Path
    secrets: dict[str, str]
    nest: Path
    database: str = ""  # instead of a file in the folder
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    processes: list[Hatched] = field(default_factory=list)

    def set_up(self, **settings: Any) -> None:
        (self.folder / "knowledge").mkdir(parents=True, exist_ok=True)
        (self.folder / "knowledge" / "formations.yaml").write_text(KNOWLEDGE, encoding="utf-8")
        settings = {"matching": {"encoder": False}, "flood": {"questions": 0}} | settings
        self.settings.write_text(json.dumps(settings), encoding="utf-8")

    def add(self, section: str, **values: Any) -> None:
        """To a section of its settings."""
        settings = json.loads(self.settings.read_text(encoding="utf-8"))
        settings[section] = settings.get(section, {}) | values
        self.settings.write_text(json.dumps(settings), encoding="utf-8")

    @property
    def url(self) -> str:
        """Of its store."""
        return self.database or f"sqlite:///{self.folder}/var/concierge.db"

    @property
    def settings(self) -> Path:
        return self.folder / "config.json"

    @property
    def environment(self) -> dict[str, str]:
        return self.secrets | ({"CONCIERGE_DATABASE_URL": self.database} if self.database else {})

    @contextlib.asynccontextmanager
    async def up(self) -> AsyncIterator[asyncio.Task[int]]:
        """In this process, until the end of the block; the task gives its exit code."""
        self.stop = asyncio.Event()
        running = asyncio.create_task(main.run(load(self.settings, self.environment), stop=self.stop))
        try:
            yield running
        finally:
            self.stop.set()
            await asyncio.gather(running, return_exceptions=True)

    async def start(self, point: str | None = None) -> Hatched:
        """In a process of its own. With `point` it ends itself there: see `dying`."""
        if all(process.returncode is not None for process in self.processes):
            end_lease(self.url)
        self.processes.append(await self._hatch("output.log", point=point))
        return self.processes[-1]

    async def _hatch(self, output: str, **what: Any) -> Hatched:
        known = {"settings": str(self.settings), "environment": self.environment}
        return await Hatched.start(self.nest, output=str(self.folder / output), **known, **what)

    async def dies_at(self, *points: str, by: signal.Signals = signal.SIGKILL) -> None:
        """At each of them in turn: a start each."""
        for point in points:
            process = await self.start(point)
            async with asyncio.timeout(PATIENCE):
                assert await process.wait() == -by, point

    async def by_hand(self, *command: str) -> str:
        """What another command prints beside it, on one line."""
        output = f"by-hand-{next(_numbers)}.log"
        ended = await (await self._hatch(output, command=command)).wait()
        printed = (self.folder / output).read_text(encoding="utf-8")
        assert ended == 0, printed
        return " ".join(printed.split())

    @property
    def log(self) -> str:
        """What its processes printed."""
        file = self.folder / "output.log"
        return file.read_text(encoding="utf-8") if file.exists() else ""

    async def says(self, words: str) -> None:
        """Until they stand in its log."""
        await until(lambda: words in self.log)

    async def end_all(self) -> None:
        """Whatever went wrong in a test, nothing of it goes on."""
        for process in self.processes:
            await end(process)

    @contextlib.asynccontextmanager
    async def process(self) -> AsyncIterator[Hatched]:
        """In a process of its own, until the end of the block."""
        process = await self.start()
        try:
            yield process
        finally:
            await end(process)


class Concierge(Program):
    """A bot in Matrix rooms, with its account."""

    def __init__(self, folder: Path, account: Credentials, nest: Path, database: str = "") -> None:
        super().__init__(folder, {"CONCIERGE_MATRIX_PASSWORD": account.password}, nest, database)
        self.account = account

    def configure(self, homeserver: str, *rooms: str, **more: Any) -> None:
        matrix = {"homeserver": homeserver, "user": self.account.user, "rooms": list(rooms)} | more.pop("matrix", {})
        self.set_up(matrix=matrix, **more)


async def end(process: Hatched) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()


@dataclass
class Tally:
    """How often each question was replied to, as the room itself shows it."""

    replies: Counter[str]

    def lost(self, questions: Iterable[str]) -> list[str]:
        return [question for question in questions if not self.replies[question]]

    def doubled(self, questions: Iterable[str]) -> list[str]:
        return [question for question in questions if self.replies[question] > 1]


def is_said_by(raw: Raw, user: str) -> bool:
    return raw["sender"] == user and raw["type"] in ("m.room.message", "m.room.encrypted")


def is_edit(raw: Raw) -> bool:
    return bool(raw["content"].get("m.relates_to", {}).get("rel_type") == "m.replace")


def answered(raw: Raw) -> str | None:
    """The event that a message replies to, which an encrypted one shows too; None for an edit."""
    found: str | None = raw["content"].get("m.relates_to", {}).get("m.in_reply_to", {}).get("event_id")
    return None if is_edit(raw) else found


async def history(member: Member, room: str) -> list[Raw]:
    """All of the room that the member may see, newest first."""
    found: list[Raw] = []
    query = {"dir": "b", "limit": "1000"}
    while True:
        page = await member.call("GET", "rooms", room, "messages", **query)
        found += page["chunk"]
        if "end" not in page:
            return found
        query["from"] = page["end"]


async def tally(member: Member, room: str, bot: str) -> Tally:
    said = [raw for raw in await history(member, room) if is_said_by(raw, bot)]
    return Tally(Counter(question for raw in said if (question := answered(raw))))


async def until_answered(member: Member, room: str, bot: str, *questions: str, seconds: float = PATIENCE) -> None:
    """As the room's history shows it: a member's sync leaves gaps too."""
    lost, pause = list(questions), 0.1
    try:
        async with asyncio.timeout(seconds):
            while lost := (await tally(member, room, bot)).lost(questions):  # noqa: ASYNC110 (a room tells nobody)
                await asyncio.sleep(pause := min(1.5 * pause, 0.4))
    except TimeoutError:
        raise AssertionError(f"{len(lost)} of {len(questions)} questions have no reply: {lost[:3]}") from None


async def one_reply_each(member: Member, room: str, bot: str, *questions: str, seconds: float = PATIENCE) -> None:
    """Wait for the replies, then for one to a last question, behind which a second reply would have come."""
    await until_answered(member, room, bot, *questions, seconds=seconds)
    last = await member.say(room, ASKED)
    await until_answered(member, room, bot, last, seconds=seconds)
    found = await tally(member, room, bot)
    assert {id: found.replies[id] for id in (*questions, last)} == dict.fromkeys((*questions, last), 1)
