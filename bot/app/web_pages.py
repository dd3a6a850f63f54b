"""Gives the pages what they show: the running bot's knowledge, search and store."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from bot.app.bot import Bot
from bot.config import Settings
from bot.locale import wording
from bot.pages.publication import Publication
from bot.pages.routes import add_reader_routes
from bot.pages.templates import Templates


def add_pages(app: web.Application, settings: Settings, running: Callable[[], Bot | None]) -> None:
    """`running`: the bot, None while it starts or waits for its storage."""

    def publication() -> Publication | None:
        bot = running()
        return bot.publication() if bot and bot.live_index.entries else None

    add_reader_routes(app, Templates(wording(settings.language), settings.name), publication)
