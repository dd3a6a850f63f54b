"""The readers' pages as files, for any web host and for a disk: all that a folder must hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.pages.publication import Publication
from bot.pages.reader_pages import FILES, ReaderPages
from bot.pages.rendered import ASSETS, encoded
from bot.pages.search_index import search_index
from bot.pages.templates import Templates

NEEDED = (
    *("icon.svg", "search.js", "static-search.js", "style.css"),
    *("vendor/minisearch-7.2.0.js", "vendor/minisearch-LICENSE.txt"),
)
"""Of the assets; the others are for pages that a bot serves."""
INDEX = "assets/search-index.js"
NOT_FOUND = "404.html"
"""What most hosts of files show for an address that leads nowhere."""
SUFFIX = ".html"


def site_files(
    publication: Publication, templates: Templates, progress: Callable[[int, int], None] = lambda done, of: None
) -> Mapping[str, bytes]:
    """By path, in the order in which they can take the places of older ones: what a page needs stands before it, and
    the first page comes last. `templates`: with `SUFFIX`. `progress`: called with the number of pages made, and of all.
    """
    pages = ReaderPages(templates, publication)
    files = {f"assets/{name}": (ASSETS / name).read_bytes() for name in NEEDED}
    files[INDEX] = encoded(search_index(publication))
    files |= {path: encoded(text) for path in FILES if (text := pages.file(path))}
    files |= _not_found(templates)
    paths = [*pages.paths()]
    for done, path in enumerate(reversed(paths), start=1):
        files[file_name(path)] = encoded(pages.page(path) or "")
        progress(done, len(paths))
    return files


def _not_found(templates: Templates) -> Mapping[str, bytes]:
    """Shown in any folder, so its addresses are public ones; none where these are not known."""
    if not (root := templates.public_url):
        return {}
    return {NOT_FOUND: encoded(templates.render_from(f"{root}/", "message.html", problem="not_found"))}


def file_name(path: str) -> str:
    """Of the page at `path`: `r/fiche.html`."""
    return f"{path or 'index'}{SUFFIX}"
