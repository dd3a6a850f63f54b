"""The figures of the desk, by week and by entry as far back as the store keeps what was posted: as a page with plots,
and each of their tables for a spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import NamedTuple

from aiohttp import web

from bot.conversation.context import Context
from bot.conversation.moderation import answer_gaps
from bot.desk.desk import Desk, Refusal
from bot.desk.plots import Plot, PlotSeries, stacked
from bot.locale import Wording
from bot.pages.rendered import HEADERS
from bot.replies.spreadsheet import Cell, to_csv
from bot.store import ANSWERING

WEEKS = 14  # the store keeps posts for 90 days
MOST = 20  # entries of a list on the page; the table has all


class WeekFigures(NamedTuple):
    """A row of the table: counts of the week that begins on `monday`. `hours`: until a question that the bot passed on
    had its answer, the median; None: none had."""

    monday: date
    asked: int
    answered: int
    offered: int
    unknown: int
    liked: int
    disliked: int
    hours: int | None


class EntryFigures(NamedTuple):
    """A row of the table: how often an entry was given or offered, and the reactions to it."""

    title: str
    id: str
    given: int
    liked: int
    disliked: int


WEEK_HEADS = ("week", *(f"count_{name}" for name in WeekFigures._fields[1:]))
ENTRY_HEADS = ("entry", "entry_id", "count_given", "count_liked", "count_disliked")
"""Sentences of `desk.` above the columns of the tables."""


async def week_figures(ctx: Context) -> list[WeekFigures]:
    """Oldest first, from the first one with a question on; this week is the last."""
    monday = ctx.today - timedelta(days=ctx.today.weekday())
    mondays = [monday - timedelta(weeks=number) for number in reversed(range(-1, WEEKS))]
    periods = await ctx.store.stats.periods([datetime.combine(day, time(), ctx.settings.timezone) for day in mondays])
    rows = []
    for day, week in zip(mondays, periods, strict=False):
        answered = sum(week.posts[purpose] for purpose in ANSWERING)
        counts = answered, week.posts["suggest"], week.posts["unknown"]
        hours = max(1, round(median(week.waits) / 3600)) if week.waits else None
        rows.append(WeekFigures(day, sum(counts), *counts, week.liked, week.disliked, hours))
    first = next((at for at, row in enumerate(rows) if row.asked), len(rows) - 1)
    return rows[first:]


async def entry_figures(ctx: Context) -> list[EntryFigures]:
    """Return the figures of the entries, those given most first; entries that are gone are left out."""
    given, votes = await ctx.store.stats.entry_uses(), await ctx.store.feedback.counts()
    titles = {id: entry.title for id, entry in ctx.all_knowledge.entries.items()}
    rows = [EntryFigures(title, id, given[id], *votes.get(id, (0, 0))) for id, title in titles.items()]
    return sorted(rows, key=lambda row: (-row.given, -row.liked, row.title))


# Pages


async def show(desk: Desk, request: web.Request) -> web.Response:
    ctx = desk.context(request)
    weeks, entries = await week_figures(ctx), await entry_figures(ctx)
    disliked = sorted((row for row in entries if row.disliked), key=lambda row: (-row.disliked, row.liked, row.title))
    return desk.page(
        request,
        "desk/figures.html",
        weeks=weeks,
        heads=WEEK_HEADS,
        questions=_plot(desk.words, weeks, ("answered", "offered", "unknown")),
        votes=_plot(desk.words, weeks, ("liked", "disliked")),
        given=[row for row in entries if row.given][:MOST],
        disliked=disliked[:MOST],
        unused=[row for row in entries if not row.given],
    )


def _plot(words: Wording, weeks: Sequence[WeekFigures], names: Sequence[str]) -> Plot:
    series = [PlotSeries(words(f"desk.count_{name}"), name, [getattr(row, name) for row in weeks]) for name in names]
    labels = [words("desk.week_label", day=row.monday.day, month=row.monday.month) for row in weeks]
    return stacked(labels, series)


async def show_gaps(desk: Desk, request: web.Request) -> web.Response:
    """Slow: the words of members are read again from their network."""
    gaps = await answer_gaps.report(desk.context(request), answer_gaps.DAYS)
    return desk.page(request, "desk/gaps.html", rows=gaps.rows, days=answer_gaps.DAYS)


async def table(desk: Desk, request: web.Request) -> web.Response:
    """Raises Refusal where there is no table of that name."""
    ctx, name, words = desk.context(request), request.match_info["name"], desk.words
    head: Sequence[str] = WEEK_HEADS
    rows: list[Sequence[Cell]]
    match name:
        case "weeks":
            rows = [(row.monday.isoformat(), *row[1:]) for row in await week_figures(ctx)]
        case "entries":
            head, rows = ENTRY_HEADS, [*await entry_figures(ctx)]
        case "gaps":
            head, gaps = ("gap", "gap_times", "gap_entry"), await answer_gaps.report(ctx, answer_gaps.DAYS)
            rows = [(gap.text, gap.times, gap.title or words("desk.gap_new")) for gap in gaps.rows]
        case _:
            raise Refusal("missing", 404)
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="concierge-{name}.csv"'}
    csv = to_csv([[words(f"desk.{sentence}") for sentence in head], *rows])
    return web.Response(body=csv, content_type="text/csv", charset="utf-8", headers=headers)
