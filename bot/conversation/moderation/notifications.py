"""Those who asked hear of the answer: one message a room, in reply to the latest question, naming them all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.conversation import admission
from bot.conversation.context import Context
from bot.conversation.policy import NEWS_AGE
from bot.messages import Edit, Event, Message, MissingKey, Reply
from bot.store import Post, QuestionClosure, QuestionOccurrence, QueuedQuestion

Words = Callable[[Context, Sequence[str]], str]
"""What to say on that network to the people of these names."""


@dataclass(frozen=True, slots=True)
class _Asker:
    """A question as the network shows it now: by whom, and in which thread."""

    event: Event
    message: Message | None  # None: its words cannot be read any more, or do not matter


async def notifications_for(
    ctx: Context, queued: QueuedQuestion, words: Words, entry: str | None = None
) -> tuple[Post, ...]:
    """Who heard it before hears nothing; nor does anybody whose question is older than 30 days, or deleted."""
    rooms: dict[tuple[str, str], list[QuestionOccurrence]] = defaultdict(list)
    for asking in queued.askings:
        if asking.told is None and ctx.clock() - asking.asked <= NEWS_AGE:
            rooms[asking.channel, asking.room].append(asking)
    places = [(asking.channel, asking.room) for asking in queued.askings]
    posts = [
        await _told(ctx.of(target[0]), target[1], askings, words, quotes=places.count(target) == 1)
        for target, askings in rooms.items()
    ]
    return tuple(_post(post, queued.number, entry) for post in posts if post)


def closing(queued: QueuedQuestion, entry: str | None = None) -> QuestionClosure:
    return QuestionClosure(queued.number, tuple(asking.id for asking in queued.askings), entry)


async def _told(
    target_ctx: Context, room: str, askings: Sequence[QuestionOccurrence], words: Words, *, quotes: bool
) -> tuple[Context, Reply] | None:
    """`quotes`: may repeat the question, so that the post goes when it is deleted; not where others asked the same."""
    found = [await _read(target_ctx, room, asking) for asking in askings]
    asked = [one for one in found if one]
    if not asked:
        return None
    latest = asked[-1]
    people = list(dict.fromkeys(one.event.sender for one in asked))
    names = [await target_ctx.channel.name_of(user) for user in people]
    text, thread = words(target_ctx, names), None
    if latest.message:
        question = target_ctx.index().asked(latest.message.text) if quotes else ""
        text, thread = target_ctx.replies.framed(question, text), latest.message.thread
    return target_ctx, Reply(room, text, to=latest.event.id, thread=thread, mentions=tuple(people))


async def _read(target_ctx: Context, room: str, asking: QuestionOccurrence) -> _Asker | None:
    """None: it was deleted, or its room cannot be read any more."""
    event = await target_ctx.channel.fetch(room, asking.event)
    if event is None or target_ctx.store.hash(event.sender) != asking.asker:
        return None
    try:
        said = await target_ctx.channel.read(event)
    except MissingKey:
        return _Asker(event, None)
    said = said.message if isinstance(said, Edit) else said
    return _Asker(event, await admission.without_foreign_ids(target_ctx, said)) if isinstance(said, Message) else None


def _post(post: tuple[Context, Reply], number: int, entry: str | None) -> Post:
    """Not under the question's id: it is news, and never too late to be sent."""
    target_ctx, reply = post
    entries = (entry,) if entry else ()
    return Post(reply, "told", entries, channel=target_ctx.channel.name, number=number)
