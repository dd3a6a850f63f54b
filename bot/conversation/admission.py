"""Reads events, drops those that do not count, finds the newest text of a message and what the bot said before it.

In an encrypted room only encrypted messages count; a message may refer to events of its own room only.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.conversation import addressing
from bot.conversation.addressing import Utterance
from bot.conversation.context import Context
from bot.conversation.policy import CHOICE_AGE
from bot.messages import Edit, Event, Incoming, Message, MissingKey, Reaction, Redaction
from bot.reading import Said
from bot.store import OutboxRow, Purpose, SentPost

TALK = timedelta(minutes=10)
"""How long after the bot's post a person's next message may go on from it."""
_SAID: Mapping[Purpose, Said] = {
    **dict.fromkeys(("answer", "short", "told"), "answer"),
    "suggest": "offer",
    **dict.fromkeys(("draft", "session", "asked", "relayed"), "confirm"),
}


async def read(ctx: Context, event: Event) -> Incoming | None:
    """Return the content of an event, None if it does not count. Raises as `Channel.read`."""
    incoming = await ctx.channel.read(event)
    match incoming:
        case Message(unencrypted=True) | Edit(message=Message(unencrypted=True)):
            return None
        case Message() as message:
            return await without_foreign_ids(ctx, message)
        case Edit(message=message):
            is_valid = await _stands_in(ctx, message.id, message.room)
            return replace(incoming, message=await without_foreign_ids(ctx, message)) if is_valid else None
        case Reaction() | Redaction():
            return incoming if await _stands_in(ctx, incoming.target, incoming.room) else None
    return incoming


async def without_foreign_ids(ctx: Context, message: Message) -> Message:
    """Return the message without a reply target or thread that is in another room."""
    ids = (message.reply_to, message.thread)
    reply_to, thread = [id if id and await _stands_in(ctx, id, message.room) else None for id in ids]
    return replace(message, reply_to=reply_to, thread=thread)


async def _stands_in(ctx: Context, event: str, room: str) -> bool:
    """Whether an event is in a room, or unknown: anybody can write any id, but nothing is found by an unknown one."""
    known = await ctx.store.posts.room_of(ctx.channel.name, event)
    return known is None or ctx.channel.is_same_room(known, room)


async def parse(ctx: Context, message: Message) -> Utterance:
    names, prefix = ctx.settings.names, ctx.settings.prefix
    return await asyncio.to_thread(addressing.parse, message, names, prefix, ctx.index().reader)


async def with_newest_words(ctx: Context, event: Event, message: Message) -> Message:
    """Return the message with the text of an edit that arrived before the message was handled."""
    edit = await ctx.store.journal.latest_edit(event)
    try:
        newest = await read(ctx, edit) if edit else None
    except MissingKey:
        return message
    return replace(newest.message, sent=message.sent) if isinstance(newest, Edit) else message


async def question_of(ctx: Context, post: SentPost | OutboxRow) -> Utterance | None:
    """Return the question that a post answers, in its newest text; None if there is none, or it cannot be read.

    It is fetched from its own room: a rehearsal is posted in another one.
    """
    if post.question is None:
        return None
    room = await ctx.store.posts.room_of(post.channel, post.question) or post.room
    return await fetch(ctx, room, post.question)


async def fetch(ctx: Context, room: str, id: str) -> Utterance | None:
    """Return a message in its newest text; None if it is gone or cannot be read."""
    event = await ctx.channel.fetch(room, id)
    try:
        incoming = await read(ctx, event) if event else None
    except MissingKey:
        return None
    message = incoming.message if isinstance(incoming, Edit) else incoming
    return await parse(ctx, message) if isinstance(message, Message) else None


# What the bot said before


@dataclass(frozen=True, slots=True)
class Before:
    """The context of a message.

    `post`: the one that the message replies to, else the last one to its author; `said`: its kind. `is_reply`: the
    message replies to that post. `is_next`: it comes within `TALK`, and nobody else spoke since. `is_last`: the bot
    posted nothing else to its author since. `offer`: the latest suggestions, if no answer followed.
    """

    post: SentPost | None = None
    said: Said = "nothing"
    is_reply: bool = False
    is_next: bool = False
    is_last: bool = False
    offer: SentPost | None = None


async def last_words(ctx: Context, message: Message, replied_to: SentPost | None) -> Before:
    """Return the context of a message. `replied_to`: the bot's post that the message replies to."""
    if replied_to:
        return Before(replied_to, _said(replied_to, message), is_reply=True, is_last=True)
    if message.reply_to:
        return Before()
    recent = await ctx.store.posts.recent_to(message, [*_SAID, "unknown"], ctx.clock() - CHOICE_AGE)
    if not recent:
        return Before()
    latest = recent[0]
    other = next((one for one in recent if one.post.purpose != "unknown"), None)
    said, is_old = _said(latest.post, message), ctx.clock() - latest.post.made > TALK
    is_there = message.thread is None or message.thread == latest.post.question
    return Before(
        latest.post,
        "nothing" if is_old and said == "answer" else said,
        is_next=is_there and not (is_old or latest.others_spoke or message.mentions_others),
        is_last=latest.is_last,
        offer=other.post if other and other.post.is_offer else None,
    )


def _said(post: SentPost, message: Message) -> Said:
    if post.purpose == "unknown":  # in private it asks whether to pass it on
        return "confirm" if message.private else "unknown"
    return _SAID.get(post.purpose, "nothing")
