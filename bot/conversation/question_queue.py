"""An unanswered question on its way into the moderators' queue: merged, numbered, and posted to them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.conversation import admission
from bot.conversation.addressing import Utterance
from bot.conversation.context import Context
from bot.conversation.policy import COOL_DOWN, NOTES
from bot.matching.duplicates import find_duplicate
from bot.messages import Message, Reply
from bot.replies import Then
from bot.replies.moderation import QueueRow
from bot.store import OutboxRow, Post, Purpose, Question, QueuedQuestion, SentPost


async def unanswered(ctx: Context, post: SentPost | OutboxRow) -> Question | None:
    """The question of a post, for the queue; None: it cannot be read, or was asked in private."""
    question_asked = await admission.question_of(ctx, post)
    if question_asked is None or queue_status(ctx, question_asked.message) != "queued":
        return None
    return await question(ctx, question_asked)


async def question(ctx: Context, utterance: Utterance) -> Question:
    """The question of a message, under the number of an open one that asks the same, else under a new one."""
    message, text = utterance.message, utterance.text
    number = await _asked_before(ctx, text)
    note = None
    if number is None and await ctx.store.question_of(message.channel, message.id) is None:
        number = await ctx.store.reserve()
        note = await _note(ctx, message, text, number)
    return Question(
        text=text,
        channel=message.channel,
        room=message.room,
        event=message.id,
        asker=message.sender,
        asked=min(message.sent, ctx.clock()),  # of a date to come it would be kept until then
        private=message.private,
        number=number,
        note=note,
    )


def queue_status(ctx: Context, message: Message) -> Then:
    """What may become of it: what is said in private stays there, unless the asker agrees."""
    if message.moderators_room:
        return "nothing"
    if not message.private:
        return "queued"
    if not (ctx.moderation or ctx.moderators):
        return "nothing"
    return "offered" if ctx.channel.reacts else "offered_word"


async def text_for(ctx: Context, queued: QueuedQuestion, room: str) -> str | None:
    """The words of a question as they may be shown in a room; what was asked in private only to a sealed room."""
    if queued.open_texts:
        return queued.open_texts[0]
    if room == ctx.channel.moderators_room and await ctx.channel.is_encrypted(room):
        return queued.askings[0].text if queued.askings else None
    return None


def links(ctx: Context, queued: QueuedQuestion) -> Sequence[str]:
    """Where it was asked, one link a room, the latest first."""
    rooms = {(asking.channel, asking.room): asking.event for asking in queued.askings}
    return [ctx.of(channel).channel.link(room, event) for (channel, room), event in reversed(rooms.items())]


async def _asked_before(ctx: Context, text: str) -> int | None:
    asked = [(asking.text, queued.number) for queued in await ctx.store.questions() for asking in queued.askings]
    place = await asyncio.to_thread(find_duplicate, ctx.index(), text, [words for words, _ in asked])
    return None if place is None else asked[place][1]


async def _note(ctx: Context, message: Message, text: str, number: int) -> Post | None:
    """Quiet, after the replies to members, and no more of them within an hour than people can read."""
    if ctx.moderation is None:
        return None
    target_ctx, room = ctx.moderation
    told = await ctx.store.said_since(ctx.clock() - COOL_DOWN)
    if told["asked"] >= NOTES:
        return (
            None if told["asked_more"] else _quietly(ctx.moderation, target_ctx.replies.more_questions(), number, True)
        )
    hidden = message.private and not await target_ctx.channel.is_encrypted(room)
    link = ctx.channel.link(message.room, message.id)
    shown = QueueRow(number, None if hidden else text, 1, message.sent, (link,))
    return _quietly(ctx.moderation, target_ctx.replies.new_question(shown), number)


def _quietly(where: tuple[Context, str], text: str, number: int, more: bool = False) -> Post:
    """As if overheard: whoever is addressed goes first."""
    ctx, room = where
    reply = Reply(room, text, quiet=True)
    purpose: Purpose = "asked_more" if more else "asked"
    return Post(reply, purpose, overheard=True, channel=ctx.channel.name, number=number)
