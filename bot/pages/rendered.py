"""Pages as they are sent, bytes with a tag, so that a browser that has them gets 304; and forms as they come."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from mimetypes import add_type, guess_type
from pathlib import Path
from urllib.parse import parse_qs

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.pages.publication import FILES, ReaderPages

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
IMAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""An SVG that is opened by its own address runs no script; in `<img>` none does."""
HTML = "text/html"
FORM_TYPE = "application/x-www-form-urlencoded"  # in UTF-8: scripts name it, browsers' forms do not
BODY_TIMEOUT = 15.0  # seconds to receive a form
MAX_FIELDS = 1000  # of a form; a link of an entry has two
Form = Mapping[str, Sequence[str]]
"""All values of each field."""
add_type("image/webp", ".webp")


@dataclass(frozen=True, slots=True)
class RenderedPage:
    body: bytes = field(repr=False)
    content_type: str

    def response(self, request: web.Request) -> web.Response:
        """The page; 304 where the browser has just this one. A proxy that compresses makes tags weak: they count."""
        etag = hashlib.blake2b(self.body, digest_size=12).hexdigest()
        is_image = self.content_type.startswith("image/")
        headers = HEADERS | {"ETag": f'"{etag}"', "Cache-Control": "no-cache"}
        headers |= {"Content-Security-Policy": IMAGE_POLICY} if is_image else {}
        if any(tag.value == etag for tag in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        charset = None if is_image else "utf-8"
        return web.Response(body=self.body, content_type=self.content_type, charset=charset, headers=headers)


def render(pages: ReaderPages, path: str) -> RenderedPage:
    """Raises HTTPNotFound. Slow: a theme of a hundred answers takes a twentieth of a second."""
    if (text := pages.file(path) if path in FILES else pages.page(path)) is None:
        raise web.HTTPNotFound
    return RenderedPage(encoded(text), FILES.get(path, HTML))


def html_response(text: str, status: int = 200, **headers: str) -> web.Response:
    return web.Response(
        body=encoded(text), status=status, content_type=HTML, charset="utf-8", headers=HEADERS | headers
    )


def encoded(text: str) -> bytes:
    """UTF-8; half a character, which a YAML file can name, becomes a question mark."""
    return text.encode(errors="replace")


def assets() -> Mapping[str, bytes]:
    """By path: `vendor/minisearch-7.2.0.js`."""
    return {path.relative_to(ASSETS).as_posix(): path.read_bytes() for path in ASSETS.rglob("*") if path.is_file()}


def asset_handler(images: Mapping[str, bytes]) -> Handler:
    """`images`: by name, besides the files in `assets/`."""
    all_files = {**assets(), **images}.items()
    files = {name: RenderedPage(body, guess_type(name)[0] or "text/plain") for name, body in all_files}

    async def asset(request: web.Request) -> web.StreamResponse:
        if (file := files.get(request.match_info["file"])) is None:
            raise web.HTTPNotFound
        return file.response(request)

    return asset


async def read_form(request: web.Request, longest: int, refusal: Callable[[str, int], Exception]) -> Form:
    """`longest`: bytes of the body. Raises a `refusal` of 'media_type', 'too_large' or 'form', and a status.

    In place of aiohttp's `post`, which decodes by any codec that a request names: punycode takes quadratic time.
    """
    media_type = request.headers.get("Content-Type", "").lower().replace(" ", "")
    if media_type.removesuffix(";charset=utf-8") != FORM_TYPE:
        raise refusal("media_type", 415)
    try:
        async with asyncio.timeout(BODY_TIMEOUT):
            body = await request.clone(client_max_size=longest).read()
        return parse_qs(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except web.HTTPRequestEntityTooLarge:
        raise refusal("too_large", 413) from None
    except Exception:  # aiohttp has many errors for a body that breaks off
        raise refusal("form", 400) from None
