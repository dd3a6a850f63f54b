"""Why an answer was given: the evidence for it, found again with the words of its question."""

from __future__ import annotations

from bot.conversation import admission, answers
from bot.conversation.context import Context
from bot.messages import Message
from bot.replies import Basis


async def explain(ctx: Context, message: Message) -> str | None:
    """Explain the answer that a message replies to, or the latest one; None if there is none."""
    post = await answers.replied_to_or_latest(ctx, message)
    if post is None or not (post.question or post.entries):
        return None
    question = await admission.question_of(ctx, post)
    if question is None:
        return ctx.replies.say("why_gone" if post.question else "why_related")
    ctx = ctx.at(question.message)
    matches = (await ctx.search(question.text)).matches
    origin = ctx.knowledge.origins.get(matches[0].id) if matches else None
    given, first = (*post.entries, *post.answered), [match.id for match in matches[:1]]
    likeliest = given[:1] if post.purpose == "suggest" else given
    basis: Basis = "nearest" if not given else "given" if first and first[0] in likeliest else "alone"
    return ctx.replies.why(matches, origin, basis, await ctx.read(question.text))
