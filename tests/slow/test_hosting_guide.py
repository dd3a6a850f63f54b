"""docs/hosting.md as it stands: three networks in one process, then two workers on a real PostgreSQL."""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import pytest_asyncio

from bot.demo.homeserver import Credentials, Homeserver
from tests.conftest import NewAccount, NewMember
from tests.databases import open_postgres
from tests.fresh_machine import FreshMachine, installed
from tests.guides import HOSTING, Answers, blocks, follow
from tests.member import Member, Raw

INSTALL, RUN, CHANGE, BACK_UP, MOVE, WORK = (block for block in blocks(HOSTING) if not block.reason)
ADDRESS = "postgresql://concierge:password@database.example.org/concierge"
ASKED = "comment ajouter une réponse ?"  # `init` writes the answer


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def machine() -> AsyncIterator[FreshMachine]:
    async with installed() as machine:
        yield machine


@pytest.fixture
def address(machine: FreshMachine) -> Iterator[str]:
    """Of a PostgreSQL that whoever works on the machine reaches."""
    folder = machine.root / "database"
    with open_postgres(folder) as address:
        folder.chmod(0o711)
        yield address


@dataclass
class Network:
    """A network of the guide: its bot, and its member's room."""

    bot: Credentials
    server: str
    room: str
    ana: Member
    asked: list[str] = field(default_factory=list)

    def answers(self) -> Answers:
        """To `concierge init`."""
        return [
            *(("account", self.bot.user), ("homeserver", self.server), ("password", self.bot.password), ("rooms", "1")),
            *(("moderators_room", ""), ("digest_rooms", ""), ("forum", ""), ("desk", ""), ("shipped", "non")),
        ]

    def init(self, settings: str) -> str:
        """A line that answers everything at once."""
        places = f"--room '{self.room}' --moderators-room '' --forum '' --no-shipped"
        login = f"--account {self.bot.user} --homeserver {self.server} --password-file <(echo {self.bot.password})"
        return f"concierge init --yes --config {settings} {login} {places}"

    async def begins(self) -> None:
        await self.ana.wait_for(self.room, self._is_from_bot)

    async def answered(self, text: str = f"concierge : {ASKED}") -> str:
        self.asked.append(question := await self.ana.say(self.room, text))
        reply = await self.ana.wait_for(self.room, lambda raw: self._is_from_bot(raw) and question in json.dumps(raw))
        return str(reply["content"]["body"])

    async def replies(self) -> list[int]:
        """To each question."""
        posts = [raw for raw in await self.ana.history(self.room) if self._is_from_bot(raw)]
        found = Counter(question for raw in posts for question in self.asked if question in json.dumps(raw))
        return [found[question] for question in self.asked]

    def _is_from_bot(self, raw: Raw) -> bool:
        return raw["type"] == "m.room.message" and raw["sender"] == self.bot.user


NewNetwork = Callable[[], Awaitable[Network]]


@pytest.fixture
def network(homeserver: Homeserver, account: NewAccount, member: NewMember) -> NewNetwork:
    async def new() -> Network:
        ana, bot = await member("ana"), await account("concierge")
        room = await ana.create_room(preset="private_chat", invite=(bot.user,))
        return Network(bot, homeserver.url, room, ana)

    return new


def place(machine: FreshMachine, name: str) -> Path:
    """A copy of the repository with the program in it."""
    here = machine.repository(name)
    (here / "venv").symlink_to(machine.root / "repository" / "venv")
    return here


async def test_whoever_follows_it_hosts_three_networks_in_one_process(
    machine: FreshMachine, network: NewNetwork
) -> None:
    nancy, brest, caen = await network(), await network(), await network()
    here = place(machine, "hosting")

    async def both_begin() -> None:
        await nancy.begins()
        await brest.begins()

    async with AsyncExitStack() as terminals:
        way = here, machine, terminals
        await follow(INSTALL, *way, iter(()), [*nancy.answers(), *brest.answers()])
        bots = await follow(RUN, *way, iter([both_begin]), [])
        for one in (nancy, brest):
            assert "!ajouter" in await one.answered()
        await follow(CHANGE, *way, iter(()), caen.answers())
        for name in ("brest", "nancy"):
            await bots.waits_for(f"{name}: stopped")
        await caen.begins()  # what was asked before is not answered
        assert "!ajouter" in await caen.answered()
        assert "in your own words" in await brest.answered("concierge : help")
        await follow(BACK_UP, *way, iter(()), [])
    assert {path.name for path in (here / "backups").iterdir()} == {"brest.zip", "caen.zip"}
    assert [await one.replies() for one in (nancy, brest, caen)] == [[1], [1, 1], [1]]


async def test_whoever_follows_it_shares_networks_among_workers(
    machine: FreshMachine, network: NewNetwork, address: str
) -> None:
    """The first worker is killed: nothing is lost, nothing is answered twice."""
    here = place(machine, "workers")
    networks = {name: await network() for name in ("brest", "caen")}
    for name, one in networks.items():
        await machine.run(one.init(f"networks/{name}/config.yaml"), here)
    move, work = (replace(block, text=block.text.replace(ADDRESS, f"'{address}'")) for block in (MOVE, WORK))
    assert all(ADDRESS in block.text for block in (MOVE, WORK))
    brest, caen = networks.values()
    async with AsyncExitStack() as terminals:
        await follow(RUN, here, machine, terminals, iter([brest.begins]), [])
        await caen.begins()
        for one in (brest, caen):
            await one.answered()
    async with AsyncExitStack() as terminals:
        way = here, machine, terminals
        await follow(move, *way, iter(()), [])
        first = await follow(work, *way, iter([brest.answered]), [])
        await caen.answered()
        await follow(work, *way, iter([brest.answered]), [])
        os.killpg(first.process.pid, signal.SIGKILL)
        for one in (brest, caen):
            await one.answered()
    assert [await one.replies() for one in (brest, caen)] == [[1, 1, 1, 1], [1, 1, 1]]
