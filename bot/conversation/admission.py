"""What of an event counts: in an encrypted room nobody's words but encrypted ones, and ids only in their own room."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation.context import Context
from bot.messages import Edit, Event, Incoming, Message, Reaction, Redaction


async def read(ctx: Context, event: Event) -> Incoming | None:
    """What an event says, as far as it counts. Raises as `Channel.read`."""
    incoming = await ctx.channel.read(event)
    match incoming:
        case Message(unencrypted=True) | Edit(message=Message(unencrypted=True)):
            return None
        case Message() as message:
            return await among_its_own(ctx, message)
        case Edit(message=message):
            target_ctx = await _stands_in(ctx, message.id, message.room)
            return replace(incoming, message=await among_its_own(ctx, message)) if target_ctx else None
        case Reaction() | Redaction():
            return incoming if await _stands_in(ctx, incoming.target, incoming.room) else None
    return incoming


async def among_its_own(ctx: Context, message: Message) -> Message:
    """As a reply to nothing, and in no thread, where it names what stands elsewhere."""
    named = (message.reply_to, message.thread)
    reply_to, thread = [id if id and await _stands_in(ctx, id, message.room) else None for id in named]
    return replace(message, reply_to=reply_to, thread=thread)


async def _stands_in(ctx: Context, event: str, room: str) -> bool:
    """Anybody can write any id. What we know nothing of may stand there: nothing is found by it either."""
    known = await ctx.store.room_of(ctx.channel.name, event)
    return known is None or ctx.channel.is_same_room(known, room)
