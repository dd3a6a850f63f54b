"""Interview that sets up a forum: its address, the bot's account and key, the categories that it reads."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing

from bot.channels.discourse.doctor import is_a_forum, key_of
from bot.channels.discourse.http import AGENT
from bot.channels.discourse.settings import DiscourseSettings
from bot.channels.findings import Halt
from bot.channels.http_probe import HttpProbe
from bot.channels.interview import Interview, Option, SectionAnswers


async def interview(ask: Interview) -> SectionAnswers | None:
    """Ask for the section of a forum; None if there is no forum. Raises Abandoned, Halt."""
    server = await _server(ask)
    if server is None:
        return None
    async with aclosing(server):
        user, key = await _key(ask, server)
        categories = ask.choose("categories", await _categories(server))
    group = ask.text("moderators_group", "")
    section: dict[str, str | Sequence[str]] = {"url": server.url, "username": user, "categories": categories}
    return SectionAnswers(section | ({"moderators_group": group} if group else {}), {"api_key": key})


async def _server(ask: Interview) -> HttpProbe | None:
    while address := ask.text("forum", ""):
        server = HttpProbe("forum", address, {"User-Agent": AGENT})
        try:
            is_a_forum(server, await server.get("/site/basic-info.json", key=False))
        except Halt as halt:
            await server.aclose()
            ask.reject(halt.finding)
        else:
            return server
    return None


async def _key(ask: Interview, server: HttpProbe) -> tuple[str, str]:
    while True:
        user = ask.text("forum_account", "concierge")
        key = ask.secret("forum_key")
        server.headers |= {"Api-Key": key, "Api-Username": user}
        try:
            key_of(await server.get("/session/scopes.json"), DiscourseSettings(url=server.url, username=user))
        except Halt as halt:
            ask.reject(halt.finding)
        else:
            return user, key


async def _categories(server: HttpProbe) -> list[Option]:
    listed = (await server.get("/categories.json")).body.get("category_list")
    found = listed.get("categories") if isinstance(listed, dict) else None
    rows = [row for row in found or [] if isinstance(row, dict)] if isinstance(found, list) else []
    return [Option(str(row["slug"]), str(row.get("name", row["slug"]))) for row in rows if row.get("slug")]
