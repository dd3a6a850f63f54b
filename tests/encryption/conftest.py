from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from bot.demo.homeserver import Credentials, Homeserver
from tests.conftest import NewAccount, NewBot, NewMember
from tests.encryption.members import Clients, Missing, Person, clients, install
from tests.encryption.scene import Scene

NewPerson = Callable[..., Awaitable[Person]]


@pytest.fixture(scope="session")
def client_folder() -> Path:
    try:
        return install()
    except Missing as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(missing))


@pytest_asyncio.fixture
async def node(client_folder: Path) -> AsyncIterator[Clients]:
    async with clients(client_folder) as started:
        yield started


@pytest.fixture
async def person(homeserver: Homeserver, node: Clients) -> NewPerson:
    """A device, newly logged in, of a member with the other client."""

    async def new(account: Credentials, *, strict: bool = False) -> Person:
        return await Person.log_in(node, homeserver.url, account, strict)

    return new


@pytest.fixture
async def scene(member: NewMember, new_bot: NewBot, knowledge: Path) -> Scene:
    owner = await member("owner")
    room, moderation = await owner.create_room(encrypted=True, room_version="12"), await owner.create_room()
    return Scene(
        owner, room, moderation, await new_bot(room, knowledge=knowledge, matrix={"moderators_room": moderation})
    )


@pytest.fixture
async def ana(scene: Scene, person: NewPerson, account: NewAccount) -> Person:
    """In the room, with one device."""
    return await scene.enter(await person(await account("ana")))
