"""The way in and out: a link shows whose it is, its button opens the session, another button ends it."""

from __future__ import annotations

import logging
import secrets

from aiohttp import web

from bot.conversation.moderation import desk_links
from bot.desk.access import COOKIE, SESSION, Refusal, Session, check_right
from bot.desk.desk import Desk
from bot.store import DeskSession
from bot.store.desk_sessions import LONGEST

log = logging.getLogger(__name__)


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
        secure=desk.is_secure,
    )
    return response


async def leave(desk: Desk, request: web.Request) -> web.Response:
    await desk.store.sessions.end(request[SESSION].number)
    response = desk.page(request, "desk/left.html", session=None)
    response.del_cookie(COOKIE, path="/")
    return response
