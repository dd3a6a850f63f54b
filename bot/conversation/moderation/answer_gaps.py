"""Gaps in the answers: open questions, offers that nobody chose, answers that were not sure; grouped by meaning."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.conversation import admission
from bot.conversation.context import Context
from bot.conversation.policy import CHOICE_AGE
from bot.conversation.question_queue import NEAR
from bot.matching.duplicates import QuestionTexts
from bot.matching.index import Index
from bot.replies.moderation import GapRow
from bot.store import SentPost

DAYS, MOST_DAYS = 30, 90  # of a report: by default, and at most
UNSURE = 0.75  # confidence below which an answer counts as a gap
READ = 60  # latest messages that are fetched again from the network


@dataclass(frozen=True, slots=True)
class GapReport:
    """A report. `askings`: ids of the open questions' occurrences in it."""

    rows: Sequence[GapRow]
    askings: tuple[int, ...]


async def report(ctx: Context, days: int) -> GapReport:
    since = ctx.clock() - timedelta(days=days)
    queue = await ctx.store.queue.questions()
    askings = [one for queued in queue for one in queued.askings if not one.private and one.text and one.asked >= since]
    texts, known = [(one.text, 1) for one in askings], {one.event for one in askings}
    latest: Mapping[str, SentPost] = {post.question or "": post for post in await ctx.store.posts.public_answers(since)}
    posts = [post for event, post in latest.items() if event not in known and not post.removed]
    posts = [post for post in posts if post.purpose != "suggest" or ctx.clock() - post.made > CHOICE_AGE]
    for post in posts[-READ:]:
        if text := await _unsure_text(ctx.of(post.channel), post):
            texts.append((text, 1))
    rows = await asyncio.to_thread(grouped, ctx.index(), texts)
    return GapReport(rows, tuple(one.id for one in askings))


def grouped(
    index: Index, texts: Sequence[tuple[str, int]], nearest: Callable[[str], str | None] | None = None
) -> list[GapRow]:
    """Group texts that ask the same, most asked first. Slow: call it from a thread.

    `nearest`: returns the entry for a text, if that is known already.
    """

    def find_nearest(text: str) -> str | None:
        matches = index.search(text).matches
        return matches[0].id if matches and matches[0].confidence >= NEAR else None

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
    if post.purpose == "suggest":
        return question.text
    matches = (await ctx.search(question.text)).matches
    is_sure = any(match.id in post.entries and match.confidence >= UNSURE for match in matches)
    return None if is_sure else question.text
