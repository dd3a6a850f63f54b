"""👍 and 👎 that are taken back: they count no more, and neither does the question that a 👎 put in the queue."""

from __future__ import annotations

from bot.conversation import followups
from bot.conversation.context import Context
from bot.matching.decision import Silent, decide
from bot.matching.text import cut_vocative
from bot.messages import Redaction
from bot.store import Outcome, SentPost


async def retract_feedback(ctx: Context, redaction: Redaction) -> Outcome | None:
    """None: something else was deleted."""
    left = await ctx.store.taken_back(redaction.channel, redaction.target, redaction.sender)
    said = await ctx.store.said(left.target) if left else None
    if left is None or said is None:
        return None
    now = await followups.current(ctx, said.question) if said.question else None
    counted = followups.verdict(now or said, redaction.sender, left.value)
    alone = not left.disliked and await _is_queued_for_it(ctx, now or said)
    return Outcome("taken back", feedback=counted, dequeue=said.question if alone else None)


async def _is_queued_for_it(ctx: Context, said: SentPost) -> bool:
    """Whether the question waits only because its answer was disliked; one that a moderator is at work on is left."""
    if said.question is None or not said.entries:
        return False
    queued = await ctx.store.question_of(said.channel, said.question)
    if queued is None or queued.closed or await ctx.store.draft_for(queued.number):
        return False
    return not await _asks_more(ctx, said)


async def _asks_more(ctx: Context, said: SentPost) -> bool:
    """Whether a part of it has no answer, and waits for one."""
    message = await followups.asked(ctx, said)
    if message is None or said.overheard:
        return False
    text, _ = cut_vocative(message.text, ctx.names, message.mentions_bot)
    decision = decide(await ctx.search(text), True, ctx.limits)
    return isinstance(decision, Silent) or bool(decision.rest)
