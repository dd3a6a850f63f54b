"""Upkeep of the answers: links that died or moved, reviews that are due, suggestions from use, readers' notes."""

from collections import Counter

from aiohttp import web

from bot.conversation.moderation import actions, phrasings, reply_candidates, reports
from bot.conversation.moderation.changes import Change, json_fields
from bot.desk.desk import Refusal, Visit, or_refuse
from bot.store import Draft, EraseCandidate, Outcome, ReplyCandidate

SHOWN = 50  # notes with words


# Links and reviews


async def show_links(visit: Visit) -> web.Response:
    report = await reports.links(visit.ctx)
    looked = report.looked.astimezone(visit.ctx.settings.timezone).date() if report.looked else None
    return visit.page("desk/links.html", report=report, looked=looked)


async def confirm_entry(visit: Visit) -> web.Response:
    """Note that the answer is still right: updated today, to be reviewed in a year; of 29 February on the 28th."""
    entry = or_refuse(await actions.stored_entry(visit.ctx, visit.address["id"]), "entry_gone", 404)
    today = visit.ctx.today
    in_a_year = today.replace(year=today.year + 1, day=min(today.day, 28) if today.month == 2 else today.day)
    dates = {"updated": today.isoformat(), "review_by": in_a_year.isoformat()}
    await visit.make_change(Change("change", entry.id, json_fields(entry), changes=dates))
    return visit.redirect("desk/links", "reviewed")


# Suggestions from use: members' words for an answer, replies worth an answer


async def show_suggestions(visit: Visit) -> web.Response:
    ctx = visit.ctx
    words, answers = await ctx.store.candidates.phrasings(), await ctx.store.candidates.replies()
    rows, replies, unusable = await phrasings.rows_of(ctx)
    more = len(words) + len(answers) - len(unusable) - len(rows) - len(replies)
    return visit.page("desk/phrasings.html", rows=rows, replies=replies, more=more)


async def decide_suggestion(visit: Visit) -> web.Response:
    """Keep a phrasing in the files, and a reply as a draft, as if it were chosen in a chat; or drop it."""
    ctx, moderator, number = visit.ctx, visit.session, visit.number
    decided = Outcome("phrasings decided").also(EraseCandidate(number))
    words, answers = await ctx.store.candidates.phrasings(), await ctx.store.candidates.replies()
    candidates: list[phrasings.Candidate] = [*words, *answers]
    candidate = next((one for one in candidates if one.id == number), None)
    if candidate is None:
        raise Refusal("phrasing_closed", 409)
    if visit.posted("decision") != "keep":
        await visit.apply(decided)
        notice = "reply_dropped" if isinstance(candidate, ReplyCandidate) else "phrasing_dropped"
        return visit.redirect("desk/phrasings", notice)
    if isinstance(candidate, ReplyCandidate):
        reply = await reply_candidates.row_of(ctx, candidate)
        proposed = await reply_candidates.propose_unseen(ctx, moderator.user, reply) if reply else Outcome("gone")
        draft = or_refuse(proposed.find(Draft), "reply_closed")
        await visit.apply(proposed.also(EraseCandidate(number)))
        return visit.redirect("desk/drafts", "reply_drafted", draft.number)
    row = or_refuse(await phrasings.row_of(ctx, candidate), "phrasing_closed")
    for error in await actions.add_phrasings(ctx, [(row.entry.id, row.phrase)], moderator.name):
        raise error
    await visit.apply(decided)
    return visit.redirect("desk/phrasings", "phrasing_kept")


# What readers said of the answers on their pages


async def show_notes(visit: Visit) -> web.Response:
    """Show their words, until somebody dealt with them, and the counts of yes and no, most no first."""
    ctx = visit.ctx
    notes = await ctx.store.reader_notes.all()
    titles = {id: entry.title for id, entry in ctx.all_knowledge.entries.items()}
    worded = [(note, note.day.astimezone(ctx.settings.timezone).date()) for note in notes if note.words]
    votes: Counter[tuple[str, int]] = Counter()
    for note in notes:
        votes[note.entry, note.value] += note.times
    counts = [(id, titles[id], votes[id, 1], votes[id, -1]) for id in titles if votes[id, 1] or votes[id, -1]]
    counts.sort(key=lambda row: (-row[3], -row[2], row[1]))
    more = max(len(worded) - SHOWN, 0)
    return visit.page("desk/readers.html", notes=worded[:SHOWN], more=more, counts=counts, titles=titles)


async def put_note_away(visit: Visit) -> web.Response:
    await visit.ctx.store.reader_notes.erase(visit.number)
    return visit.redirect("desk/readers", "note_put_away")
