"""The readers' pages as files, for any web host and for a disk: all that a folder must hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.pages.publication import Publication
from bot.pages.reader_pages import FILES, ReaderPages
from bot.pages.rendered import ASSETS, encoded
from bot.pages.search_index import search_index
from bot.pages.templates import Templates

INDEX = "assets/search-index.js"
NOT_FOUND = "404.html"
"""What forges' pages show for an address that leads nowhere, whatever its folder."""
SUFFIX = ".html"


def site_files(publication: Publication, templates: Templates) -> Mapping[str, bytes]:
    """By path; `templates`: with `SUFFIX`. In the order in which they can take the places of older ones: what a page
    needs stands before it, and the first page comes last."""
    pages = ReaderPages(templates, publication)
    files = dict(_assets()) | {INDEX: encoded(search_index(publication))}
    files |= {path: encoded(text) for path in FILES if (text := pages.file(path))}
    if templates.public_url:
        files[NOT_FOUND] = encoded(
            templates.render_from(f"{templates.public_url}/", "message.html", problem="not_found")
        )
    return files | {file_name(path): encoded(pages.page(path) or "") for path in reversed([*pages.paths()])}


def file_name(path: str) -> str:
    """Of the page at `path`: `r/fiche.html`."""
    return f"{path or 'index'}{SUFFIX}"


def _assets() -> Iterator[tuple[str, bytes]]:
    for file in sorted(ASSETS.rglob("*")):
        if file.is_file():
            yield f"assets/{file.relative_to(ASSETS).as_posix()}", file.read_bytes()
