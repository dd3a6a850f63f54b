"""Pages as they are sent: bytes with a tag, so that a browser that has them gets 304."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from mimetypes import guess_type
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.pages.reader_pages import FILES, ReaderPages

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
MOST_RENDERED = 500  # pages that are kept
HTML = "text/html"


@dataclass(frozen=True, slots=True)
class RenderedPage:
    body: bytes = field(repr=False)
    content_type: str
    etag: str

    @classmethod
    def of(cls, body: bytes, content_type: str) -> RenderedPage:
        return cls(body, content_type, hashlib.blake2b(body, digest_size=12).hexdigest())

    def response(self, request: web.Request) -> web.Response:
        """The page; 304 where the browser has just this one. A proxy that compresses makes tags weak: they count."""
        headers = HEADERS | {"ETag": f'"{self.etag}"', "Cache-Control": "no-cache"}
        if any(tag.value == self.etag for tag in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        return web.Response(body=self.body, content_type=self.content_type, charset="utf-8", headers=headers)


class RenderedPages:
    """The pages and files of a publication, each kept once it was rendered. `known`: kept; `make`: made now."""

    def __init__(self, pages: ReaderPages) -> None:
        self._pages = pages
        self._rendered: dict[str, RenderedPage] = {}

    def known(self, path: str) -> RenderedPage | None:
        return self._rendered.get(path)

    def make(self, path: str) -> RenderedPage | None:
        """May be called from several threads: a theme of a hundred answers takes a twentieth of a second."""
        text = self._pages.file(path) if path in FILES else self._pages.page(path)
        if text is None:
            return None
        page = RenderedPage.of(encoded(text), FILES.get(path, HTML))
        if len(self._rendered) >= MOST_RENDERED:
            self._rendered.clear()
        self._rendered[path] = page
        return page


def html_response(text: str, status: int = 200, **headers: str) -> web.Response:
    return web.Response(
        body=encoded(text), status=status, content_type=HTML, charset="utf-8", headers=HEADERS | headers
    )


def encoded(text: str) -> bytes:
    """UTF-8; half a character, which a YAML file can name, becomes a question mark."""
    return text.encode(errors="replace")


def _asset(path: Path) -> RenderedPage:
    return RenderedPage.of(path.read_bytes(), guess_type(path.name)[0] or "text/plain")


def asset_handler(folder: Path = ASSETS) -> Handler:
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    files = {path.relative_to(folder).as_posix(): _asset(path) for path in paths}

    async def asset(request: web.Request) -> web.StreamResponse:
        if (file := files.get(request.match_info["file"])) is None:
            raise web.HTTPNotFound
        return file.response(request)

    return asset
