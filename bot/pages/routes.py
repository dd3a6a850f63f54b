"""The readers' pages on the HTTP server, and how often a visitor may search and send a form there."""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from http import HTTPStatus
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.knowledge.models import Entry
from bot.matching.decision import Thresholds
from bot.matching.index import Index
from bot.pages.publication import FILES, Publication, ReaderPages
from bot.pages.reader_search import SearchPage, as_json, clean_query, search
from bot.pages.rendered import RenderedPage, asset_handler, html_response, read_form, render
from bot.pages.templates import Templates
from bot.text.markdown import one_line

Proxies = Sequence[IPv4Network | IPv6Network]
Rate = tuple[float, int]
"""Requests per second in the long run, and at once."""
MOST_RENDERED = 500  # pages that are kept
STARTING = 5  # seconds after which a page may be asked for again while the bot starts
SEARCHES: tuple[Rate, Rate] = (2.0, 30), (10.0, 20)
"""Limits of one visitor and of everybody; so are those of `NOTES`, one a minute each."""
NOTES: tuple[Rate, Rate] = (1 / 60, 5), (1.0, 60)
LONGEST_NOTE = 1000  # characters, as in the form
LONGEST_FORM = 16 << 10  # bytes: such a note, percent-encoded
VALUES = {"yes": 1, "no": -1, "words": 0}
EVERYBODY = ""  # as a visitor
MOST_VISITORS = 10_000  # that are remembered; those not seen for longest are forgotten
PREFIX = 64  # bits of an IPv6 address that belong to one household
ROUNDING = 1e-6  # seconds
CORS = {"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """The publication and the search of one moment."""

    publication: Publication
    index: Index
    limits: Thresholds


class Refused(Exception):
    """`problem`: 'starting', 'too_many', 'no_question', … names a sentence of `pages.`; `after`: seconds. `words`: of a
    form, which would be lost."""

    def __init__(self, problem: str, status: int, after: float = 0.0, words: str = "") -> None:
        super().__init__(problem)
        self.problem, self.status, self.words = problem, status, words
        self.headers = {"Retry-After": str(math.ceil(after))} if after else {}


Source = Callable[[], Shown | None]
Keep = Callable[[str, int, str], Awaitable[bool]]
"""Keeps what a reader says of an entry: its id, 1, -1 or 0, and words; False: it cannot."""


class ReaderRoutes:
    """`shown`: None while the bot starts. `proxies`: whose `X-Forwarded-For` counts. `keep`: None: no notes."""

    def __init__(self, templates: Templates, shown: Source, proxies: Proxies = (), keep: Keep | None = None) -> None:
        self._templates, self._shown, self._proxies, self._keep_note = templates, shown, proxies, keep
        self._renderer = lru_cache(maxsize=1)(self._renderer_of)
        self._searches, self._notes, self._searching = VisitorLimits(*SEARCHES), VisitorLimits(*NOTES), asyncio.Lock()

    def _renderer_of(self, publication: Publication) -> Callable[[str], RenderedPage]:
        return lru_cache(maxsize=MOST_RENDERED)(partial(render, ReaderPages(self._templates, publication)))

    def add_to(self, app: web.Application) -> None:
        pages = ("/", "/t/{theme}", "/r/{id}", *(f"/{path}" for path in FILES))
        app.add_routes([web.get(path, self._page) for path in pages])
        app.add_routes([web.get("/search", self._results), web.get("/api/ask", self._api)])
        app.add_routes([web.get("/assets/{file:.+}", asset_handler(self._templates.images))])
        if self._keep_note:
            app.add_routes([web.post("/r/{id}", partial(self._note, self._keep_note))])
            app.add_routes([web.get("/r/{id}/thanks", self._thanks)])
        app.middlewares.insert(0, self._friendly)

    async def _page(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/" and (query := clean_query(request.query.get("q", ""))):
            return html_response(self._render("search.html", "", found=await self._search(request, query)))
        renderer, path = self._renderer(self._now().publication), request.path.removeprefix("/")
        return (await asyncio.to_thread(renderer, path)).response(request)

    async def _results(self, request: web.Request) -> web.StreamResponse:
        """The part of the page that is fetched while somebody types."""
        found = await self._search(request, clean_query(request.query.get("q", "")))
        return html_response(self._render("results.html", "", found=found))

    async def _api(self, request: web.Request) -> web.StreamResponse:
        try:
            if not (query := clean_query(request.query.get("q", ""))):
                raise Refused("no_question", HTTPStatus.BAD_REQUEST)
            found, publication = await self._search(request, query), self._now().publication
        except Refused as refused:
            error = {"error": self._templates.words(f"pages.{refused.problem}")}
            return web.json_response(error, status=refused.status, headers=CORS | refused.headers)
        return web.json_response(as_json(self._templates, found, publication.dead), headers=CORS)

    async def _note(self, keep: Keep, request: web.Request) -> web.StreamResponse:
        """Keep what a reader says of an answer. Raises Refused."""
        entry = self._entry(request)
        if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            raise Refused("unread", HTTPStatus.FORBIDDEN)
        form = await read_form(request, LONGEST_FORM, lambda _, status: Refused("unread", status))
        said, words = _said(form.get("helped", [""])[0]), one_line(form.get("words", [""])[0][:LONGEST_NOTE])
        if not words and said == "words":
            raise Refused("unread", HTTPStatus.BAD_REQUEST)
        if (after := self._wait(request, self._notes)) > 0:
            raise Refused("slow", HTTPStatus.TOO_MANY_REQUESTS, after, words)
        if not await keep(entry.id, VALUES[said], words):
            raise Refused("lost", HTTPStatus.SERVICE_UNAVAILABLE, words=words)
        return web.Response(status=303, headers={"Location": f"{entry.id}/thanks?said={said}"})

    async def _thanks(self, request: web.Request) -> web.StreamResponse:
        shown = {"entry": self._entry(request), "said": _said(request.query.get("said", ""))}
        return html_response(self._render("note.html", request.path[1:], **shown))

    def _entry(self, request: web.Request) -> Entry:
        """Return the entry of the address. Raises Refused."""
        if entry := self._now().publication.knowledge.entries.get(request.match_info["id"]):
            return entry
        raise Refused("not_found", HTTPStatus.NOT_FOUND)

    def _wait(self, request: web.Request, limits: VisitorLimits) -> float:
        forwarded = ",".join(request.headers.getall("X-Forwarded-For", ()))
        return limits.wait(visitor(request.remote, forwarded, self._proxies), time.monotonic())

    async def _search(self, request: web.Request, query: str) -> SearchPage:
        """Raises Refused. One search at a time, in a thread: questions in rooms go on."""
        if (after := self._wait(request, self._searches)) > 0:
            raise Refused("too_many", HTTPStatus.TOO_MANY_REQUESTS, after)
        async with self._searching:
            shown = self._now()
            return await asyncio.to_thread(search, shown.index, shown.limits, query)

    def _now(self) -> Shown:
        if (shown := self._shown()) is None:
            raise Refused("starting", HTTPStatus.SERVICE_UNAVAILABLE, STARTING)
        return shown

    def _render(self, template: str, path: str, **values: object) -> str:
        return self._templates.render(template, path, publication=self._now().publication, **values)

    @web.middleware
    async def _friendly(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Show a page in place of a bare 404, and for what cannot be done now."""
        try:
            return await handler(request)
        except web.HTTPNotFound:
            if request.method not in ("GET", "HEAD"):
                raise
            refused = Refused("not_found", HTTPStatus.NOT_FOUND)
        except Refused as error:
            refused = error
        template, path = "message_part.html" if request.path == "/search" else "message.html", request.path[1:]
        html = self._templates.render(template, path, problem=refused.problem, words=refused.words)
        return html_response(html, refused.status, **refused.headers)


def _said(text: str) -> str:
    return text if text in VALUES else "words"


# How often


class VisitorLimits:
    """A request counts for its visitor and for everybody; one that is refused counts for nobody. Seconds are arguments.

    Generic Cell Rate Algorithm (ITU-T I.371, annex A): one number for each visitor says when its bucket would be full.
    """

    def __init__(self, own: Rate, everybody: Rate) -> None:
        self._own, self._everybody = own, everybody
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def wait(self, visitor: str, now: float) -> float:
        """Return the seconds until this visitor's next request; 0: now, and it is counted."""
        rates = {visitor: self._own, EVERYBODY: self._everybody}
        full_at = {key: max(self._full_at.get(key, now), now) + 1 / rate for key, (rate, _) in rates.items()}
        seconds = max(full_at[key] - burst / rate - now for key, (rate, burst) in rates.items())
        if seconds > ROUNDING:
            return seconds
        for key, when in full_at.items():
            self._full_at[key] = when
            self._full_at.move_to_end(key)
        while len(self._full_at) > MOST_VISITORS:
            self._full_at.popitem(last=False)
        return 0.0


def visitor(remote: str | None, forwarded: str, proxies: Proxies) -> str:
    """Whom a request counts for. `remote`: who is connected; `forwarded`: X-Forwarded-For, in which each proxy adds the
    one before it at the end. The first from the end that is none of our proxies is the visitor."""
    address: IPv4Address | IPv6Address | None = None
    for text in reversed([*forwarded.split(","), remote or ""]):
        try:
            hop = ip_address(text.strip()[:64])
        except ValueError:
            break
        address = (hop.ipv4_mapped or hop) if isinstance(hop, IPv6Address) else hop
        if not any(address in network for network in proxies):
            break
    if isinstance(address, IPv6Address):  # a household
        return str(IPv6Network((address, PREFIX), strict=False))
    return str(address)
