"""Upkeep of the answers: links that died or moved, reviews that are due, suggestions from use, readers' notes."""

from __future__ import annotations

from collections import Counter

from aiohttp import web

from bot.conversation.moderation import actions, phrasings, reply_candidates, reports
from bot.conversation.moderation.changes import Change, json_fields
from bot.desk.desk import SESSION, Desk, Refusal, or_refuse, posted
from bot.store import Draft, EraseCandidate, Outcome, ReplyCandidate

SHOWN = 50  # notes with words


# Links and reviews


async def show_links(desk: Desk, request: web.Request) -> web.Response:
    ctx = desk.context(request)
    report = await reports.links(ctx)
    looked = report.looked.astimezone(ctx.settings.timezone).date() if report.looked else None
    return desk.page(request, "desk/links.html", report=report, looked=looked)


async def confirm_entry(desk: Desk, request: web.Request) -> web.Response:
    """Note that the answer is still right: updated today, to be reviewed in a year; of 29 February on the 28th."""
    ctx = desk.context(request)
    entry = or_refuse(await actions.stored_entry(ctx, request.match_info["id"]), "entry_gone", 404)
    today, month = ctx.today, ctx.today.month
    in_a_year = today.replace(year=today.year + 1, day=min(today.day, 28) if month == 2 else today.day)
    dates = {"updated": today.isoformat(), "review_by": in_a_year.isoformat()}
    await desk.make_change(request, Change("change", entry.id, json_fields(entry), changes=dates))
    return desk.redirect(request, "desk/links", "reviewed")


# Suggestions from use: members' words for an answer, replies worth an answer


async def show_suggestions(desk: Desk, request: web.Request) -> web.Response:
    ctx, store = desk.context(request), desk.store.candidates
    words, answers = await store.phrasings(), await store.replies()
    rows, replies, unusable = await phrasings.rows_of(ctx)
    more = len(words) + len(answers) - len(unusable) - len(rows) - len(replies)
    return desk.page(request, "desk/phrasings.html", rows=rows, replies=replies, more=more)


async def decide_suggestion(desk: Desk, request: web.Request) -> web.Response:
    """Keep a phrasing in the files, and a reply as a draft, as if it were chosen in a chat; or drop it."""
    ctx, moderator, number = desk.context(request), request[SESSION], int(request.match_info["number"])
    decided = Outcome("phrasings decided").also(EraseCandidate(number))
    words, answers = await ctx.store.candidates.phrasings(), await ctx.store.candidates.replies()
    candidates: list[phrasings.Candidate] = [*words, *answers]
    candidate = next((one for one in candidates if one.id == number), None)
    if candidate is None:
        raise Refusal("phrasing_closed", 409)
    if posted(request, "decision") != "keep":
        await desk.apply(request, decided)
        notice = "reply_dropped" if isinstance(candidate, ReplyCandidate) else "phrasing_dropped"
        return desk.redirect(request, "desk/phrasings", notice)
    if isinstance(candidate, ReplyCandidate):
        reply = await reply_candidates.row_of(ctx, candidate)
        proposed = await reply_candidates.propose_unseen(ctx, moderator.user, reply) if reply else Outcome("gone")
        draft = or_refuse(proposed.find(Draft), "reply_closed")
        await desk.apply(request, proposed.also(EraseCandidate(number)))
        return desk.redirect(request, "desk/drafts", "reply_drafted", draft.number)
    row = or_refuse(await phrasings.row_of(ctx, candidate), "phrasing_closed")
    for error in await actions.add_phrasings(ctx, [(row.entry.id, row.phrase)], moderator.name):
        raise error
    await desk.apply(request, decided)
    return desk.redirect(request, "desk/phrasings", "phrasing_kept")


# What readers said of the answers on their pages


async def show_notes(desk: Desk, request: web.Request) -> web.Response:
    """Show their words, until somebody dealt with them, and the counts of yes and no, most no first."""
    ctx = desk.context(request)
    notes = await desk.store.reader_notes.all()
    titles = {id: entry.title for id, entry in ctx.all_knowledge.entries.items()}
    worded = [(note, note.day.astimezone(ctx.settings.timezone).date()) for note in notes if note.words]
    votes: Counter[tuple[str, int]] = Counter()
    for note in notes:
        votes[note.entry, note.value] += note.times
    counts = [(id, titles[id], votes[id, 1], votes[id, -1]) for id in titles if votes[id, 1] or votes[id, -1]]
    counts.sort(key=lambda row: (-row[3], -row[2], row[1]))
    more = max(len(worded) - SHOWN, 0)
    return desk.page(request, "desk/readers.html", notes=worded[:SHOWN], more=more, counts=counts, titles=titles)


async def put_note_away(desk: Desk, request: web.Request) -> web.Response:
    await desk.store.reader_notes.erase(int(request.match_info["number"]))
    return desk.redirect(request, "desk/readers", "note_put_away")
