"""A channel at work on the forum of the tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.channels.discourse.channel import DiscourseChannel
from tests.channels.discourse.paper import Notebook
from tests.waiting import until

QUICK = {"poll": 0.02}
"""Settings of a forum that is asked again at once."""


@asynccontextmanager
async def listening(channel: DiscourseChannel, notebook: Notebook) -> AsyncIterator[None]:
    """It listens, and knows from where on posts are new."""
    task = asyncio.create_task(channel.listen(notebook.receive, notebook.position))
    try:
        await until(lambda: task.done() or notebook.position is not None)
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
