"""A moderator takes a question: the others see who looks after it, until it is given back or answered, or lapses."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation.context import Context
from bot.conversation.moderation import actions, reports
from bot.store import TAKEN, Outcome, QuestionTaking, QueuedQuestion, SentPost


async def take(ctx: Context, queued: QueuedQuestion, user: str) -> Outcome:
    """Note who looks after a question, empty: nobody, and say so in the note about it."""
    taking = QuestionTaking(queued.number, user, ctx.channel.name, ctx.clock())
    note = await reports.edited_note(ctx, replace(queued, taken_by=user, taken_in=taking.channel, taken=taking.at))
    shown = tuple(asking.id for asking in queued.askings) if note else ()
    return replace(Outcome(TAKEN).also(taking, note), shows=shown)


async def by_sign(ctx: Context, post: SentPost, user: str, *, is_gone: bool = False) -> Outcome:
    """Take a question for 👀 under the note about it, and give it back once that is removed."""
    queued = await actions.open_question(ctx, post.number) if post.number is not None else None
    if queued is None or (is_gone and queued.taken_by != user) or not await ctx.moderates(user):
        return Outcome("no question to take")
    return await take(ctx, queued, "" if is_gone else user)
