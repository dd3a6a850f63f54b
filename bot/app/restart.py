"""What a bot does whose disk or database gives out while it is at work: it rests, and begins again."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from bot.messages import KeyStoreUnusable
from bot.store import Damaged, StoreError

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds


class StorageFailed(Exception):
    """The disk or the database gave out while the bot was at work."""

    def __init__(self, error: StoreError | KeyStoreUnusable) -> None:
        super().__init__(str(error))
        self.error = error


class RestartBackoff:
    """The pauses of a bot whose disk or database gave out: ever longer, and short again after a time of work."""

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop, self._time = stop, asyncio.get_running_loop().time
        self._pause, self._begun, self._worked = FIRST_PAUSE, self._time(), False

    async def after(self, trouble: StorageFailed | StoreError) -> None:
        """Raises the trouble when it lasts, or when the bot never got to work: then the operator is looking on."""
        error = trouble.error if isinstance(trouble, StorageFailed) else trouble
        self._worked |= isinstance(trouble, StorageFailed)
        if not self._worked or isinstance(error, Damaged):
            raise error
        self._pause = FIRST_PAUSE if self._time() - self._begun > 2 * LONGEST_PAUSE else self._pause
        log.error("%s The bot rests, and begins again in %.0f s.", str(error).rstrip(".") + ".", self._pause)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._pause):
                await self._stop.wait()
        self._pause, self._begun = min(2 * self._pause, LONGEST_PAUSE), self._time()
