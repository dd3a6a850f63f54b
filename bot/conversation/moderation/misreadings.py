"""Corrections of what the bot read: a moderator says what a message was, and the bot learns it for this network."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence

from bot.conversation.context import Context
from bot.conversation.moderation import actions
from bot.conversation.moderation.approval import ReplyTarget
from bot.knowledge.edit_result import EditError
from bot.knowledge.models import Misread
from bot.messages import Message
from bot.reading import ReadAs
from bot.store import Outcome, QueuedQuestion, Withdraw
from bot.text.markdown import paragraphs

_LEARNED = 3  # texts of one question: its first ones say enough


async def correct(ctx: Context, message: Message, words: str) -> Outcome:
    """Learn what an open question was, or a message in the moderator's words: '3 merci', 'merci : nickel chrome'."""
    number, text = None, ""
    if named := re.match(r"(\d{1,9})\s+(?=\S)", words):
        number, name = int(named[1]), words[named.end() :]
    else:
        name, _, text = words.partition(":" if ":" in words.partition("\n")[0] else "\n")
    read_as = ctx.replies.read_as(name)
    if read_as is None or not (number or text.strip()):
        how = ctx.replies.readings(), ctx.replies.help_one("lecture", is_short=True)
        return _reply(ctx, message, paragraphs(how))
    if number is None:
        return await _learn(ctx, message, [" ".join(text.split())], read_as)
    queued = await actions.open_question(ctx, number)
    if queued is None:
        return _reply(ctx, message, ctx.replies.say("no_open_question", number=number))
    if not queued.open_texts:
        return _reply(ctx, message, ctx.replies.say("misread_private", number=number))
    return await _learn(ctx, message, list(dict.fromkeys(queued.open_texts))[:_LEARNED], read_as, queued)


async def _learn(
    ctx: Context, message: Message, texts: Sequence[str], read_as: ReadAs, queued: QueuedQuestion | None = None
) -> Outcome:
    """Write the texts into the file, and set the question aside unless it is one."""
    author = await ctx.channel.name_of(message.sender)
    try:
        for text in texts:
            misread = Misread(text=" ".join(text.split()), read_as=read_as)
            await asyncio.to_thread(actions.editor_of(ctx).add_reading, misread, who=author)
    except EditError as refusal:
        return _reply(ctx, message, ctx.replies.not_written(refusal.say))
    await ctx.bot.reload()
    if queued is None or read_as == "question":
        return _reply(ctx, message, ctx.replies.reading_learned(texts[0], read_as))
    notes = await ctx.store.posts.about(queued.number, "asked")
    report = _reply(ctx, message, ctx.replies.reading_learned(texts[0], read_as, closed=queued.number))
    return report.also(*actions.dismiss(queued).effects, *(Withdraw(note.id) for note in notes))


def _reply(ctx: Context, message: Message, text: str) -> Outcome:
    return Outcome("a correction of a reading", (ReplyTarget.of(ctx, message).post(text),), addressed=True)
