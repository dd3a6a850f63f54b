"""The pages of a publication, by their paths: pure, so that a server and a folder of files can have the same ones."""

from __future__ import annotations

from collections.abc import Iterator

from bot.pages.publication import Publication
from bot.pages.templates import Templates


class ReaderPages:
    """Made anew when the knowledge changes. `home`: the template of the first page."""

    def __init__(self, templates: Templates, publication: Publication, home: str = "home.html") -> None:
        self._templates, self._publication, self._home = templates, publication, home
        self._themes = {theme.slug: theme for theme in publication.themes}

    def paths(self) -> Iterator[str]:
        yield ""
        yield from (f"t/{slug}" for slug in self._themes)
        yield from (f"r/{id}" for id in self._publication.knowledge.entries)

    def page(self, path: str) -> str | None:
        """Its HTML; None: there is no such page."""
        kind, _, name = path.partition("/")
        if path == "":
            return self._templates.render(self._home, path, themes=self._publication.themes)
        if kind == "t" and (theme := self._themes.get(name)):
            return self._templates.render("theme.html", path, theme=theme)
        if kind == "r" and (entry := self._publication.knowledge.entries.get(name)):
            theme = self._publication.theme_of[entry.id]
            return self._templates.render("entry.html", path, entry=entry, theme=theme, publication=self._publication)
        return None
