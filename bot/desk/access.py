"""Who may use the desk: each request is matched with a session, each change with its origin, its right and its CSRF
token. A link shows whose it is, its button opens the session, another button ends it."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from datetime import timedelta
from itertools import chain
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.conversation.moderation import desk_links
from bot.desk.desk import CSRF, FORM, SESSION, Desk, Refusal, or_refuse, posted
from bot.knowledge.edit_result import EditError
from bot.messages import ChannelError
from bot.pages.form_body import read_form
from bot.store import DeskSession, StoreError
from bot.store.desk_sessions import LONGEST

log = logging.getLogger(__name__)

COOKIE = "concierge_desk"
NOTED = timedelta(minutes=1)  # between two notes of a session's use, each with a look at its right
ENTER = "/enter/"
TRIES = {"/try", "/check"}
"""Paths whose POST changes nothing: asked while somebody types, without a look at the right each time."""
MAX_FORM = 512 << 10  # bytes: the longest form, and what the entry was before, in nine bytes for a sign like ’
_NOT_TYPED = set("csrf key decision entry theme do seen shown question edit draft pick all".split())


def guard(desk: Desk) -> Middleware:
    """Return the middleware of the desk."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method == "POST" and _is_from_elsewhere(desk, request):
            return desk.refuse(request, Refusal("csrf"))
        try:
            return await _admit(desk, request, handler)
        except Refusal as error:
            refusal = error
        except EditError as error:
            refusal = Refusal("not_written", 409, error=error)
        except (ChannelError, StoreError) as error:
            log.warning("the desk cannot be used now: %s", error)
            refusal = Refusal("down", 503)
        typed = chain(*(texts for name, texts in request.get(FORM, {}).items() if name not in _NOT_TYPED))
        return desk.refuse(request, refusal, [text for text in typed if text.strip()])  # so that it can be copied

    return middleware


async def _admit(desk: Desk, request: web.Request, handler: Handler) -> web.StreamResponse:
    path = request.path.removeprefix(desk.path)
    is_entering = path.startswith(ENTER)
    if request.method == "POST" and not is_entering:
        request[FORM] = await read_form(request, MAX_FORM, Refusal)
    if not desk.contexts():
        raise Refusal("starting", 503)
    if is_entering:
        return await handler(request)
    cookie = request.cookies.get(COOKIE, "")
    request[SESSION] = await _session(desk, cookie)
    request[CSRF] = hmac.new(cookie.encode(), b"csrf", hashlib.sha256).hexdigest()
    if request.method != "POST":
        return await handler(request)
    if not hmac.compare_digest(posted(request, "csrf").encode(), request[CSRF].encode()):
        raise Refusal("csrf")
    if path in TRIES:
        return await handler(request)
    await _check_right(desk, request[SESSION])
    return await desk.change_once(request, handler)


def _is_from_elsewhere(desk: Desk, request: web.Request) -> bool:
    """Whether a page of another site sent it. Browsers tell by Fetch Metadata (https://www.w3.org/TR/fetch-metadata/),
    older ones and those that came by plain HTTP by an Origin (RFC 6454); other programs send neither. A proxy may have
    rewritten the Host: then the Origin is that of `public_url`."""
    if site := request.headers.get("Sec-Fetch-Site"):
        return site not in ("same-origin", "none")
    public, host = "://".join(urlsplit(desk.public_url)[:2]), request.headers.get("Host")
    origin = request.headers.get("Origin", public)
    return origin != public and origin.rpartition("/")[2] != host


async def _session(desk: Desk, cookie: str) -> DeskSession:
    """Return the session of a cookie, and note its use. Raises Refusal."""
    session = await desk.store.sessions.find(cookie, desk.now()) if cookie else None
    if session is None or session.channel not in desk.contexts():
        raise Refusal("session")
    if session.used is None or desk.now() - session.used >= NOTED:
        await _check_right(desk, session)
        await desk.store.sessions.touch(session.number, desk.now())
    return session


async def _check_right(desk: Desk, session: DeskSession) -> None:
    """Ask the network anew; end the session of whoever moderates no more. Raises Refusal."""
    if await desk.context_of(session).moderates(session.user):
        return
    await desk.store.sessions.end(session.number)
    log.info("session %d of the desk ended: its user moderates no more", session.number)
    raise Refusal("right")


# The way in and out


async def ask(desk: Desk, request: web.Request) -> web.Response:
    """Show whose link it is. Uses nothing up: programs fetch a link for a preview."""
    return desk.page(request, "desk/enter.html", person=(await _offered(desk, request))[1])


async def enter(desk: Desk, request: web.Request) -> web.Response:
    """Open the session of a link, and end the one that this browser had before: its cookie is replaced."""
    offered, name = await _offered(desk, request)
    await _check_right(desk, offered)
    cookie, sessions = secrets.token_hex(desk_links.SECRET), desk.store.sessions
    opened = or_refuse(await sessions.open(request.match_info["token"], cookie, name, desk.now()), "link_used", 410)
    if earlier := await sessions.find(request.cookies.get(COOKIE, ""), desk.now()):
        await sessions.end(earlier.number)
    request[SESSION] = opened
    await desk.apply(request, desk_links.opened(desk.context(request), opened))
    log.info("session %d of the desk opened by %s", opened.number, opened.channel)
    response = desk.redirect(request, "desk")
    age, is_https = int(LONGEST.total_seconds()), desk.public_url.startswith("https:")
    response.set_cookie(COOKIE, cookie, path="/", max_age=age, httponly=True, samesite="Lax", secure=is_https)
    return response


async def _offered(desk: Desk, request: web.Request) -> tuple[DeskSession, str]:
    """Return the session that a link would open, and the name of its moderator. Raises Refusal."""
    state, session = await desk.store.sessions.offered(request.match_info["token"], desk.now())
    if session is None or state != "fresh" or not session.user:
        raise Refusal(f"link_{state.replace('fresh', 'late')}", 404 if state == "unknown" else 410)
    return session, await desk.context_of(session).channel.name_of(session.user)


async def leave(desk: Desk, request: web.Request) -> web.Response:
    await desk.store.sessions.end(request[SESSION].number)
    response = desk.page(request, "desk/left.html", session=None)
    response.del_cookie(COOKIE, path="/")
    return response
