"""Links that died or moved, and answers that are due for review."""

from __future__ import annotations

from aiohttp import web

from bot.conversation.moderation import actions, reports
from bot.conversation.moderation.changes import Change, json_fields
from bot.desk.desk import Desk, Refusal


async def show(desk: Desk, request: web.Request) -> web.Response:
    ctx = desk.context(request)
    report = await reports.links(ctx)
    looked = report.looked.astimezone(ctx.settings.timezone).date() if report.looked else None
    return desk.page(request, "desk/links.html", report=report, looked=looked)


async def confirm(desk: Desk, request: web.Request) -> web.Response:
    """Note that the answer is still right: updated today, to be reviewed in a year; of 29 February on the 28th."""
    ctx = desk.context(request)
    entry = await actions.stored_entry(ctx, request.match_info["id"])
    if entry is None:
        raise Refusal("entry_gone", 404)
    today, month = ctx.today, ctx.today.month
    in_a_year = today.replace(year=today.year + 1, day=min(today.day, 28) if month == 2 else today.day)
    dates = {"updated": today.isoformat(), "review_by": in_a_year.isoformat()}
    await desk.make_change(request, Change("change", entry.id, json_fields(entry), changes=dates))
    return desk.redirect(request, "desk/links", "reviewed")
