"""Readiness of the bot and the state for its metrics: without names or addresses, since any client may ask."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from time import monotonic
from typing import get_args

from bot.app.bot import Bot
from bot.app.metrics import BotState
from bot.linkcheck.links import LinkVerdict
from bot.store import StoreError

TIMEOUT = 3.0  # seconds for the store; a health check waits five
WRITE_INTERVAL = 1.0  # seconds between two test writes
LAST_WRITE = "door: last write"


class Health:
    """The state of the whole run, through all restarts of the bot."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._last_try, self._is_writable = float("-inf"), False

    async def missing(self, bot: Bot | None) -> list[str]:
        """Return what is missing until the bot can answer, a line each; empty once it is ready."""
        if bot is None:
            return ["store: not open"]
        store = [] if await self._can_write(bot) else ["store: cannot be written"]
        return [*_silent(bot), *([] if bot.live_index.entries else ["knowledge: not loaded yet"]), *store]

    async def state(self, bot: Bot | None) -> BotState:
        if bot is None:
            return BotState()
        links = dict[str, int](dict.fromkeys(get_args(LinkVerdict), 0)) | bot.link_check.verdicts
        depths = None
        with suppress(StoreError, TimeoutError):
            async with asyncio.timeout(TIMEOUT):
                depths = await bot.store.stats.depths(bot.time())
            none = dict.fromkeys(bot.channels, 0)
            depths = replace(depths, outbox=none | dict(depths.outbox), oldest=none | dict(depths.oldest))
        return BotState(not await self.missing(bot), ages(bot), bot.live_index.entries, links, depths)

    async def _can_write(self, bot: Bot) -> bool:
        """Writes a row, however often it is called: on a full or read-only disk a store can still be read."""
        now = asyncio.get_running_loop().time
        async with self._lock:
            if now() - self._last_try >= WRITE_INTERVAL:
                self._is_writable = False
                with suppress(StoreError, TimeoutError):
                    async with asyncio.timeout(TIMEOUT):
                        await bot.store.memory.set(LAST_WRITE, bot.time().isoformat())
                    self._is_writable = True
                self._last_try = now()
            return self._is_writable


def ages(bot: Bot) -> dict[str, float]:
    """Seconds since each network last answered, or since the start."""
    now = monotonic()
    return {name: now - bot.last_sync.get(name, bot.started) for name in bot.channels}


def _silent(bot: Bot) -> Iterator[str]:
    for name, age in sorted(ages(bot).items()):
        if name in bot.revoked:
            yield f"{name}: shut out"
        elif name not in bot.last_sync:
            yield f"{name}: not reached yet"
        elif age > bot.max_silence[name]:
            yield f"{name}: not heard for {age:.0f} s"
