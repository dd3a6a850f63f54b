"""How the bot stands, for whoever asks at the door: what is missing until it can answer, and its figures now.

Without a name or an address: who asks may be anybody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import get_args

from bot.app import clock
from bot.app.bot import Bot
from bot.app.metrics import BotState
from bot.linkcheck.links import LinkVerdict
from bot.store import QueueDepths, StoreError

PATIENCE = 3.0  # seconds for the store: who asks for readiness waits five
SELDOM = 1.0  # seconds between two tries to write
WRITTEN = "door: last write"
CLOSED = "store: not open"


class Health:
    """One for the whole run, however many bots begin in it."""

    def __init__(self) -> None:
        self._trying = asyncio.Lock()
        self._tried, self._writable = float("-inf"), False

    async def missing(self, bot: Bot | None) -> list[str]:
        """A line each; nothing: it is ready."""
        if bot is None:
            return [CLOSED]
        store = [] if await self._is_writable(bot) else ["store: cannot be written"]
        return [*_unheard(bot), *([] if bot.current.entries else ["knowledge: not loaded yet"]), *store]

    async def state(self, bot: Bot | None) -> BotState:
        if bot is None:
            return BotState()
        missing = await self.missing(bot)
        links = dict[str, int](dict.fromkeys(get_args(LinkVerdict), 0)) | bot.rounds.verdicts
        return BotState(not missing, ages(bot), bot.current.entries, links, await _depths(bot))

    async def _is_writable(self, bot: Bot) -> bool:
        """A file can be readable on a disk that is full or read-only: so a row is written, whoever asks how often."""
        now = asyncio.get_running_loop().time
        async with self._trying:
            if now() - self._tried >= SELDOM:
                self._writable = await _writes(bot)
                self._tried = now()
            return self._writable


async def _writes(bot: Bot) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            await bot.store.remember(WRITTEN, bot.time().isoformat())
    except (StoreError, TimeoutError):
        return False
    return True


def ages(bot: Bot) -> dict[str, float]:
    """Seconds since each network was last looked at, or since the start."""
    now = clock.seconds()
    return {name: now - bot.synced.get(name, bot.begun) for name in bot.channels}


def _unheard(bot: Bot) -> Iterator[str]:
    for name, age in sorted(ages(bot).items()):
        if name in bot.lost:
            yield f"{name}: shut out"
        elif name not in bot.synced:
            yield f"{name}: not reached yet"
        elif age > bot.silences[name]:
            yield f"{name}: not heard for {age:.0f} s"


async def _depths(bot: Bot) -> QueueDepths | None:
    try:
        async with asyncio.timeout(PATIENCE):
            found = await bot.store.depths(bot.time())
    except (StoreError, TimeoutError):
        return None
    none = dict.fromkeys(bot.channels, 0)
    return replace(found, outbox=none | dict(found.outbox), oldest=none | dict(found.oldest))
