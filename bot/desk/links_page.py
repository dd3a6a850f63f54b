"""Links that died or moved, and answers that are due for review."""

from __future__ import annotations

from datetime import date

from aiohttp import web

from bot.conversation.moderation import actions, reports
from bot.conversation.moderation.changes import Change, json_fields
from bot.desk.access import SESSION, Refusal, form_of
from bot.desk.desk import Desk


async def show(desk: Desk, request: web.Request) -> web.Response:
    report = await reports.links(desk.context(request[SESSION]))
    looked = desk.day(report.looked) if report.looked else None
    return desk.page(request, "desk/links.html", report=report, looked=looked)


async def confirm(desk: Desk, request: web.Request) -> web.Response:
    """The answer is still right: updated today, to be reviewed in a year."""
    session, form = request[SESSION], await form_of(request)
    ctx = desk.context(session)
    entry = await actions.stored_entry(ctx, request.match_info["id"])
    if entry is None:
        raise Refusal("entry_gone", 404)
    dates = {"updated": ctx.today.isoformat(), "review_by": _in_a_year(ctx.today).isoformat()}
    change = Change("change", entry.id, json_fields(entry), changes=dates)
    await desk.make_change(session, form.get("key", ""), change)
    return desk.redirect(request, "desk/links", "reviewed")


def _in_a_year(day: date) -> date:
    """The same day of the next year; of 29 February the 28th."""
    return day.replace(year=day.year + 1, day=min(day.day, 28) if day.month == 2 else day.day)
