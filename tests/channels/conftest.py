"""A Matrix channel for each test that asks for one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest_asyncio

from bot.demo.homeserver import Credentials, Homeserver
from tests.channels.at_work import Bot, NewBot, prepare
from tests.conftest import NewAccount


@pytest_asyncio.fixture
async def bot(homeserver: Homeserver, account: NewAccount, tmp_path: Path) -> AsyncIterator[NewBot]:
    """A started bot of its own account: `await bot("#alias:localhost", direct=False)`; `user=` an account to use,
    `server=` another way to the homeserver."""
    async with AsyncExitStack() as stack:

        async def new(
            *rooms: Any, user: Credentials | None = None, server: str = homeserver.url, **settings: Any
        ) -> Bot:
            made = prepare(server, user or await account("concierge"), tmp_path, *rooms, **settings)
            await made.start()
            stack.push_async_callback(made.stop)
            return made

        yield new
