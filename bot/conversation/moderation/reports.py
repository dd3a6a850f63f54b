"""The moderators' reports, a page of the queue, the links and the statistics, as values to be worded elsewhere."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from statistics import median

from bot.conversation import question_queue
from bot.conversation.context import Context
from bot.linkcheck.links import locations
from bot.replies.link_notes import LinkReport, LinkRow, OverdueEntry
from bot.replies.moderation import DislikedAnswer, EntryFeedback, FigureSums, QueueRow, StatsSummary
from bot.store import Counts, LinkState, Post, QueuedQuestion

PAGE = 10  # questions on a page


@dataclass(frozen=True, slots=True)
class QueuePage:
    """A page of open questions. `total`: of all pages; `askings`: the ids of occurrences on this one."""

    rows: Sequence[QueueRow]
    total: int
    page: int
    pages: int
    askings: tuple[int, ...]


async def queue_page(ctx: Context, page: int, room: str) -> QueuePage:
    """Return a page, from 1, as `room` may see it; without rows if there is no such page."""
    queue = await ctx.store.queue.questions()
    pages = max(1, -(-len(queue) // PAGE))
    on_page = queue[(page - 1) * PAGE : page * PAGE]
    rows = [await queue_row(ctx, queued, room) for queued in on_page]
    ids = tuple(asking.id for queued in on_page for asking in queued.askings)
    return QueuePage(rows, len(queue), page, pages, ids)


async def queue_row(ctx: Context, queued: QueuedQuestion, room: str) -> QueueRow:
    """Return a question as a room may see it; a private one is queued only if its asker agreed."""
    texts, askings = [*queued.open_texts], queued.askings
    for asking in () if texts else askings:
        if await question_queue.may_show(ctx.of(asking.channel), asking.room, ctx, room):
            texts.append(asking.text)
    # Moderators are not in private rooms: a link for each other room, the latest first.
    rooms = {(asking.channel, asking.room): asking.event for asking in askings if not asking.private}
    links = [ctx.of(channel).channel.link(place, event) for (channel, place), event in reversed(rooms.items())]
    return QueueRow(
        number=queued.number,
        text=texts[0] if texts else None,
        askers=queued.askers,
        since=askings[0].asked,
        links=tuple(links),
        private=all(asking.private for asking in askings),
        disliked=await disliked(ctx, queued),
        taken=await taker(ctx, queued),
    )


async def disliked(ctx: Context, queued: QueuedQuestion) -> DislikedAnswer | None:
    """Return the latest answer to a question, if anybody dislikes it."""
    replies = [post for one in queued.askings for post in await ctx.store.posts.replies_to(one.event) if post.entries]
    return await question_queue.disliked_answer(ctx, replies[-1] if replies else None)


async def edited_note(ctx: Context, queued: QueuedQuestion, disliked: DislikedAnswer | None = None) -> Post | None:
    """Return the edit of the note about a question; None if there is none. `disliked`: as it is from now on."""
    if ctx.moderation is None:
        return None
    target_ctx, room = ctx.moderation
    notes = [note.event for note in await ctx.store.posts.about(queued.number, "asked") if note.room == room]
    row = await queue_row(target_ctx, queued, room)
    row = replace(row, disliked=disliked or row.disliked)
    return question_queue.note(target_ctx, room, row, replaces=notes[0]) if notes else None


async def taker(ctx: Context, queued: QueuedQuestion) -> Sequence[tuple[str, datetime]]:
    """Return the name of who looks after a question, and since when; nothing if nobody does who still moderates."""
    own = ctx.of(queued.taken_in or "")
    if not (queued.taken_by and queued.taken) or not await own.moderates(queued.taken_by):
        return ()
    return [(await own.channel.name_of(queued.taken_by), queued.taken)]


async def links(ctx: Context) -> LinkReport:
    states, origins = await ctx.store.links.states(), ctx.all_knowledge.origins
    rows, links = defaultdict[str, list[LinkRow]](list), [*locations(ctx.all_knowledge)]
    for link in links:
        if state := states.get(link.url):
            kind = _kind(state)
            detail = state.moved_to if kind == "moved" else state.detail
            rows[kind].append(LinkRow(link.title, link.where, link.url, detail or "", link.entry))
    due = [
        OverdueEntry(one.title, origins[one.id].at("review_by") if one.id in origins else one.id, one.review_by, one.id)
        for one in ctx.all_knowledge.entries.values()
        if one.review_by and one.is_overdue(ctx.today)
    ]
    return LinkReport(
        dead=rows["dead"],
        once=rows["once"],
        moved=rows["moved"],
        unsure=rows["unsure"],
        review=sorted(due, key=lambda one: one.since),
        unlooked=len({link.url for link in links} - states.keys()),
        looked=max((state.checked for state in states.values()), default=None),
        then=await ctx.store.links.next_check(),
    )


def _kind(link: LinkState) -> str:
    """Return the list that a link belongs to; empty if it works."""
    if link.dead_times:
        return "dead" if link.is_dead else "once"
    if link.state == "unsure":
        return "unsure"
    return "moved" if link.moved_to else ""


MANY = 3
"""Least dislikes of a doubtful entry, if they outnumber its likes."""


FIGURES = ("asked", "answered", "resolved", "refused", "missed", "open", "dismissed", "liked", "disliked")
"""Counts of questions and of reactions, in the order of tables; `hours` follows."""


async def figures(ctx: Context, first: date, last: date) -> Counts:
    return await ctx.store.stats.figures(first, last, ctx.settings.timezone)


def sums(counts: Counts) -> FigureSums:
    total, minutes = Counter[str](), list[int]()
    for (_, figure, detail), number in counts.items():
        total[figure] += number
        minutes += [int(detail)] * number if figure == "waited" else []
    hours = max(1, round(median(minutes) / 60)) if minutes else None
    return {**{figure: total[figure] for figure in FIGURES}, "hours": hours}


def by_entry(counts: Counts, figure: str) -> Counter[str]:
    entries = Counter[str]()
    for (_, name, entry), number in counts.items():
        entries[entry] += number if name == figure else 0
    return +entries


def periods(counts: Counts, monthly: bool) -> list[tuple[date, FigureSums]]:
    """Return the sums of each month, or week, that has any, by its first day, oldest first."""
    parts = defaultdict[date, Counts](Counter)
    for key, number in counts.items():
        day = key[0]
        parts[day.replace(day=1) if monthly else day - timedelta(days=day.weekday())][key] = number
    return [(begin, sums(parts[begin])) for begin in sorted(parts)]


async def months(ctx: Context) -> list[tuple[date, FigureSums]]:
    """Return the sums of this month and the eleven before it."""
    first = (ctx.today.replace(day=1) - timedelta(days=330)).replace(day=1)
    return periods(await figures(ctx, first, ctx.today), monthly=True)


async def stats(ctx: Context) -> StatsSummary:
    week = sums(await figures(ctx, ctx.today - timedelta(days=6), ctx.today))
    ages = [ctx.clock() - queued.askings[0].asked for queued in await ctx.store.queue.questions()]
    over_week, over_month = (sum(age > timedelta(days=days) for age in ages) for days in (7, 30))
    verdicts = await ctx.store.feedback.counts()
    given = await ctx.store.stats.entry_uses()
    judged = [EntryFeedback(id, up, down) for id, (up, down) in verdicts.items() if id in ctx.all_knowledge.entries]
    return StatsSummary(
        week=week,
        judged=tuple(sorted(judged, key=lambda one: (-one.down, -one.up, one.id))),
        doubtful=tuple(one.id for one in judged if one.down >= MANY and one.down > one.up),
        unasked=tuple(id for id in ctx.all_knowledge.entries if id not in given),
        waiting=(len(ages) - over_week, over_week - over_month, over_month),
    )
