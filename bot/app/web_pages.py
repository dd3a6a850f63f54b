"""Gives the pages what they show: the running bot's knowledge, search and store."""

import logging
from collections.abc import Callable, Mapping

from aiohttp import web

from bot.app.bot import Bot
from bot.config.settings import Settings, WebSettings
from bot.conversation.context import Context
from bot.desk.desk import Desk
from bot.desk.desk_routes import desk_app
from bot.locale import wording
from bot.pages.routes import ReaderRoutes, Shown
from bot.pages.templates import Templates
from bot.store import StoreError

log = logging.getLogger(__name__)


def add_pages(app: web.Application, settings: Settings, running: Callable[[], Bot | None]) -> None:
    """`running`: the bot, None while it starts or waits for its storage."""
    address = settings.web or WebSettings()

    def shown() -> Shown | None:
        bot = running()
        if bot is None or bot.live_index.entries is None:
            return None
        return Shown(bot.publication(), bot.live_index.index(), settings.limits)

    async def keep_note(entry: str, value: int, words: str) -> bool:
        try:
            return (bot := running()) is not None and await bot.store.reader_notes.add(entry, value, words, bot.time())
        except StoreError as error:
            log.warning("a reader's note cannot be kept: %s", error)
            return False

    def contexts() -> Mapping[str, Context]:
        return bot.contexts if (bot := running()) else {}

    def wake() -> None:
        if bot := running():
            bot.sender.wake.set()

    takes_notes = settings.has_team and settings.answers.feedback
    templates = Templates(
        wording(settings.language),
        settings.name,
        public_url=address.public_url,
        contact=settings.contact,
        about=settings.about,
        has_team=settings.has_team,
        takes_notes=takes_notes,
        logo=address.logo.read_bytes() if address.logo else b"",
    )
    ReaderRoutes(templates, shown, address.proxies, keep_note if takes_notes else None).add_to(app)
    desk = Desk(templates, contexts, wake, regions=settings.regions, command=f"{settings.prefix}page")
    app.add_subapp(Desk.path, desk_app(desk))
