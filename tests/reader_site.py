"""The readers' pages on a real HTTP server, from knowledge files, without the rest of the bot."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence, Set
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from html.parser import HTMLParser
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx

from bot.app import server
from bot.demo.homeserver import free_port
from bot.knowledge.library import Library
from bot.knowledge.models import Knowledge
from bot.locale import Language, wording
from bot.matching.decision import Thresholds
from bot.matching.index import Index
from bot.pages.publication import Publication
from bot.pages.routes import Proxies, ReaderRoutes, Shown
from bot.pages.templates import Templates
from tests.waiting import PATIENCE, beside
from tests.web import answering, no_metrics

TODAY = date(2026, 11, 28)
PUBLIC = "https://reponses.example.org"
LOCAL_PROXY: Proxies = (ip_network("127.0.0.0/8"),)


@dataclass
class ReaderSite:
    """`shown`: what it shows; None: the bot is starting. `notes`: what readers said: entry, value, words."""

    http: httpx.AsyncClient
    shown: Shown | None = None
    notes: list[tuple[str, int, str]] = field(default_factory=list)
    keeps_notes: bool = True

    async def keep(self, *note: Any) -> bool:
        self.notes += [note] if self.keeps_notes else []
        return self.keeps_notes

    async def page(self, path: str, status: int = 200, **query: str) -> Parsed:
        answer = await self.http.get(path, params=query or None)
        assert answer.status_code == status, (path, answer.status_code)
        return Parsed.of(answer.text)

    async def everything(self) -> dict[str, str]:
        """All that can be reached by links from the home page, and the files for programs, by path."""
        texts: dict[str, str] = {}
        paths = ["/", "/feed.xml", "/sitemap.xml", "/robots.txt"]
        while paths:
            path = paths.pop()
            if path in texts:
                continue
            texts[path] = (await self.http.get(path)).text
            if path.rpartition(".")[2] not in ("xml", "txt"):
                links = (urljoin(path, link).partition("#")[0] for link in Parsed.of(texts[path]).links)
                paths += [link for link in links if link.startswith("/")]
        return texts


def knowledge_of(folder: Path, **files: str) -> Knowledge:
    """Read from files, as the bot does."""
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return Library(folder, folder.name).load(TODAY).knowledge


def showing(knowledge: Knowledge, dead: Set[str] = frozenset()) -> Shown:
    return Shown(Publication(knowledge, dead, TODAY), Index(knowledge), Thresholds())


@cache
def compiled_templates(language: Language, **given: Any) -> Templates:
    """The same in all tests: each template is compiled once."""
    return Templates(wording(language), "Concierge", **given)


@asynccontextmanager
async def reader_site(
    shown: Shown | None, *, language: Language = "fr", takes_notes: bool = False, proxies: Proxies = (), **look: Any
) -> AsyncIterator[ReaderSite]:
    """`look`: of the templates."""

    async def ready() -> Sequence[str]:
        return ()

    port = free_port()
    app = server.application(ready, no_metrics)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as http:
        site = ReaderSite(http, shown)
        given = {"public_url": PUBLIC, "contact": "", "about": "", "has_team": True, "logo": b""} | look
        templates = compiled_templates(language, takes_notes=takes_notes, **given)
        ReaderRoutes(templates, lambda: site.shown, proxies, site.keep if takes_notes else None).add_to(app)
        async with beside(server.serve(app, "127.0.0.1", port)):
            await answering(http)
            yield site


@dataclass
class Parsed(HTMLParser):
    """What a browser sees of a page: the elements with their attributes, and the text."""

    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    text: str = ""
    data: str = ""  # of its JSON-LD

    @classmethod
    def of(cls, html: str) -> Parsed:
        page = cls()
        HTMLParser.__init__(page)
        page.feed(html)
        page.close()
        return page

    @property
    def links(self) -> list[str]:
        return [str(values["href"]) for tag, values in self.tags if tag == "a" and values.get("href")]

    def named(self, wanted: str) -> list[dict[str, str | None]]:
        return [values for tag, values in self.tags if tag == wanted]

    def meta(self, name: str) -> str | None:
        wanted = [one for one in self.named("meta") if name in (one.get("name"), one.get("property"))]
        return wanted[0]["content"] if wanted else None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1] == ("script", {"type": "application/ld+json"}) and data.strip():
            self.data, self.tags = data, [*self.tags, ("", {})]
        else:
            self.text += data
