"""The figures of the desk, by week and by entry as far back as the store keeps what was posted: as a page with plots,
and each of their tables for a spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median

from aiohttp import web

from bot.conversation.context import Context
from bot.conversation.moderation import answer_gaps
from bot.desk.desk import Desk
from bot.desk.plots import Plot, PlotSeries, stacked
from bot.desk.requests import Refusal
from bot.locale import Wording
from bot.pages.rendered import HEADERS
from bot.replies.spreadsheet import Cell, to_csv
from bot.store import ANSWERING

WEEKS = 14  # the store keeps posts for 90 days
MOST = 20  # entries of a list on the page; the table has all
WEEK_COUNTS = ("asked", "answered", "offered", "unknown", "liked", "disliked", "hours")
WEEK_HEADS = ("week", *(f"count_{name}" for name in WEEK_COUNTS))
"""Sentences of `desk.` above the columns of the table."""


@dataclass(frozen=True, slots=True)
class WeekFigures:
    """Counts of the week that begins on `monday`. `hours`: until a question that the bot passed on had its answer, the
    median; None: none had."""

    monday: date
    answered: int
    offered: int
    unknown: int
    liked: int
    disliked: int
    hours: int | None

    @property
    def asked(self) -> int:
        return self.answered + self.offered + self.unknown


@dataclass(frozen=True, slots=True)
class EntryFigures:
    """How often an entry was given or offered, and the reactions to it."""

    id: str
    title: str
    given: int
    liked: int
    disliked: int


async def week_figures(ctx: Context) -> list[WeekFigures]:
    """Oldest first, from the first one with a question on; this week is the last."""
    monday = ctx.today - timedelta(days=ctx.today.weekday())
    mondays = [monday - timedelta(weeks=number) for number in reversed(range(-1, WEEKS))]
    counts = await ctx.store.stats.periods([datetime.combine(day, time(), ctx.timezone) for day in mondays])
    rows = []
    for day, week in zip(mondays, counts, strict=False):
        answered = sum(week.posts[purpose] for purpose in ANSWERING)
        offered, unknown = week.posts["suggest"], week.posts["unknown"]
        hours = max(1, round(median(week.waits) / 3600)) if week.waits else None
        rows.append(WeekFigures(day, answered, offered, unknown, week.liked, week.disliked, hours))
    first = next((at for at, row in enumerate(rows) if row.asked), len(rows) - 1)
    return rows[first:]


async def entry_figures(ctx: Context) -> list[EntryFigures]:
    """Those that are given most first; entries that are gone are left out."""
    given, votes = await ctx.store.stats.entry_uses(), await ctx.store.feedback.counts()
    titles = {id: entry.title for id, entry in ctx.all_knowledge.entries.items()}
    rows = [EntryFigures(id, title, given[id], *votes.get(id, (0, 0))) for id, title in titles.items()]
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
        counts=WEEK_COUNTS,
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
    head: Sequence[str]
    rows: list[Sequence[Cell]]
    match name:
        case "weeks":
            head = WEEK_HEADS
            weeks = await week_figures(ctx)
            rows = [(week.monday.isoformat(), *(getattr(week, count) for count in WEEK_COUNTS)) for week in weeks]
        case "entries":
            head = "entry", "entry_id", "count_given", "count_liked", "count_disliked"
            rows = [(row.title, row.id, row.given, row.liked, row.disliked) for row in await entry_figures(ctx)]
        case "gaps":
            head = "gap", "gap_times", "gap_entry"
            gaps = await answer_gaps.report(ctx, answer_gaps.DAYS)
            rows = [(gap.text, gap.times, gap.title or words("desk.gap_new")) for gap in gaps.rows]
        case _:
            raise Refusal("missing", 404)
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="concierge-{name}.csv"'}
    csv = to_csv([[words(f"desk.{sentence}") for sentence in head], *rows])
    return web.Response(body=csv, content_type="text/csv", charset="utf-8", headers=headers)
