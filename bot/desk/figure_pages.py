"""The figures as a page with plots, and each of their tables for a spreadsheet."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from aiohttp import web

from bot.conversation.context import Context
from bot.conversation.moderation import answer_gaps
from bot.desk import figures
from bot.desk.access import SESSION, Refusal
from bot.desk.desk import Desk
from bot.desk.figures import WeekFigures
from bot.desk.plots import Plot, PlotSeries, stacked
from bot.locale import Wording
from bot.pages.rendered import HEADERS
from bot.replies.spreadsheet import Cell, to_csv

MOST = 20  # entries of a list on the page; the table has all

Table = Callable[[Context, Wording], Awaitable[list[Sequence[Cell]]]]


async def show(desk: Desk, request: web.Request) -> web.Response:
    ctx = desk.context(request[SESSION])
    weeks, entries = await figures.weeks(ctx), await figures.entries(ctx)
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
    return stacked([_week(words, row) for row in weeks], series)


def _week(words: Wording, row: WeekFigures) -> str:
    return words("desk.week_label", day=row.monday.day, month=row.monday.month)


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
    rows = [
        [row.monday.isoformat(), *(_cell(getattr(row, name)) for name in names)] for row in await figures.weeks(ctx)
    ]
    return [head, *rows]


def _cell(count: int | None) -> Cell:
    return "" if count is None else count


async def _entries(ctx: Context, words: Wording) -> list[Sequence[Cell]]:
    names = ("given", "liked", "disliked")
    head = [words("desk.entry"), words("desk.entry_id"), *(words(f"desk.count_{name}") for name in names)]
    rows = [[row.title, row.id, *(getattr(row, name) for name in names)] for row in await figures.entries(ctx)]
    return [head, *rows]


async def _gaps(ctx: Context, words: Wording) -> list[Sequence[Cell]]:
    head: list[Cell] = [words("desk.gap"), words("desk.gap_times"), words("desk.gap_entry")]
    report = await answer_gaps.report(ctx, answer_gaps.DAYS)
    rows: list[Sequence[Cell]] = [(row.text, row.times, row.entry or words("desk.gap_new")) for row in report.rows]
    return [head, *rows]


_TABLES: Mapping[str, Table] = {"weeks": _weeks, "entries": _entries, "gaps": _gaps}
