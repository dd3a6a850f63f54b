"""Notifications of an answer: one message a room, in reply to the latest question, naming all who asked there.

They ring as any message does and mention nobody: Element shows all of a message that mentions its reader in red.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from bot.conversation import admission
from bot.conversation.context import Context
from bot.conversation.policy import NEWS_AGE
from bot.knowledge.models import Entry
from bot.matching.locality import is_hidden
from bot.messages import Edit, Event, Message, MissingKey, Reply
from bot.store import Post, QuestionClosure, QuestionOccurrence, QueuedQuestion

Words = Callable[[Context, Sequence[str]], str]
"""Returns the text at a venue for the people of these names; empty for no notification."""


def untold(queued: QueuedQuestion, informed: Collection[int] = ()) -> list[QuestionOccurrence]:
    """Return the occurrences whose askers have no answer yet. `informed`: ids of those who have it from a person."""
    known = {asking.asker for asking in queued.askings if asking.id in informed}
    return [asking for asking in queued.askings if asking.told is None and asking.asker not in known]


async def notifications_for(
    ctx: Context,
    queued: QueuedQuestion,
    words: Words,
    askings: Sequence[QuestionOccurrence],
    *,
    entry: str | None = None,
    relays: str | None = None,
) -> tuple[Post, ...]:
    """Return the posts to the askers of `askings`; none for questions that are deleted or older than 30 days."""
    rooms: dict[tuple[str, str], list[QuestionOccurrence]] = defaultdict(list)
    for asking in askings:
        if ctx.clock() - asking.asked <= NEWS_AGE:
            rooms[asking.channel, asking.room].append(asking)
    all_rooms = [(asking.channel, asking.room) for asking in queued.askings]
    entries, posts = (entry,) if entry else (), []  # no question's id: news is never too late to be sent
    for (channel, room), asked_there in rooms.items():
        is_only = all_rooms.count((channel, room)) == 1
        if reply := await _reply(ctx.of(channel), room, asked_there, words, may_quote=is_only):
            name = ctx.of(channel).channel.name
            posts.append(Post(reply, "told", entries, channel=name, number=queued.number, relays=relays))
    return tuple(posts)


async def shown_to(ctx: Context, queued: QueuedQuestion, entry: Entry) -> QueuedQuestion:
    """Return the question without the occurrences where the entry is hidden."""
    if entry.public:
        return queued
    askings = []
    for occurrence in queued.askings:
        own = ctx.of(occurrence.channel)
        asking = await _read(own, occurrence.room, occurrence)
        if asking is None or not is_hidden(entry, own.at(asking[1]).venue):
            askings.append(occurrence)
    return replace(queued, askings=tuple(askings))


def closure_of(queued: QueuedQuestion, entry: str | None = None) -> QuestionClosure:
    return QuestionClosure(queued.number, tuple(asking.id for asking in queued.askings), entry)


async def _reply(
    ctx: Context, room: str, occurrences: Sequence[QuestionOccurrence], words: Words, may_quote: bool
) -> Reply | None:
    """Return the reply in a room, or None.

    `may_quote`: nobody else asked the same in the room, so the post can go when the question is deleted.
    """
    askings = [asking for occurrence in occurrences if (asking := await _read(ctx, room, occurrence))]
    if not askings:
        return None
    event, message = askings[-1]
    names = [await ctx.channel.name_of(user) for user in dict.fromkeys(event.sender for event, _ in askings)]
    text, thread = words(ctx.at(message), names), None
    if not text:
        return None
    if message:
        question = ctx.index().question_text(message.text) if may_quote else ""
        text, thread = ctx.replies.wrap(question, text, is_passed_on=True), message.thread
    return Reply(room, text, to=event.id, thread=thread)


async def _read(ctx: Context, room: str, occurrence: QuestionOccurrence) -> tuple[Event, Message | None] | None:
    """Return a question as it is now, without a message if it cannot be decrypted any more.

    Returns None if it was deleted, or its room cannot be read any more.
    """
    event = await ctx.channel.fetch(room, occurrence.event)
    if event is None or ctx.store.hash(event.sender) != occurrence.asker:
        return None
    try:
        incoming = await ctx.channel.read(event)
    except MissingKey:
        return event, None
    message = incoming.message if isinstance(incoming, Edit) else incoming
    return (event, await admission.without_foreign_ids(ctx, message)) if isinstance(message, Message) else None
