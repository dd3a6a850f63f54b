"""What moderators say by an emoji, or by a word in reply to a draft."""

from __future__ import annotations

from bot.conversation import followups
from bot.conversation.context import Context
from bot.conversation.moderation import approval, capture
from bot.conversation.moderation.drafts import NO, YES
from bot.messages import Reaction
from bot.store import Outcome, SentPost

_REFUSALS = {"non", "no", NO}
_DECIDED = {followups.plain_key(YES): True, followups.plain_key(NO): False}


async def reacted(ctx: Context, reaction: Reaction) -> Outcome:
    key = followups.plain_key(reaction.key)
    if key == followups.plain_key(capture.NOTED):
        return await capture.keep(ctx, reaction)
    if key in followups.FEEDBACK and await ctx.store.redacted(reaction.id):
        return Outcome("taken back before it was heard")
    said = await ctx.store.said(reaction.target) if key in _DECIDED else None
    if said and said.purpose == "draft" and not said.removed:
        return await approval.decide(ctx, said, reaction.sender, _DECIDED[key])
    if said and said.purpose == "asked" and not said.removed and not _DECIDED[key]:
        return await approval.set_aside(ctx, said, reaction.sender)
    return await followups.reacted(ctx, reaction)


def word(text: str) -> bool | None:
    """Yes, no, or nothing of the kind."""
    if followups.agrees(text):
        return True
    return False if followups.plain_key(text.strip().rstrip(".! ").casefold()) in _REFUSALS else None


async def answered(ctx: Context, said: SentPost, text: str, user: str) -> Outcome | None:
    """A reply to a draft that says yes or no; None: it says something else."""
    decided = word(text) if said.purpose == "draft" and not said.removed else None
    return None if decided is None else await approval.decide(ctx, said, user, decided)
