"""Reads events, drops those that do not count, and finds the newest text of a message.

In an encrypted room only encrypted messages count; a message may refer to events of its own room only.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bot.conversation import addressing
from bot.conversation.addressing import Utterance
from bot.conversation.context import Context
from bot.messages import Edit, Event, Incoming, Message, MissingKey, Reaction, Redaction
from bot.store import OutboxRow, SentPost


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
