"""The figures of the desk between two days: what became of the questions, by week or month and by entry, each with its
examples; and each table for a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from aiohttp import web

from bot.conversation.context import Context
from bot.conversation.moderation import reports
from bot.desk.desk import Refusal, Visit
from bot.pages.rendered import HEADERS
from bot.store import Counts

DAYS = 90  # until today, by default
WEEKS = 14  # more are shown by month
MOST = 20  # entries of a list on the page, and examples of a figure; the table has all
Cell = str | int | None
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # begins a text that a spreadsheet would run


class EntryFigures(NamedTuple):
    """A row of the table: how often an entry was given, and the reactions to it."""

    title: str
    id: str
    given: int
    liked: int
    disliked: int


FigureExample = tuple[str, str, int]
"""Words or a title, the path of the page that shows it, and how often."""


def _days(visit: Visit) -> tuple[date, date]:
    """Return the first and the last day that the request names; by default those of the last 90 days."""

    today = visit.ctx.today

    def day(name: str, default: date) -> date:
        try:
            return min(date.fromisoformat(visit.query.get(name, "")), today)
        except ValueError:
            return default

    first, last = sorted((day("from", today - timedelta(days=DAYS - 1)), day("to", today)))
    return first, last


def _entries(ctx: Context, counts: Counts) -> list[EntryFigures]:
    """Return the figures of the entries, those given most first; entries that are gone are left out."""
    columns = [reports.by_entry(counts, figure) for figure in ("given", "liked", "disliked")]
    titles = {id: entry.title for id, entry in ctx.all_knowledge.entries.items()}
    rows = [EntryFigures(title, id, *(column[id] for column in columns)) for id, title in titles.items()]
    return sorted(rows, key=lambda row: (-row.given, -row.liked, row.title))


async def _examples(ctx: Context, counts: Counts, first: date, last: date) -> dict[str, list[FigureExample]]:
    """Return the examples of each figure: open questions' words as asked in public, else the entries' titles."""
    entries, zone = ctx.all_knowledge.entries, ctx.settings.timezone
    examples: dict[str, list[FigureExample]] = {}
    for figure in reports.FIGURES:
        uses = reports.by_entry(counts, figure).most_common()
        examples[figure] = [(entries[id].title, f"desk/e/{id}", times) for id, times in uses if id in entries]
    examples["open"] = []
    for queued in await ctx.store.queue.questions():
        public = [one for one in queued.askings if not one.private]
        texts = [one.text for one in public if first <= one.asked.astimezone(zone).date() <= last]
        if texts:
            examples["open"].append((texts[0], "desk", len(texts)))
    return {figure: rows[:MOST] for figure, rows in examples.items()}


# Pages


async def show(visit: Visit) -> web.Response:
    ctx = visit.ctx
    first, last = _days(visit)
    monthly, counts = (last - first).days > 7 * WEEKS, await reports.figures(ctx, first, last)
    entries, offered = _entries(ctx, counts), await ctx.store.stats.entry_uses()
    disliked = sorted((row for row in entries if row.disliked), key=lambda row: (-row.disliked, row.liked, row.title))
    return visit.page(
        "desk/figures.html",
        first=first,
        last=last,
        today=ctx.today,
        begun=min((day for day, *_ in counts), default=last),
        total=reports.sums(counts),
        examples=await _examples(ctx, counts, first, last),
        periods=reports.periods(counts, monthly),
        monthly=monthly,
        given=[row for row in entries if row.given][:MOST],
        disliked=disliked[:MOST],
        unused=[row for row in entries if not row.given and row.id not in offered],
    )


async def show_gaps(visit: Visit) -> web.Response:
    """Slow: the words of members are read again from their network."""
    (gaps, _), months = await reports.gaps(visit.ctx, reports.GAP_DAYS), await reports.months(visit.ctx)
    return visit.page("desk/gaps.html", rows=gaps, days=reports.GAP_DAYS, months=months)


async def table(visit: Visit) -> web.Response:
    """Raises Refusal where there is no table of that name. `head`: sentences of `desk.` above the columns."""
    ctx, name, words = visit.ctx, visit.address["name"], visit.words
    head: Sequence[str]
    rows: list[Sequence[Cell]]
    match name:
        case "weeks" | "months":
            head = ("from_day", *(f"figure_{figure}" for figure in (*reports.FIGURES, "hours")))
            counts = await reports.figures(ctx, *_days(visit))
            rows = [(day.isoformat(), *row.values()) for day, row in reports.periods(counts, name == "months")]
        case "entries":
            head = ("entry", "entry_id", "count_given", "figure_liked", "figure_disliked")
            rows = [*_entries(ctx, await reports.figures(ctx, *_days(visit)))]
        case "gaps":
            head, (gaps, _) = ("gap", "gap_times", "gap_entry"), await reports.gaps(ctx, reports.GAP_DAYS)
            rows = [(gap.text, gap.times, gap.title or words("desk.gap_new")) for gap in gaps]
        case _:
            raise Refusal("missing", 404)
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="concierge-{name}.csv"'}
    content = to_csv([[words(f"desk.{sentence}") for sentence in head], *rows])
    return web.Response(body=content, content_type="text/csv", charset="utf-8", headers=headers)


def to_csv(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return rows as CSV (RFC 4180), in the form that French spreadsheets expect; None is an empty cell.

    The separator is a semicolon; a byte order mark before the UTF-8 keeps accents intact.
    """
    text = io.StringIO()
    table = csv.writer(text, delimiter=";")
    for row in rows:
        # An apostrophe before a text that a spreadsheet would run as a formula.
        formula = [isinstance(cell, str) and cell.lstrip(" ").startswith(_FORMULA) for cell in row]
        table.writerow([f"'{cell}" if is_run else cell for cell, is_run in zip(row, formula, strict=True)])
    return text.getvalue().encode("utf-8-sig", "replace")
