"""The door for machines, where the settings have a `web` section: open for the whole run, also while the bot rests."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from bot.app import http_server
from bot.app.bot import Bot
from bot.app.health import Health
from bot.app.metrics import Metrics
from bot.channels.discourse.channel import DiscourseChannel
from bot.config import Settings


class HttpServer:
    """`async with Door(…) as door:`, and within `with door.leads_to(bot):` while that bot is at work."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self._settings, self._metrics, self._condition = settings, metrics, Health()
        self._bot: Bot | None = None
        self._serving: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if here := self._settings.web:
            logging.getLogger("bot").addHandler(self._metrics.log_lines)
            serve = http_server.serve(
                here.host, here.port, ready=self._missing, figures=self._figures, hook=self._hook()
            )
            self._serving = asyncio.create_task(serve)
        return self

    async def __aexit__(self, *_: object) -> None:
        logging.getLogger("bot").removeHandler(self._metrics.log_lines)
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

    def _hook(self) -> http_server.Hook | None:
        secret = self._settings.secrets.discourse_webhook_secret
        return http_server.Hook(secret.get_secret_value(), self._ring) if secret and self._settings.discourse else None

    def _ring(self) -> None:
        for channel in self._bot.channels.values() if self._bot else ():
            if isinstance(channel, DiscourseChannel):
                channel.look_now()

    async def _missing(self) -> list[str]:
        return await self._condition.missing(self._bot)

    async def _figures(self, accept: str) -> tuple[bytes, str]:
        return self._metrics.page(await self._condition.state(self._bot), accept)
