"""An encrypted room with a running bot, and members with the other client."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.demo.homeserver import Credentials, Homeserver
from tests.conftest import NewAccount, NewBot, NewMember
from tests.encryption.members import Clients, Missing, Person, install
from tests.member import Member, Raw
from tests.running import ASKED, Running

NewPerson = Callable[..., Awaitable[Person]]
QUESTION = f"concierge : {ASKED}"


async def answered(person: Person, room: str, question: str) -> None:
    """Until this device can read the bot's answer to the question."""
    answer = await person.do("reply", room=room, to=question)
    assert answer["encrypted"]
    assert "https://formation.example/" in answer["content"]["body"]


@dataclass(frozen=True)
class Scene:
    """An encrypted room and its owner, who holds no keys and sees from outside what goes over the wire."""

    owner: Member
    room: str
    moderation: str  # an open room
    running: Running

    async def enter(self, person: Person) -> Person:
        await person.do("join", room=self.room)
        return person

    async def introduced(self, person: Person) -> None:
        """Until the bot is there: what was said before is not for it."""
        await self.heard(person, "Je suis Concierge")

    async def ask(self, person: Person) -> str:
        return str(await person.do("say", room=self.room, text=QUESTION))

    async def answer(self, person: Person, question: str) -> None:
        await answered(person, self.room, question)

    async def heard(self, person: Person, words: str) -> Any:
        return await person.do("reply", room=self.room, sender=self.running.bot.user, words=words)

    async def trust(self, person: Person) -> dict[str, bool]:
        """The bot's devices, and whether each is signed by its owner."""
        devices: dict[str, bool] = await person.do("trust", user=self.running.bot.user)
        return devices

    async def said(self) -> list[Raw]:
        sealed = [raw for raw in await self.owner.history(self.room) if raw["sender"] == self.running.bot.user]
        return [raw for raw in sealed if raw["type"] in ("m.room.encrypted", "m.room.message")]

    async def replies(self, question: str) -> int:
        return sum(question in str(raw["content"].get("m.relates_to")) for raw in await self.said())


@pytest.fixture(scope="session")
def node() -> Iterator[Clients]:
    try:
        clients = Clients(install())
    except Missing as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(missing))
    yield clients
    clients.end()


@pytest_asyncio.fixture
async def person(homeserver: Homeserver, node: Clients) -> AsyncIterator[NewPerson]:
    """A device, newly logged in, of a member with the other client."""
    people: list[Person] = []

    async def new(account: Credentials, *, strict: bool = False) -> Person:
        people.append(await Person.log_in(node, homeserver.url, account, strict))
        return people[-1]

    yield new
    for one in people:
        await one.do("stop")


@pytest.fixture
async def scene(member: NewMember, new_bot: NewBot, knowledge: Path) -> Scene:
    owner = await member("owner")
    room, moderation = await owner.create_room(encrypted=True, room_version="12"), await owner.create_room()
    running = await new_bot(room, knowledge=knowledge, matrix={"moderators_room": moderation})
    return Scene(owner, room, moderation, running)


@pytest.fixture
async def ana(scene: Scene, person: NewPerson, account: NewAccount) -> Person:
    """In the room, with one device."""
    return await scene.enter(await person(await account("ana")))
