"""Gives the pages what they show: the running bot's knowledge, search and store."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from aiohttp import web

from bot.app.bot import Bot
from bot.config import Settings
from bot.conversation.context import Context
from bot.desk.desk import Desk
from bot.desk.desk_routes import desk_app
from bot.locale import wording
from bot.pages.publication import Publication
from bot.pages.routes import add_reader_routes
from bot.pages.templates import Templates


def add_pages(app: web.Application, settings: Settings, running: Callable[[], Bot | None]) -> None:
    """`running`: the bot, None while it starts or waits for its storage."""

    def publication() -> Publication | None:
        bot = running()
        return bot.publication() if bot else None

    templates = Templates(wording(settings.language), settings.name)
    add_reader_routes(app, templates, publication)
    app.add_subapp(Desk.path, desk_app(_desk(templates, settings, running)))


def _desk(templates: Templates, settings: Settings, running: Callable[[], Bot | None]) -> Desk:
    def contexts() -> Mapping[str, Context]:
        bot = running()
        return bot.contexts if bot else {}

    def wake() -> None:
        if bot := running():
            bot.sender.wake.set()

    public_url = settings.web.public_url if settings.web else None
    is_secure = bool(public_url and public_url.startswith("https:"))
    command = f"{settings.prefix}page"
    return Desk(templates, contexts, wake, regions=settings.regions, command=command, is_secure=is_secure)
