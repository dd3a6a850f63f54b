"""The readers' pages as files, for any web host and for a disk: all that a folder must hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from bot.locale import Wording
from bot.pages.publication import Publication
from bot.pages.reader_pages import FILES, ReaderPages
from bot.pages.search_index import search_index
from bot.pages.templates import Templates

ASSETS = Path(__file__).parent / "assets"
INDEX = "assets/search-index.js"
SUFFIX = ".html"


def site_files(
    publication: Publication, words: Wording, name: str, public_url: str | None = None
) -> Mapping[str, bytes]:
    """By path. In the order in which they can take the places of older ones: what a page needs stands before it, and
    the first page comes last."""
    templates = Templates(words, name, suffix=SUFFIX, public_url=public_url)
    pages = ReaderPages(templates, publication, "static_home.html")
    files = dict(_assets()) | {INDEX: search_index(publication).encode()}
    files |= {path: text.encode() for path in FILES if (text := pages.file(path))}
    return files | {file_name(path): (pages.page(path) or "").encode() for path in reversed([*pages.paths()])}


def file_name(path: str) -> str:
    """Of the page at `path`: `r/fiche.html`."""
    return f"{path or 'index'}{SUFFIX}"


def _assets() -> Iterator[tuple[str, bytes]]:
    for file in sorted(ASSETS.rglob("*")):
        if file.is_file():
            yield f"assets/{file.relative_to(ASSETS).as_posix()}", file.read_bytes()
