"""Imported drafts, page by page: searched, opened in the form of an entry, kept in a theme or discarded together."""

from __future__ import annotations

import hashlib

from aiohttp import web

from bot.conversation.moderation import actions, imported
from bot.desk.desk import FORM, SESSION, Desk, Refusal, posted
from bot.desk.entry_pages import LONGEST_QUERY
from bot.knowledge.models import Entry
from bot.text.folding import fold

PAGE = 25  # drafts


async def show(desk: Desk, request: web.Request) -> web.Response:
    """`?q=`: only those with all these words."""
    ctx, query = desk.context(request), request.query.get("q", "").strip()[:LONGEST_QUERY]
    drafts, faults = await imported.found(ctx)
    matching = [draft for draft in drafts if all(word in _text(draft) for word in fold(query).split())]
    pages = max(1, -(-len(matching) // PAGE))
    number = request.query.get("page", "")
    page = min(max(int(number[:6]) if number.isdecimal() else 1, 1), pages)
    shown = {key(draft): draft for draft in matching[(page - 1) * PAGE : page * PAGE]}
    values = {"shown": shown, "faults": faults, "query": query, "themes": await actions.themes(ctx)}
    counts = {"total": len(drafts), "matching": len(matching), "page": page, "pages": pages}
    return desk.page(request, "desk/imported.html", status=200, **values, **counts)


def _text(draft: Entry) -> str:
    return fold(" ".join([draft.title, *draft.questions, draft.answer or ""]))


def key(draft: Entry) -> str:
    """Return a key that another draft, and this one after an edit, does not have."""
    return hashlib.sha256(draft.model_dump_json().encode()).hexdigest()[:16]


async def decide(desk: Desk, request: web.Request) -> web.Response:
    """Keep or discard those that are ticked, as they were shown; discarding asks first."""
    ctx, author, form = desk.context(request), request[SESSION].name, request[FORM]
    decision, where = posted(request, "decision"), {name: posted(request, name) for name in ("q", "page")}
    ticked = form.get("shown" if posted(request, "all") else "pick", ())
    known = {key(draft): draft for draft in (await imported.found(ctx))[0]}
    if edited := posted(request, "edit"):
        return await _edit(desk, request, known.get(edited))
    drafts = {one: known[one] for one in ticked if one in known}
    if not ticked:
        raise Refusal("nothing_ticked", 400)
    if decision == "discard":
        return desk.page(request, "desk/discarding.html", drafts=drafts, where=where)
    if decision == "discard_surely":
        await imported.discard(ctx, [*drafts.values()], author)
        return desk.redirect(request, "desk/imported", "imported_discarded", len(drafts), **where)
    chosen, title = posted(request, "theme"), posted(request, "new_theme").strip()
    if not title and chosen not in {info.file for info in await actions.themes(ctx)}:
        raise Refusal("no_theme", 400)
    await imported.keep(ctx, [*drafts.values()], title or chosen, author)
    return desk.redirect(request, "desk/imported", "imported_kept", len(drafts), **where)


async def _edit(desk: Desk, request: web.Request, draft: Entry | None) -> web.Response:
    """Propose to keep it, and open the proposal in the form of an entry."""
    if draft is None:
        raise Refusal("imported_gone", 409)
    ctx = desk.context(request)
    change = imported.keeping(draft, await actions.likely_theme(ctx, [draft.title]))
    proposal = await actions.propose_change(ctx, request[SESSION].user, change)
    await desk.apply(request, proposal.outcome)
    return desk.redirect(request, f"desk/drafts/{proposal.draft.number}")
