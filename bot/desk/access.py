"""Who may use the desk: each request is matched with a session, each change with its origin, its right and its CSRF
token. A link shows whose it is, its button opens the session, another button ends it."""

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
from bot.desk.desk import VISIT, Desk, Refusal, Visit, or_refuse
from bot.knowledge.edit_result import EditError
from bot.messages import ChannelError
from bot.pages.rendered import read_form
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
        visit = request[VISIT] = Visit(desk, request)
        if request.method == "POST" and _is_from_elsewhere(visit):
            return visit.refuse(Refusal("csrf"))
        try:
            return await _admit(visit, handler)
        except Refusal as error:
            refusal = error
        except EditError as error:
            refusal = Refusal("not_written", 409, error=error)
        except (ChannelError, StoreError) as error:
            log.warning("the desk cannot be used now: %s", error)
            refusal = Refusal("down", 503)
        typed = chain(*(texts for name, texts in visit.form.items() if name not in _NOT_TYPED))
        return visit.refuse(refusal, [text for text in typed if text.strip()])  # so that it can be copied

    return middleware


async def _admit(visit: Visit, handler: Handler) -> web.StreamResponse:
    """Find the session of the cookie and note its use; a change needs its token, and the right anew. Raises Refusal."""
    request, path = visit.request, visit.request.path.removeprefix(Desk.path)
    if path.startswith(ENTER):
        return await handler(request)
    if request.method == "POST":
        visit.form = await read_form(request, MAX_FORM, Refusal)
    ctx, cookie = visit.desk.any_context, request.cookies.get(COOKIE, "")
    session = await ctx.store.sessions.find(cookie, ctx.clock()) if cookie else None
    if session is None or session.channel not in visit.desk.contexts():
        raise Refusal("session")
    if session.used is None or ctx.clock() - session.used >= NOTED:
        await _check_right(visit, session)
        await ctx.store.sessions.touch(session.number, ctx.clock())
    visit.session = session
    visit.csrf = hmac.new(cookie.encode(), b"csrf", hashlib.sha256).hexdigest()
    if request.method != "POST":
        return await handler(request)
    if not hmac.compare_digest(visit.posted("csrf").encode(), visit.csrf.encode()):
        raise Refusal("csrf")
    if path in TRIES:
        return await handler(request)
    await _check_right(visit, visit.session)
    return await visit.change_once(handler)


def _is_from_elsewhere(visit: Visit) -> bool:
    """Whether a page of another site sent it. Browsers tell by Fetch Metadata (https://www.w3.org/TR/fetch-metadata/),
    older ones and those that came by plain HTTP by an Origin (RFC 6454); other programs send neither. A proxy may have
    rewritten the Host: then the Origin is that of `public_url`."""
    headers = visit.request.headers
    if site := headers.get("Sec-Fetch-Site"):
        return site not in ("same-origin", "none")
    public, host = "://".join(urlsplit(visit.desk.templates.public_url)[:2]), headers.get("Host")
    origin = headers.get("Origin", public)
    return origin != public and origin.rpartition("/")[2] != host


async def _check_right(visit: Visit, session: DeskSession) -> None:
    """Ask the network anew; end the session of whoever moderates no more. Raises Refusal."""
    ctx = visit.context_of(session)
    if await ctx.moderates(session.user):
        return
    await ctx.store.sessions.end(session.number)
    log.info("session %d of the desk ended: its user moderates no more", session.number)
    raise Refusal("right")


# The way in and out


async def ask(visit: Visit) -> web.Response:
    """Show whose link it is. Uses nothing up: programs fetch a link for a preview."""
    return visit.page("desk/enter.html", person=(await _offered(visit))[1])


async def enter(visit: Visit) -> web.Response:
    """Open the session of a link, and end the one that this browser had before: its cookie is replaced."""
    offered, name = await _offered(visit)
    await _check_right(visit, offered)
    ctx, token = visit.context_of(offered), visit.address["token"]
    cookie, sessions = secrets.token_hex(desk_links.SECRET), ctx.store.sessions
    visit.session = or_refuse(await sessions.open(token, cookie, name, ctx.clock()), "link_used", 410)
    if earlier := await sessions.find(visit.request.cookies.get(COOKIE, ""), ctx.clock()):
        await sessions.end(earlier.number)
    await visit.apply(desk_links.opened(ctx, visit.session))
    log.info("session %d of the desk opened by %s", visit.session.number, visit.session.channel)
    response = visit.redirect("desk")
    age, is_https = int(LONGEST.total_seconds()), visit.desk.templates.public_url.startswith("https:")
    response.set_cookie(COOKIE, cookie, path="/", max_age=age, httponly=True, samesite="Lax", secure=is_https)
    return response


async def _offered(visit: Visit) -> tuple[DeskSession, str]:
    """Return the session that a link would open, and the name of its moderator. Raises Refusal."""
    ctx = visit.desk.any_context
    state, session = await ctx.store.sessions.offered(visit.address["token"], ctx.clock())
    if session is None or state != "fresh" or not session.user:
        raise Refusal(f"link_{state.replace('fresh', 'late')}", 404 if state == "unknown" else 410)
    return session, await visit.context_of(session).channel.name_of(session.user)


async def leave(visit: Visit) -> web.Response:
    await visit.ctx.store.sessions.end(visit.session.number)
    response = visit.page("desk/left.html", session=None)
    response.del_cookie(COOKIE, path="/")
    return response
