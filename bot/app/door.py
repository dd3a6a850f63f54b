"""The door for machines, where the settings have a `web` section: open for the whole run, also while the bot rests."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from bot import web
from bot.channels.discourse import DiscourseChannel
from bot.config import Settings
from bot.store import StoreError

if TYPE_CHECKING:
    from bot.app.work import Bot


class Door:
    """`async with Door(settings) as door:`, and within `with door.leads_to(bot):` while that bot is at work."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._bot: Bot | None = None
        self._serving: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if here := self._settings.web:
            serve = web.serve(here.host, here.port, ready=self._missing, hook=self._hook())
            self._serving = asyncio.create_task(serve)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._serving:
            self._serving.cancel()
            await asyncio.wait([self._serving])

    @contextmanager
    def leads_to(self, bot: Bot) -> Iterator[None]:
        self._bot = bot
        try:
            yield
        finally:
            self._bot = None

    def _hook(self) -> web.Hook | None:
        secret = self._settings.secrets.discourse_webhook_secret
        return web.Hook(secret.get_secret_value(), self._ring) if secret and self._settings.discourse else None

    def _ring(self) -> None:
        for channel in self._bot.channels.values() if self._bot else ():
            if isinstance(channel, DiscourseChannel):
                channel.look_now()

    async def _missing(self) -> list[str]:
        """Without a name or an address: who asks may be anybody."""
        bot = self._bot
        if bot is None:
            return ["store: not open"]
        missing = [f"{name}: shut out" for name in sorted(bot.lost)]
        missing += [] if bot.up else ["networks: not reached yet"]
        try:
            await bot.store.position(next(iter(bot.channels)))
        except StoreError:
            missing.append("store: does not answer")
        return missing
