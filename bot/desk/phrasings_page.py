"""What use suggests, kept or dropped one by one: words with which members chose an answer, replies worth an answer."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web

from bot.conversation.moderation import phrasings, reply_candidates
from bot.desk.access import SESSION, Refusal, Session, form_of
from bot.desk.desk import Desk
from bot.store import Outcome, PhrasingCandidate, ReplyCandidate


async def show(desk: Desk, request: web.Request) -> web.Response:
    ctx, store = desk.context(request[SESSION]), desk.store.candidates
    words, answers = await store.phrasings(), await store.replies()
    rows, known = await phrasings.rows_of(ctx, words)
    replies, settled = await reply_candidates.rows_of(ctx, answers)
    more = len(words) + len(answers) - len(known) - len(settled) - len(rows) - len(replies)
    return desk.page(request, "desk/phrasings.html", rows=rows, replies=replies, more=more)


async def decide(desk: Desk, request: web.Request) -> web.Response:
    session, form, number = request[SESSION], await form_of(request), int(request.match_info["number"])
    words, answers = await desk.store.candidates.phrasings(), await desk.store.candidates.replies()
    candidates: list[PhrasingCandidate | ReplyCandidate] = [*words, *answers]
    candidate = next((one for one in candidates if one.id == number), None)
    if candidate is None:
        raise Refusal("phrasing_closed", 409)
    key, is_kept = form.get("key", ""), form.get("decision") == "keep"
    if isinstance(candidate, ReplyCandidate):
        return await _decide_reply(desk, request, key, candidate, is_kept)
    if is_kept:
        await _keep(desk, session, candidate)
    await desk.apply(session, key, Outcome("phrasings decided", decided=(number,)))
    return desk.redirect(request, "desk/phrasings", "phrasing_kept" if is_kept else "phrasing_dropped")


async def _keep(desk: Desk, session: Session, candidate: PhrasingCandidate) -> None:
    row = await phrasings.row_of(desk.context(session), candidate)
    if row is None:
        raise Refusal("phrasing_closed", 409)
    for error in await phrasings.keep(desk.context(session), [row], session.name):
        raise error


async def _decide_reply(
    desk: Desk, request: web.Request, key: str, candidate: ReplyCandidate, is_kept: bool
) -> web.Response:
    """One that is kept is a draft then, like one that is chosen in a chat."""
    session, decided = request[SESSION], (candidate.id,)
    if not is_kept:
        await desk.apply(session, key, Outcome("phrasings decided", decided=decided))
        return desk.redirect(request, "desk/phrasings", "reply_dropped")
    ctx = desk.context(session)
    row = await reply_candidates.row_of(ctx, candidate)
    outcome = await reply_candidates.propose_unseen(ctx, session.user, row) if row else None
    if outcome is None or outcome.draft is None:
        raise Refusal("reply_closed", 409)
    await desk.apply(session, key, replace(outcome, decided=decided))
    return desk.redirect(request, "desk/drafts", "reply_drafted", outcome.draft.number)
