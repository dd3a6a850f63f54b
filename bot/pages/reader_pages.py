"""The pages of a publication, by their paths: pure, so that a server and a folder of files can have the same ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from bot.pages.publication import Publication
from bot.pages.structured_data import faq
from bot.pages.templates import Templates

FILES: Mapping[str, str] = {
    "feed.xml": "application/atom+xml",
    "sitemap.xml": "application/xml",
    "robots.txt": "text/plain",
}
"""Content types of what programs read, by path."""
FEED_LENGTH, MOST_ASKED = 50, 5  # entries


class ReaderPages:
    """Made anew when the knowledge changes."""

    def __init__(self, templates: Templates, publication: Publication) -> None:
        self._templates, self._publication = templates, publication
        self._themes = {theme.slug: theme for theme in publication.themes}

    def paths(self) -> Iterator[str]:
        yield ""
        yield from (f"t/{slug}" for slug in self._themes)
        yield from (f"r/{id}" for id in self._publication.knowledge.entries)

    def page(self, path: str) -> str | None:
        """Its HTML; None: there is no such page."""
        kind, _, name = path.partition("/")
        if path == "":
            known = self._publication.knowledge.entries
            asked = [known[id] for id in self._publication.most_asked if id in known][:MOST_ASKED]
            return self._templates.render("home.html", path, themes=self._publication.themes, asked=asked)
        if kind == "t" and (theme := self._themes.get(name)):
            data = faq(self._templates, self._publication, theme.entries, is_brief=True)
            return self._templates.render("theme.html", path, theme=theme, data=data)
        if kind == "r" and (entry := self._publication.knowledge.entries.get(name)):
            theme, data = self._publication.theme_of[entry.id], faq(self._templates, self._publication, [entry])
            shown = {"entry": entry, "theme": theme, "publication": self._publication, "data": data}
            return self._templates.render("entry.html", path, **shown)
        return None

    def file(self, path: str) -> str | None:
        """Return one of `FILES`, or None if there is none. A sitemap needs public addresses."""
        if path == "robots.txt":
            return self._templates.render(path, path, root=urlsplit(self._templates.public_url).path)
        if path == "feed.xml":
            return self._feed(path)
        if path == "sitemap.xml" and self._templates.public_url:
            rows = [(page, self._publication.knowledge.entries.get(page.removeprefix("r/"))) for page in self.paths()]
            return self._templates.render(path, path, rows=rows)
        return None

    def _feed(self, path: str) -> str:
        """Entries keep their ids (RFC 4287, 4.2.6), also where `public_url` changes."""
        entries = self._publication.latest(FEED_LENGTH)
        changed = entries[0].updated if entries else self._publication.today
        shown = {"entries": entries, "changed": changed, "publication": self._publication, "urn": self._urn}
        return self._templates.render(path, path, **shown)

    def _urn(self, id: str = "") -> str:
        return uuid5(NAMESPACE_URL, f"concierge:{self._templates.name}/{id}").urn
