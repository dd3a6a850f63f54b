"""People whom answers name as contacts: by `!prevenez-moi` they learn of open questions near those answers."""

from __future__ import annotations

from bot.conversation import answers, question_queue
from bot.conversation.context import Context
from bot.messages import Message
from bot.store import Contact, Outcome


async def notify_me(ctx: Context, message: Message, _: str = "") -> Outcome:
    """Tell the author in this direct room from now on, or no longer, if they are told already."""
    known, agreement = await ctx.store.queue.contacts(), Contact(message.channel, message.sender, message.room)
    if any((one.channel, one.user) == (message.channel, message.sender) for one in known):
        key, agreement = "contact_ended", Contact(message.channel, message.sender, "")
    elif question_queue.own_name(message.sender) in question_queue.contact_names(ctx.knowledge.entries.values()):
        key = "contact_agreed"
    else:
        return answers.say(ctx, message, "command prevenez-moi", ctx.replies.say("contact_unnamed"))
    return answers.say(ctx, message, "command prevenez-moi", ctx.replies.say(key)).also(agreement)
