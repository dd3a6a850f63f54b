"""What of an event counts: in an encrypted room, nobody's words but encrypted ones."""

from __future__ import annotations

from bot.context import Context
from bot.messages import Edit, Event, Incoming, Message


async def read(here: Context, event: Event) -> Incoming | None:
    """What an event says, as far as it counts. Raises as `Channel.read`."""
    incoming = await here.channel.read(event)
    said = incoming.message if isinstance(incoming, Edit) else incoming
    return None if isinstance(said, Message) and said.unencrypted else incoming
