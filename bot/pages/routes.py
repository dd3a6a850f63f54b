"""The readers' pages on the HTTP server."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from aiohttp import web

from bot.pages.publication import Publication
from bot.pages.reader_pages import ReaderPages
from bot.pages.templates import Templates

ASSETS = Path(__file__).parent / "assets"
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def html_response(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", charset="utf-8", headers=HEADERS)


def add_reader_routes(
    app: web.Application, templates: Templates, publication: Callable[[], Publication | None]
) -> None:
    """`publication`: what is shown now; None: the bot is starting."""
    pages_of = lru_cache(maxsize=1)(lambda shown: ReaderPages(templates, shown))

    async def page(request: web.Request) -> web.Response:
        shown = publication()
        if shown is None:
            raise web.HTTPServiceUnavailable
        html = pages_of(shown).page(request.path.removeprefix("/"))
        if html is None:
            raise web.HTTPNotFound
        return html_response(html)

    app.add_routes([web.get("/", page), web.get("/t/{theme}", page), web.get("/r/{id}", page)])
    app.router.add_static("/assets", ASSETS)
