"""The figures of the desk, by week and by entry as far back as the store keeps what was posted: as a page with plots,
and each of their tables for a spreadsheet."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median

from aiohttp import web

from bot.conversation.context import Context
from bot.conversation.moderation import answer_gaps
from bot.desk.access import SESSION, Refusal
from bot.desk.desk import Desk
from bot.desk.plots import Plot, PlotSeries, stacked
from bot.locale import Wording
from bot.pages.rendered import HEADERS
from bot.replies.spreadsheet import Cell, to_csv
from bot.store import ANSWERING
from bot.store.stats import PeriodCounts

WEEKS = 14  # the store keeps posts for 90 days
MOST = 20  # entries of a list on the page; the table has all


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
    counts = await ctx.store.stats.periods([_midnight(ctx, day) for day in mondays])
    rows = [_week(*pair) for pair in zip(mondays, counts, strict=False)]
    first = next((at for at, row in enumerate(rows) if row.asked), len(rows) - 1)
    return rows[first:]


async def entry_figures(ctx: Context) -> list[EntryFigures]:
    """Those that are given most first; entries that are gone are left out."""
    given, votes = await ctx.store.stats.entry_uses(), await ctx.store.feedback.counts()
    titles = {id: entry.title for id, entry in ctx.all_knowledge.entries.items()}
    rows = [EntryFigures(id, title, given[id], *votes.get(id, (0, 0))) for id, title in titles.items()]
    return sorted(rows, key=lambda row: (-row.given, -row.liked, row.title))


def _week(monday: date, counts: PeriodCounts) -> WeekFigures:
    posts = counts.posts
    answered = sum(posts[purpose] for purpose in ANSWERING)
    hours = max(1, round(median(counts.waits) / 3600)) if counts.waits else None
    return WeekFigures(monday, answered, posts["suggest"], posts["unknown"], counts.liked, counts.disliked, hours)


def _midnight(ctx: Context, day: date) -> datetime:
    return datetime.combine(day, time(), ctx.timezone)


# Pages

Table = Callable[[Context, Wording], Awaitable[list[Sequence[Cell]]]]


async def show(desk: Desk, request: web.Request) -> web.Response:
    ctx = desk.context(request[SESSION])
    weeks, entries = await week_figures(ctx), await entry_figures(ctx)
    disliked = sorted((row for row in entries if row.disliked), key=lambda row: (-row.disliked, row.liked, row.title))
    return desk.page(
        request,
        "desk/figures.html",
        weeks=weeks,
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
    ctx = desk.context(request[SESSION])
    gaps = await answer_gaps.report(ctx, answer_gaps.DAYS)
    return desk.page(request, "desk/gaps.html", rows=gaps.rows, days=answer_gaps.DAYS)


async def table(desk: Desk, request: web.Request) -> web.Response:
    """Raises Refusal where there is no table of that name."""
    name = request.match_info["name"]
    if name not in _TABLES:
        raise Refusal("missing", 404)
    rows = await _TABLES[name](desk.context(request[SESSION]), desk.words)
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="concierge-{name}.csv"'}
    return web.Response(body=to_csv(rows), content_type="text/csv", charset="utf-8", headers=headers)


async def _weeks(ctx: Context, words: Wording) -> list[Sequence[Cell]]:
    names = ("asked", "answered", "offered", "unknown", "liked", "disliked", "hours")
    head = [words("desk.week"), *(words(f"desk.count_{name}") for name in names)]
    rows = [[row.monday.isoformat(), *(_cell(getattr(row, name)) for name in names)] for row in await week_figures(ctx)]
    return [head, *rows]


def _cell(count: int | None) -> Cell:
    return "" if count is None else count


async def _entries(ctx: Context, words: Wording) -> list[Sequence[Cell]]:
    names = ("given", "liked", "disliked")
    head = [words("desk.entry"), words("desk.entry_id"), *(words(f"desk.count_{name}") for name in names)]
    rows = [[row.title, row.id, *(getattr(row, name) for name in names)] for row in await entry_figures(ctx)]
    return [head, *rows]


async def _gaps(ctx: Context, words: Wording) -> list[Sequence[Cell]]:
    head: list[Cell] = [words("desk.gap"), words("desk.gap_times"), words("desk.gap_entry")]
    report = await answer_gaps.report(ctx, answer_gaps.DAYS)
    rows: list[Sequence[Cell]] = [(row.text, row.times, row.title or words("desk.gap_new")) for row in report.rows]
    return [head, *rows]


_TABLES: Mapping[str, Table] = {"weeks": _weeks, "entries": _entries, "gaps": _gaps}
