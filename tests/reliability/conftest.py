"""A bot of its own for each test; one homeserver for all, which is started again in the loop that started it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.demo.homeserver import Homeserver
from tests.reliability.scene import Scene, set_up

thorough = pytest.mark.thorough
"""On PostgreSQL only in `make soak`, which sets THOROUGH: what is slow and hardly touches the store."""

NewScene = Callable[..., Awaitable[Scene]]


@pytest_asyncio.fixture(loop_scope="session")
async def new_scene(homeserver: Homeserver, nest: Path, tmp_path: Path) -> AsyncIterator[NewScene]:
    async with AsyncExitStack() as stack:

        async def new(**settings: Any) -> Scene:
            return await set_up(stack, homeserver, tmp_path, nest, **settings)

        yield new
