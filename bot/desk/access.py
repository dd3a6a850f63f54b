"""Who may use the desk: each request is matched with a session, each change with its origin, its right and its CSRF
token. A link shows whose it is, its button opens the session, another button ends it.

A cookie leads to the session; the CSRF token of its forms is derived from the cookie and stored nowhere.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from aiohttp import web
from aiohttp.typedefs import Middleware

from bot.conversation.moderation import desk_links
from bot.knowledge.edit_result import EditError
from bot.messages import ChannelError
from bot.store import DeskSession, StoreError
from bot.store.desk_sessions import LONGEST

if TYPE_CHECKING:
    from bot.desk.desk import Desk

log = logging.getLogger(__name__)

COOKIE = "concierge_desk"
NOTED = timedelta(minutes=1)  # between two notes of a session's use, each with a look at its right
BODY_TIMEOUT = 15.0  # seconds to receive a form
MAX_FORM = 64 << 10  # bytes, as `desk.refused_too_large` says: 20,000 characters of an answer, and what it was before
MAX_FIELDS = 1000  # of a form; a link of an entry has two
FORM_TYPE = "application/x-www-form-urlencoded"  # in UTF-8: scripts name it, browsers' forms do not
ENTER = "/enter/"
_NOT_TYPED = {"csrf", "key", "decision", "entry", "theme", "do", "seen", "shown", "question", "edit"}  # fields of forms

RequestHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Session:
    """A moderator at the desk. `room`: the direct room that asked for the link; `csrf`: for the forms."""

    channel: str
    user: str
    name: str
    room: str
    csrf: str = field(repr=False)
    number: int = 0


SESSION = web.RequestKey("session", Session)
FORM: web.RequestKey[Mapping[str, Sequence[str]]] = web.RequestKey("form", Mapping)


class Refusal(Exception):
    """The request is not served. `reason`: names the sentence, `desk.refused_…`; `error`: says more."""

    def __init__(self, reason: str, status: int = 403, *, error: EditError | None = None) -> None:
        super().__init__(reason)
        self.reason, self.status, self.error = reason, status, error


def csrf_of(cookie: str) -> str:
    return hmac.new(cookie.encode(), b"csrf", hashlib.sha256).hexdigest()


async def form_of(request: web.Request) -> dict[str, str]:
    """The first value of each field of the form. Raises Refusal."""
    return {name: values[0] for name, values in (await fields_of(request)).items()}


async def fields_of(request: web.Request) -> Mapping[str, Sequence[str]]:
    """All values of each field of the form, read once: after a refusal there are none. Raises Refusal."""
    if FORM not in request:
        request[FORM] = {}
        request[FORM] = await _read_form(request)
    return request[FORM]


async def _read_form(request: web.Request) -> Mapping[str, Sequence[str]]:
    """In place of aiohttp's `post`, which decodes by any codec that a request names: punycode takes quadratic time."""
    media_type = request.headers.get("Content-Type", "").lower().replace(" ", "")
    if media_type.removesuffix(";charset=utf-8") != FORM_TYPE:
        raise Refusal("media_type", 415)
    try:
        async with asyncio.timeout(BODY_TIMEOUT):
            body = await request.clone(client_max_size=MAX_FORM).read()
        return parse_qs(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except web.HTTPRequestEntityTooLarge:
        raise Refusal("too_large", 413) from None
    except Exception:  # aiohttp has many errors for a body that breaks off
        raise Refusal("form", 400) from None


def guard(desk: Desk, tries: Set[str]) -> Middleware:
    """The middleware of the desk. `tries`: paths whose POST changes nothing, asked while somebody types."""

    @web.middleware
    async def middleware(request: web.Request, handler: RequestHandler) -> web.StreamResponse:
        if request.method == "POST" and _is_from_elsewhere(desk, request):
            return desk.refuse(request, Refusal("csrf"))
        try:
            return await _admit(desk, tries, request, handler)
        except Refusal as refusal:
            return desk.refuse(request, refusal, await _typed(request))
        except EditError as error:
            return desk.refuse(request, Refusal("not_written", 409, error=error), await _typed(request))
        except (ChannelError, StoreError) as error:
            log.warning("the desk cannot be used now: %s", error)
            return desk.refuse(request, Refusal("down", 503), await _typed(request))

    return middleware


async def _admit(desk: Desk, tries: Set[str], request: web.Request, handler: RequestHandler) -> web.StreamResponse:
    if not desk.contexts():
        raise Refusal("starting", 503)
    if request.path.removeprefix(desk.path).startswith(ENTER):
        return await handler(request)
    request[SESSION] = await _session(desk, request)
    if request.method != "POST":
        return await handler(request)
    form = await form_of(request)
    if not hmac.compare_digest(form.get("csrf", "").encode(), request[SESSION].csrf.encode()):
        raise Refusal("csrf")
    resource = request.match_info.route.resource
    if resource and resource.canonical.removeprefix(desk.path) in tries:
        return await handler(request)
    await check_right(desk, request[SESSION])
    return await desk.change_once(request, form.get("key", ""), handler)


def _is_from_elsewhere(desk: Desk, request: web.Request) -> bool:
    """Whether a page of another site sent it. Browsers tell by Fetch Metadata (https://www.w3.org/TR/fetch-metadata/),
    older ones and those that came by plain HTTP by an Origin (RFC 6454); other programs send neither. A proxy may have
    rewritten the Host: then the Origin is that of `public_url`."""
    if site := request.headers.get("Sec-Fetch-Site"):
        return site not in ("same-origin", "none")
    public, host = "://".join(urlsplit(desk.public_url)[:2]), request.headers.get("Host")
    origin = request.headers.get("Origin", public)
    return origin != public and origin.rpartition("/")[2] != host


async def _session(desk: Desk, request: web.Request) -> Session:
    """Raises Refusal."""
    cookie = request.cookies.get(COOKIE, "")
    row = await desk.store.sessions.find(cookie, desk.now()) if cookie else None
    if row is None or row.channel not in desk.contexts():
        raise Refusal("session")
    session = Session(row.channel, row.user, row.name, row.room, csrf_of(cookie), row.number)
    await _note_use(desk, session, row)
    return session


async def _note_use(desk: Desk, session: Session, row: DeskSession) -> None:
    if row.used is None or desk.now() - row.used >= NOTED:
        await check_right(desk, session)
        await desk.store.sessions.touch(session.number, desk.now())


async def check_right(desk: Desk, session: Session) -> None:
    """Ask the network anew; ends the session of whoever moderates no more. Raises Refusal."""
    if await desk.context(session).moderates(session.user):
        return
    await desk.store.sessions.end(session.number)
    log.info("session %d of the desk ended: its user moderates no more", session.number)
    raise Refusal("right")


async def _typed(request: web.Request) -> list[str]:
    """The texts of a form that is refused, so that they can be copied."""
    if request.method != "POST" or request.path.rpartition("/")[0].endswith(ENTER.rstrip("/")):
        return []
    with suppress(Refusal):
        await form_of(request)
    typed = (texts for name, texts in request[FORM].items() if name not in _NOT_TYPED)
    return [text for text in chain(*typed) if text.strip()]


# The way in and out


async def ask(desk: Desk, request: web.Request) -> web.Response:
    """Uses nothing up: programs fetch a link for a preview."""
    row = await _offered(desk, request)
    name = await desk.context_of(row.channel).channel.name_of(row.user)
    return desk.page(request, "desk/enter.html", person=name)


async def enter(desk: Desk, request: web.Request) -> web.Response:
    row = await _offered(desk, request)
    name = await desk.context_of(row.channel).channel.name_of(row.user)
    session = Session(row.channel, row.user, name, row.room, "", row.number)
    await check_right(desk, session)
    cookie = secrets.token_hex(desk_links.SECRET)
    opened = await desk.store.sessions.open(request.match_info["token"], cookie, name, desk.now())
    if opened is None:
        raise Refusal("link_used", 410)
    await _end_earlier(desk, request)
    await desk.apply(session, f"session {opened.number}", desk_links.opened(desk.context(session), opened))
    log.info("session %d of the desk opened by %s", opened.number, opened.channel)
    return _with_cookie(desk, desk.redirect(request, "desk"), cookie)


async def _offered(desk: Desk, request: web.Request) -> DeskSession:
    """The session that a link would open. Raises Refusal."""
    state, row = await desk.store.sessions.offered(request.match_info["token"], desk.now())
    if row is None or state != "fresh" or not row.user:
        raise Refusal(f"link_{state if state != 'fresh' else 'late'}", 404 if state == "unknown" else 410)
    if row.channel not in desk.contexts():
        raise Refusal("starting", 503)
    return row


async def _end_earlier(desk: Desk, request: web.Request) -> None:
    """The session that this browser had before: its cookie is replaced."""
    earlier = await desk.store.sessions.find(request.cookies.get(COOKIE, ""), desk.now())
    if earlier:
        await desk.store.sessions.end(earlier.number)


def _with_cookie(desk: Desk, response: web.Response, cookie: str) -> web.Response:
    response.set_cookie(
        COOKIE,
        cookie,
        path="/",
        max_age=int(LONGEST.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=desk.public_url.startswith("https:"),
    )
    return response


async def leave(desk: Desk, request: web.Request) -> web.Response:
    await desk.store.sessions.end(request[SESSION].number)
    response = desk.page(request, "desk/left.html", session=None)
    response.del_cookie(COOKIE, path="/")
    return response
