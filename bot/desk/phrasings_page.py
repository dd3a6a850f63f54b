"""Words with which members chose an answer: kept as phrasings or dropped, one by one."""

from __future__ import annotations

from aiohttp import web

from bot.conversation.moderation import phrasings
from bot.desk.access import SESSION, Refusal, form_of
from bot.desk.desk import Desk
from bot.store import Outcome


async def show(desk: Desk, request: web.Request) -> web.Response:
    candidates = await desk.store.candidates.all()
    rows, unusable = await phrasings.rows_of(desk.context(request[SESSION]), candidates)
    more = len(candidates) - len(unusable) - len(rows)
    return desk.page(request, "desk/phrasings.html", rows=rows, more=more)


async def decide(desk: Desk, request: web.Request) -> web.Response:
    session, form, number = request[SESSION], await form_of(request), int(request.match_info["number"])
    candidate = next((one for one in await desk.store.candidates.all() if one.id == number), None)
    if candidate is None:
        raise Refusal("phrasing_closed", 409)
    is_kept = form.get("decision") == "keep"
    row = await phrasings.row_of(desk.context(session), candidate) if is_kept else None
    if is_kept and row is None:
        raise Refusal("phrasing_closed", 409)
    for error in await phrasings.keep(desk.context(session), [row], session.name) if row else ():
        raise Refusal("not_written", 409, error=error)
    await desk.apply(session, form.get("key", ""), Outcome("phrasings decided", decided=(number,)))
    return desk.redirect(request, "desk/phrasings", "phrasing_kept" if is_kept else "phrasing_dropped")
