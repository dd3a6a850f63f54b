"""The open questions, page by page."""

from __future__ import annotations

from bot import asking
from bot.context import Context
from bot.messages import Message
from bot.replies.moderation import Shown
from bot.store import QueuedQuestion

PAGE = 10  # questions


async def questions(here: Context, message: Message, words: str) -> tuple[str, tuple[int, ...]]:
    """The page that is asked for by its number, the first one without; and the ids of the askings on it."""
    found = await here.store.questions()
    pages = max(1, -(-len(found) // PAGE))
    page = int(words[:9]) if words.isdecimal() else 1
    if not 1 <= page <= pages:
        return here.replies.no_such_page(pages), ()
    there = found[(page - 1) * PAGE : page * PAGE]
    shown = [await _shown(here, queued, message.room) for queued in there]
    ids = tuple(asking.id for queued in there for asking in queued.askings)
    return here.replies.open_questions(shown, len(found), page, pages), ids


async def _shown(here: Context, queued: QueuedQuestion, room: str) -> Shown:
    return Shown(
        number=queued.number,
        text=await asking.text_for(here, queued, room),
        askers=queued.askers,
        since=queued.askings[0].asked,
        links=tuple(asking.links(here, queued)),
    )
