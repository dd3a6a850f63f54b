"""Interview that sets up a forum: its address, the bot's account and key, the categories that it reads."""

from contextlib import aclosing
from functools import partial

from bot.channels.discourse.doctor import check_group, check_key, find_forum, list_categories
from bot.channels.discourse.http import AGENT
from bot.channels.discourse.settings import DiscourseSettings, Forum
from bot.channels.findings import Halt
from bot.channels.http_probe import HttpProbe, ask_server
from bot.channels.interview import Interview, Option, SectionAnswers


async def interview(ask: Interview, before: Forum | None) -> SectionAnswers | None:
    """Ask for the section of a forum; None if there is no forum. Raises Abandoned, Halt."""
    old = before.settings if before else DiscourseSettings.model_construct(url="", username="concierge")
    secret = before.secrets.get("api_key", "") if before else ""
    server = await ask_server(ask, "forum", old.url, partial(HttpProbe, "forum", agent=AGENT), find_forum)
    if server is None:
        return None
    async with aclosing(server):
        user, key = await _key(ask, server, old.username, secret)
        options = [Option(slug, one.name or slug) for slug, one in (await list_categories(server)).items()]
        categories = ask.choose("categories", options, [*old.regions], listed=True)
        group = old.moderators_group or ""
        while group := ask.text("moderators_group", group):
            if (finding := await check_group(server, group)).state == "right":
                break
            ask.reject(finding)
    digest = ask.choose("digest_category", options, before.digest_places if before else (), most=1, listed=True)
    section = {"url": server.url, "username": user, "categories": categories, "moderators_group": group}
    return SectionAnswers(section, {"api_key": key} if key != secret else {}, digest="".join(digest))


async def _key(ask: Interview, server: HttpProbe, user: str, secret: str) -> tuple[str, str]:
    while True:
        typed = ask.text("forum_account", user) or user
        while key := ask.secret("forum_key", secret):
            server.headers |= {"Api-Key": key, "Api-Username": typed}
            try:
                check_key(await server.get("/session/scopes.json"), DiscourseSettings(url=server.url, username=typed))
            except Halt as halt:
                ask.reject(halt.finding)
                if halt.finding.key != "forum_key_refused":
                    break
            else:
                return typed, key
