"""A request at the desk: its session, its form, and the reasons to refuse it.

A cookie leads to the session; the CSRF token of its forms is derived from the cookie and stored nowhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs

from aiohttp import web

from bot.knowledge.edit_result import EditError
from bot.store import DeskSession

BODY_TIMEOUT = 15.0  # seconds to receive a form
MAX_FORM = 64 << 10  # bytes, as `desk.refused_too_large` says: 20,000 characters of an answer, and what it was before
MAX_FIELDS = 1000  # of a form; a link of an entry has two
FORM_TYPE = "application/x-www-form-urlencoded"  # in UTF-8: scripts name it, browsers' forms do not

SESSION = web.RequestKey("session", DeskSession)
CSRF = web.RequestKey("csrf", str)
FORM: web.RequestKey[Mapping[str, Sequence[str]]] = web.RequestKey("form", Mapping)
"""All values of each field. The guard reads it before a page is asked."""


class Refusal(Exception):
    """The request is not served. `reason`: names the sentence, `desk.refused_…`; `error`: says more."""

    def __init__(self, reason: str, status: int = 403, *, error: EditError | None = None) -> None:
        super().__init__(reason)
        self.reason, self.status, self.error = reason, status, error


def posted(request: web.Request, name: str) -> str:
    """Return the first value of a field of the form; empty if there is none."""
    return next(iter(request.get(FORM, {}).get(name, ())), "")


async def read_form(request: web.Request) -> None:
    """Read `FORM` once; after a refusal it is empty. Raises Refusal.

    In place of aiohttp's `post`, which decodes by any codec that a request names: punycode takes quadratic time.
    """
    if FORM in request:
        return
    request[FORM] = {}
    media_type = request.headers.get("Content-Type", "").lower().replace(" ", "")
    if media_type.removesuffix(";charset=utf-8") != FORM_TYPE:
        raise Refusal("media_type", 415)
    try:
        async with asyncio.timeout(BODY_TIMEOUT):
            body = await request.clone(client_max_size=MAX_FORM).read()
        request[FORM] = parse_qs(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except web.HTTPRequestEntityTooLarge:
        raise Refusal("too_large", 413) from None
    except Exception:  # aiohttp has many errors for a body that breaks off
        raise Refusal("form", 400) from None
