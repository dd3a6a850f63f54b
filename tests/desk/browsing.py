"""A moderator's browser at the desk of a scene: a real HTTP server, a real client with cookies, forms as they stand."""

import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpx
from aiohttp import web

from bot.app import server
from bot.conversation.context import DeskAddress
from bot.desk.desk import Desk
from bot.desk.desk_routes import desk_app
from bot.locale import wording
from bot.messages import Reply
from bot.pages.routes import ReaderRoutes
from bot.pages.templates import Templates
from tests.scene import MODERATION, MODERATOR, ROOM, Scene
from tests.waiting import PATIENCE
from tests.web import HEADER, SECRET, listening, no_metrics, nothing_missing

ALONE = "!seule"
OTHER_MODERATOR, OTHER_ALONE = "@cleo:example.org", "!seule-aussi"


@dataclass
class Browser:
    """`scene`: what happens in the rooms meanwhile. `page`: the latest one."""

    scene: Scene
    http: httpx.AsyncClient
    page: httpx.Response = field(default_factory=lambda: httpx.Response(204))

    async def get(self, path: str) -> str:
        self.page = await self.http.get(path)
        return self.page.text

    async def send(self, action: str, **fields: Any) -> str:
        """Send the form of the latest page whose action ends so, with what it hides and these `fields`."""
        self.page = await self.http.post(self.address(action), data=self.hidden(action) | fields)
        return self.page.text

    async def send_from(self, path: str, action: str, **fields: Any) -> str:
        """The same from another page."""
        await self.get(path)
        return await self.send(action, **fields)

    def address(self, action: str) -> httpx.URL:
        return self.page.url.join(html.unescape(self._form(action)[0]))

    def hidden(self, action: str) -> dict[str, str]:
        pairs = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', self._form(action)[1])
        return {name: html.unescape(value) for name, value in pairs}

    def _form(self, action: str) -> tuple[str, str]:
        """Address and inside of the form that sends there."""
        forms = re.findall(r'<form[^>]* method="post" action="([^"]*)"(.*?)</form>', self.page.text, re.DOTALL)
        return next((address, inside) for address, inside in forms if address.endswith(action))

    async def enter(self, user: str = MODERATOR, room: str = ALONE) -> str:
        """By a link that the bot gives; the page behind it."""
        self.page = await self.http.post(await self.link(user, room))
        await self.scene.work()
        return self.page.text

    async def link(self, user: str = MODERATOR, room: str = ALONE) -> str:
        """The path that a moderator gets with `!page`."""
        replies = await self.scene.say("!page", user, room=room, direct=True, private=True)
        [token] = re.findall(r"/desk/enter/(\w+)\)", "".join(reply.text for reply in replies))
        return f"/desk/enter/{token}"

    def told(self, room: str = ALONE) -> list[str]:
        """What the bot wrote into a room."""
        return [out.text for out in self.scene.paper.sent.values() if isinstance(out, Reply) and out.room == room]


@asynccontextmanager
async def browsing(scene: Scene) -> AsyncIterator[Browser]:
    async with serving(scene) as url, client(url) as http:
        yield Browser(scene, http)


def client(url: httpx.URL | str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, follow_redirects=True, timeout=PATIENCE)


@asynccontextmanager
async def another_moderator(inside: Browser) -> AsyncIterator[Browser]:
    """At the same desk, with a browser of their own."""
    inside.scene.paper.powers[MODERATION, OTHER_MODERATOR] = 50
    async with client(inside.http.base_url) as http:
        other = Browser(inside.scene, http)
        assert f"Vous êtes {OTHER_MODERATOR}" in await other.enter(OTHER_MODERATOR, OTHER_ALONE)
        yield other


@asynccontextmanager
async def serving(scene: Scene, public_url: str = "") -> AsyncIterator[str]:
    """The address of a server with the desk."""
    scene.ruled(desk=DeskAddress("https://reponses.example/desk"))
    async with listening(whole_server(scene, public_url)) as url:
        yield url


@cache
def compiled_templates(public_url: str) -> Templates:
    """The same in all tests: each template is compiled once."""
    return Templates(wording("fr"), "Concierge", public_url=public_url)


def whole_server(scene: Scene, public_url: str = "") -> web.Application:
    """All that the bot serves, the readers' pages while it starts."""
    app = server.application(nothing_missing, no_metrics)
    server.add_webhook(app, server.Webhook("discourse", SECRET, HEADER, lambda: None))
    templates = compiled_templates(public_url)
    ReaderRoutes(templates, lambda: None).add_to(app)
    desk = Desk(templates, lambda: {"paper": scene.ctx}, lambda: None, regions={ROOM: None})
    app.add_subapp(Desk.path, desk_app(desk))
    return app
