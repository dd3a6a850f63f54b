"""The body of a form, as a browser sends it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import parse_qs

from aiohttp import web

BODY_TIMEOUT = 15.0  # seconds to receive a form
MAX_FIELDS = 1000  # of a form; a link of an entry has two
FORM_TYPE = "application/x-www-form-urlencoded"  # in UTF-8: scripts name it, browsers' forms do not

Form = Mapping[str, Sequence[str]]
"""All values of each field."""


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
