"""A Matrix channel for each test that asks for one."""

import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest_asyncio

from bot.demo.homeserver import Homeserver
from tests.channels.at_work import Bot, Encrypted, NewBot, NewEncrypted
from tests.conftest import NewAccount, NewMember
from tests.member import Member


@pytest_asyncio.fixture
async def bot(homeserver: Homeserver, account: NewAccount, tmp_path: Path) -> AsyncIterator[NewBot]:
    """A started bot of its own account: `await bot("#alias:localhost", direct=False)`; `login=` an account to use,
    `homeserver=` another way to it, `name=` a device that is not the bot's."""
    count = itertools.count(1)
    async with AsyncExitStack() as stack:

        async def new(*rooms: Any, login: Any = None, name: str = "Concierge", start: bool = True, **given: Any) -> Bot:
            login = login or await account(name.lower())
            base = {"homeserver": homeserver.url, "user": login.user, "password": login.password}
            made = Bot(name, tmp_path / f"keys{next(count)}", base | {"rooms": rooms or ["#nowhere:localhost"]} | given)
            stack.push_async_callback(made.stop)
            if start:
                await made.start()
            return made

        yield new


@pytest_asyncio.fixture
async def encrypted(
    bot: NewBot, member: NewMember, account: NewAccount, homeserver: Homeserver
) -> AsyncIterator[NewEncrypted]:
    """A bot and ana in an encrypted room; what is given is the bot's."""
    async with AsyncExitStack() as stack:

        async def new(**given: Any) -> Encrypted:
            owner, login = await member("owner"), await account("ana")
            room = await owner.create_room(encrypted=True, room_version="12")  # whose ids name no server
            thief = await stack.enter_async_context(Member(homeserver.url, login.access_token))
            return Encrypted(owner, room, await bot(room, **given), await bot(room, login=login, name="ana"), thief)

        yield new
