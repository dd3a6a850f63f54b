"""Suggestions from use, kept or dropped one by one: members' words for an answer, replies worth an answer."""

from __future__ import annotations

from aiohttp import web

from bot.conversation.moderation import phrasings, reply_candidates
from bot.desk.desk import SESSION, Desk, Refusal, posted
from bot.store import Draft, EraseCandidate, Outcome, ReplyCandidate


async def show(desk: Desk, request: web.Request) -> web.Response:
    ctx, store = desk.context(request), desk.store.candidates
    words, answers = await store.phrasings(), await store.replies()
    rows, known = await phrasings.rows_of(ctx, words)
    replies, settled = await reply_candidates.rows_of(ctx, answers)
    more = len(words) + len(answers) - len(known) - len(settled) - len(rows) - len(replies)
    return desk.page(request, "desk/phrasings.html", rows=rows, replies=replies, more=more)


async def decide(desk: Desk, request: web.Request) -> web.Response:
    """Keep a phrasing in the files, and a reply as a draft, as if it were chosen in a chat; or drop it."""
    ctx, moderator, number = desk.context(request), request[SESSION], int(request.match_info["number"])
    words, answers = await ctx.store.candidates.phrasings(), await ctx.store.candidates.replies()
    candidates: list[phrasings.Candidate] = [*words, *answers]
    candidate = next((one for one in candidates if one.id == number), None)
    if candidate is None:
        raise Refusal("phrasing_closed", 409)
    is_reply, decided = isinstance(candidate, ReplyCandidate), Outcome("phrasings decided").also(EraseCandidate(number))
    if posted(request, "decision") != "keep":
        await desk.apply(request, decided)
        return desk.redirect(request, "desk/phrasings", "reply_dropped" if is_reply else "phrasing_dropped")
    if isinstance(candidate, ReplyCandidate):
        reply = await reply_candidates.row_of(ctx, candidate)
        proposed = await reply_candidates.propose_unseen(ctx, moderator.user, reply) if reply else None
        draft = proposed.find(Draft) if proposed else None
        if proposed is None or draft is None:
            raise Refusal("reply_closed", 409)
        await desk.apply(request, proposed.also(EraseCandidate(number)))
        return desk.redirect(request, "desk/drafts", "reply_drafted", draft.number)
    row = await phrasings.row_of(ctx, candidate)
    if row is None:
        raise Refusal("phrasing_closed", 409)
    for error in await phrasings.keep(ctx, [row], moderator.name):
        raise error
    await desk.apply(request, decided)
    return desk.redirect(request, "desk/phrasings", "phrasing_kept")
