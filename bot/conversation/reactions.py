"""Reactions under a post: the act that each emoji stands for, and the effect of deleting one."""

from collections.abc import Mapping

from bot.conversation import acts, admission, answers
from bot.conversation.acts import Deed
from bot.conversation.addressing import plain_sign
from bot.conversation.context import Context
from bot.conversation.moderation import approval, drafting, reply_candidates
from bot.matching.decision import Silent, decide
from bot.messages import Reaction, Redaction
from bot.reading import Pick
from bot.replies import AGREE, CAPTURE, CHOICES, MORE, REFUSE, TAKE
from bot.store import Dequeue, Outcome, SentPost

_DEEDS: Mapping[str, Deed] = {
    **{AGREE: "agree", REFUSE: "refuse", "👍": "like", "👎": "dislike", MORE: "more", TAKE: "take"},
    **{sign: Pick((number,)) for number, sign in enumerate(CHOICES)},
}
_SIGNS = {plain_sign(sign): deed for sign, deed in _DEEDS.items()}
_GRATEFUL = {"👍", "❤", "🙏"}  # under a person's reply


async def react(ctx: Context, reaction: Reaction) -> Outcome:
    sign = plain_sign(reaction.key)
    deed = _SIGNS.get(sign)
    if sign == plain_sign(CAPTURE):
        return await drafting.accept(ctx, reaction)
    if deed in ("like", "dislike") and await ctx.store.journal.is_redacted(reaction.id):
        return Outcome("taken back at once")
    post = await ctx.store.posts.find(reaction.target)
    if post is None and await ctx.store.outbox.is_sending(reaction.room):
        return answers.retry_soon(ctx)
    if post is None or post.removed:
        is_thanks = post is None and sign in _GRATEFUL
        candidate = await reply_candidates.thanked(ctx, reaction) if is_thanks else None
        return Outcome("a reaction to something else").also(candidate)
    outcome = await acts.do(ctx, deed, post, reaction.sender)
    return outcome or Outcome("a reaction that means nothing to us")


async def retract(ctx: Context, redaction: Redaction) -> Outcome | None:
    """Undo a deleted 👀, 👍 or 👎, and withdraw the question that a 👎 put in the queue; None if it was none."""
    retracted = await ctx.store.feedback.retracted(redaction.channel, redaction.target, redaction.sender)
    post = await ctx.store.posts.find(retracted.target) if retracted else None
    if retracted is None or post is None:
        return None
    if post.purpose == "asked":
        return await approval.take(ctx, post, redaction.sender, is_gone=True)
    current = await answers.current(ctx, post) or post
    is_alone = not retracted.disliked and await _is_queued_for_dislike(ctx, current)
    rating = acts.rating_of(current, redaction.sender, retracted.value)
    return Outcome("taken back").also(rating, Dequeue(post.question) if is_alone and post.question else None)


async def _is_queued_for_dislike(ctx: Context, post: SentPost) -> bool:
    """Whether the question waits only because its answer was disliked, and no moderator has a draft for it."""
    if post.question is None or not post.entries:
        return False
    queued = await ctx.store.queue.question_of(post.channel, post.question)
    if queued is None or queued.closed or await ctx.store.queue.draft_for(queued.number):
        return False
    question = None if post.overheard else await admission.question_of(ctx, post)
    if question is None:
        return True
    decision = decide(await ctx.at(question.message).search(question.text), True, ctx.settings.limits)
    return not isinstance(decision, Silent) and not decision.unanswered
