"""The moderators' reports as values, worded elsewhere: open questions, links, statistics, gaps in the answers."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from statistics import median

from bot.conversation import admission, question_queue
from bot.conversation.context import Context
from bot.conversation.policy import CHOICE_AGE
from bot.linkcheck.links import locations
from bot.matching.duplicates import QuestionTexts
from bot.matching.index import Index
from bot.replies.link_notes import LinkReport, LinkRow, OverdueEntry
from bot.replies.moderation import DislikedAnswer, FigureSums, GapRow, QueueRow, StatsSummary
from bot.store import Counts, LinkState, Post, QueuedQuestion, SentPost

GAP_DAYS, MOST_GAP_DAYS = 30, 90  # of a report on gaps: by default, and at most
UNSURE = 0.75  # confidence below which an answer counts as a gap
READ = 60  # latest messages that are fetched again from the network


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
        rows,
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
    judged = [(id, up, down) for id, (up, down) in verdicts.items() if id in ctx.all_knowledge.entries]
    return StatsSummary(
        week=week,
        judged=tuple(sorted(judged, key=lambda one: (-one[2], -one[1], one[0]))),
        doubtful=tuple(id for id, up, down in judged if down >= MANY and down > up),
        unasked=tuple(id for id in ctx.all_knowledge.entries if id not in given),
        waiting=(len(ages) - over_week, over_week - over_month, over_month),
    )


async def gaps(ctx: Context, days: int) -> tuple[Sequence[GapRow], tuple[int, ...]]:
    """Return the gaps in the answers, grouped by meaning, and the ids of the open questions' occurrences in them.

    Those are open questions, offers that nobody chose, and answers that were not sure.
    """
    since = ctx.clock() - timedelta(days=days)
    queue = await ctx.store.queue.questions()
    askings = [one for queued in queue for one in queued.askings if not one.private and one.text and one.asked >= since]
    texts, known = [(one.text, 1) for one in askings], {one.event for one in askings}
    latest: Mapping[str, SentPost] = {post.question or "": post for post in await ctx.store.posts.public_answers(since)}
    posts = [post for event, post in latest.items() if event not in known and not post.removed]
    posts = [post for post in posts if not post.is_offer or ctx.clock() - post.made > CHOICE_AGE]
    for post in posts[-READ:]:
        if text := await _unsure_text(ctx.of(post.channel), post):
            texts.append((text, 1))
    rows = await asyncio.to_thread(group_gaps, ctx.index(), texts)
    return rows, tuple(one.id for one in askings)


def group_gaps(
    index: Index, texts: Sequence[tuple[str, int]], nearest: Callable[[str], str | None] | None = None
) -> list[GapRow]:
    """Group texts that ask the same, most asked first. Slow: call it from a thread.

    `nearest`: returns the entry for a text, if that is known already.
    """

    def find_nearest(text: str) -> str | None:
        matches = index.search(text).matches
        return matches[0].id if matches and matches[0].confidence >= question_queue.NEAR else None

    gaps, known, entries = list[GapRow](), QuestionTexts(index), index.knowledge.entries
    for text, times in texts:
        place = known.find(text)
        if place is None:
            id = (nearest or find_nearest)(text) or ""
            gaps.append(GapRow(text, times, entries[id].title if id in entries else None, id))
            known.add(text)
        else:
            gaps[place] = replace(gaps[place], times=gaps[place].times + times)
    return sorted(gaps, key=lambda gap: -gap.times)


async def _unsure_text(ctx: Context, post: SentPost) -> str | None:
    """Return the current text of a public question whose offers nobody chose, or whose answer was not sure."""
    question = await admission.question_of(ctx, post)
    if question is None or question.message.private:
        return None
    if await ctx.store.retention.has_opted_out(question.message.sender):
        return None
    if post.is_offer:
        return question.text
    matches = (await ctx.search(question.text)).matches
    is_sure = any(match.id in post.entries and match.confidence >= UNSURE for match in matches)
    return None if is_sure else question.text
