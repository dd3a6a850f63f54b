"""What readers said of the answers on their pages: their words, put away one by one, and counts."""

from __future__ import annotations

from collections import Counter

from aiohttp import web

from bot.desk.desk import Desk

SHOWN = 50  # notes with words


async def show(desk: Desk, request: web.Request) -> web.Response:
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


async def put_away(desk: Desk, request: web.Request) -> web.Response:
    await desk.store.reader_notes.erase(int(request.match_info["number"]))
    return desk.redirect(request, "desk/readers", "note_put_away")
