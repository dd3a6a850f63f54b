"""The figures of the desk: by week, and by entry, as far back as the store keeps what was posted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median

from bot.conversation.context import Context
from bot.store.stats import PeriodCounts

WEEKS = 14  # the store keeps posts for 90 days


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


async def weeks(ctx: Context) -> list[WeekFigures]:
    """Oldest first, from the first one with a question on; this week is the last."""
    monday = ctx.today - timedelta(days=ctx.today.weekday())
    mondays = [monday - timedelta(weeks=number) for number in reversed(range(-1, WEEKS))]
    counts = await ctx.store.stats.periods([_midnight(ctx, day) for day in mondays])
    rows = [_week(*pair) for pair in zip(mondays, counts, strict=False)]
    first = next((at for at, row in enumerate(rows) if row.asked), len(rows) - 1)
    return rows[first:]


async def entries(ctx: Context) -> list[EntryFigures]:
    """Those that are given most first; entries that are gone are left out."""
    given, votes = await ctx.store.stats.entry_uses(), await ctx.store.feedback.counts()
    titles = {id: entry.title for id, entry in ctx.all_knowledge.entries.items()}
    rows = [EntryFigures(id, title, given[id], *votes.get(id, (0, 0))) for id, title in titles.items()]
    return sorted(rows, key=lambda row: (-row.given, -row.liked, row.title))


def _week(monday: date, counts: PeriodCounts) -> WeekFigures:
    posts = counts.posts
    answered = posts["answer"] + posts["short"]
    hours = max(1, round(median(counts.waits) / 3600)) if counts.waits else None
    return WeekFigures(monday, answered, posts["suggest"], posts["unknown"], counts.liked, counts.disliked, hours)


def _midnight(ctx: Context, day: date) -> datetime:
    return datetime.combine(day, time(), ctx.timezone)
