"""Access to the moderators' desk from a direct room: a link for one use, and the end of the session that it opens."""

import secrets

from bot.conversation import answers
from bot.conversation.context import Context
from bot.messages import Message, Reply
from bot.replies import REFUSE
from bot.store import DeskSession, Outcome, Post, SentPost

SECRET = 32  # random bytes of a link, and of a cookie


async def offer(ctx: Context, message: Message, _: str = "") -> Outcome:
    """Give a link to enter to the moderator who asked for it."""
    desk = ctx.settings.desk
    if desk is None:
        return answers.say(ctx, message, "command page", ctx.replies.say("desk_off"))
    token = secrets.token_hex(SECRET)
    number = await ctx.store.queue.reserve_number()
    await ctx.store.sessions.offer(token, number, message.channel, message.sender, message.room, ctx.clock())
    link = ctx.replies.desk_link(f"{desk.url}/enter/{token}", desk.tunnel)
    return answers.say(ctx, message, "command page", link, "link")


def opened(ctx: Context, session: DeskSession) -> Outcome:
    """Tell the room that asked for the link that somebody used it."""
    text = ctx.replies.session_opened(ctx.clock(), ctx.today)
    reply = Reply(session.room, text, choices=(REFUSE,) if ctx.channel.capabilities.reacts else ())
    return Outcome("session opened", (Post(reply, "session", asker=session.user, number=session.number, private=True),))


async def end(ctx: Context, post: SentPost, user: str) -> Outcome:
    """End the session for ❌ under its post, from its owner or any moderator."""
    session = await ctx.store.sessions.numbered(post.number or 0)
    if session and session.user and session.user != user and not await ctx.moderates(user):
        return Outcome("not theirs to end")
    has_ended = await ctx.store.sessions.end(post.number or 0)
    text = ctx.replies.say("session_ended" if has_ended else "session_over")
    reply = Reply(post.room, text, to=post.event, quiet=True)
    return Outcome("session ended", (Post(reply, "note", number=post.number, private=True),))
