"""Unprompted posts: on joining a room, on messages that cannot be read or were given up, on a new beginning."""

import logging
from dataclasses import replace

from bot.conversation import answers, policy
from bot.conversation.admission import TALK
from bot.conversation.context import Context
from bot.messages import Event, Joined, Message, Renewed, Reply
from bot.store import Outcome, Post

log = logging.getLogger(__name__)


def message_id(event: Event) -> str:
    """Return the id of the message that an event is, or edits."""
    return event.relates_to or event.id if event.kind == "edit" else event.id


async def introduce(ctx: Context, joined: Joined) -> Outcome:
    if await ctx.store.posts.has_any(joined.room, "introduction"):
        return Outcome("known here already")
    room = ctx.channel.moderators_room
    if room and ctx.channel.is_same_room(joined.room, room):
        text = ctx.replies.say("introduction_moderators")
    else:
        text = ctx.replies.introduction(overhears=joined.listen == "questions")
    return Outcome("introduction", (Post(Reply(joined.room, text, quiet=True), "introduction"),))


async def say_only_text(ctx: Context, message: Message) -> Outcome:
    """Reply to a file, once for all that come within some minutes."""
    if await ctx.store.posts.is_warned(message.sender, "file", ctx.clock() - TALK):
        return Outcome("one more file")
    return answers.say(ctx, message, "a file", ctx.replies.say("only_text"), "file")


async def wait_for_key(ctx: Context, event: Event) -> Outcome:
    """Retry when a key may have come, as long as an answer is worth it."""
    now = ctx.clock()
    if now - event.sent > policy.ADDRESSED_AGE:
        return Outcome("no key in time")
    received = await ctx.store.journal.received_at(event)
    waited, looks = now - received, policy.KEY_LOOKS
    retry_at = received + next((look for look in looks if look > waited), waited + looks[-1])
    if waited < policy.KEY_PATIENCE or await ctx.store.posts.has_any(event.room, "undecryptable"):
        return Outcome("no key yet", retry_at=retry_at)
    # Not a reply: the message may still get its answer, and may not have been meant for the bot.
    post = Post(Reply(event.room, ctx.replies.say("undecryptable"), quiet=True), "undecryptable")
    return Outcome("no key yet, and said so", (post,), retry_at=retry_at)


async def give_up(ctx: Context, event: Event) -> Outcome:
    """Drop an event that hung the program several times.

    Moderators get a link to it; if it is private, only its sender is notified.
    """
    log.error("%s: given up: it hung the program %d times", event.id, event.tries)
    outcome = Outcome("held the program up")
    if event.kind not in ("message", "edit"):
        return outcome
    if await ctx.channel.is_private(event):
        reply = Reply(event.room, ctx.replies.say("not_readable"), to=message_id(event), mentions=(event.sender,))
        return replace(outcome, posts=(Post(reply, "command", question=message_id(event), asker=event.sender),))
    if ctx.moderation is None:
        return outcome
    target_ctx, room = ctx.moderation
    text = target_ctx.replies.say("held_up", link=ctx.channel.link(event.room, message_id(event)))
    return replace(outcome, posts=(Post(Reply(room, text, quiet=True), "note", channel=target_ctx.channel.name),))


def report_renewal(ctx: Context, renewed: Renewed) -> Outcome:
    if not (room := ctx.channel.moderators_room):
        return Outcome("began anew without a moderators' room")
    text = ctx.replies.renewed(renewed.losses)
    return Outcome("began anew", (Post(Reply(room, text, quiet=True), "note"),))
