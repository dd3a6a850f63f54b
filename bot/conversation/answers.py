"""From a decision to what is posted: the words, and what the store must remember of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.conversation import question_queue
from bot.conversation.context import Context
from bot.conversation.policy import COOL_DOWN
from bot.matching.decision import Answer, Decision, Silent, Suggest
from bot.matching.text import cut_vocative
from bot.messages import Message, Reply
from bot.replies import CHOICES
from bot.store import Outcome, Post, Purpose, SentPost


def post(
    message: Message, text: str, purpose: Purpose, entries: Sequence[str] = (), choices: tuple[str, ...] = ()
) -> Post:
    """A reply to an addressed message, where it was asked; it pings the asker and nobody else."""
    reply = Reply(message.room, text, to=message.id, thread=message.thread, mentions=(message.sender,), choices=choices)
    return Post(reply, purpose, tuple(entries), question=message.id, asker=message.sender)


def wrap_for_channel(here: Context, message: Message, outcome: Outcome) -> Outcome:
    """Each reply to the message in the form that fits its network, and marked where it stays among few."""
    text, _ = cut_vocative(message.text, here.names, message.mentions_bot)
    posts = (_framed(here, message.id, text, post) for post in outcome.posts)
    return replace(outcome, posts=tuple(replace(post, private=message.private) for post in posts))


def _framed(here: Context, question: str, text: str, post: Post) -> Post:
    if not isinstance(post.outgoing, Reply) or post.outgoing.to != question:
        return post
    said = here.replies.framed(here.index().asked(text), post.outgoing.text)
    choices = post.outgoing.choices if here.channel.reacts else ()
    return replace(post, outgoing=replace(post.outgoing, text=said, choices=choices))


def overheard(here: Context, message: Message, decision: Answer) -> Post:
    """An answer that nobody asked the bot for: a notice in a thread on the question."""
    reply = Reply(message.room, _overheard(here, decision), to=message.id, thread=message.id, quiet=True)
    return Post(reply, "answer", _ids(decision), question=message.id, asker=message.sender, overheard=True)


def rehearsal(here: Context, message: Message, decision: Answer, moderators_room: str) -> Post:
    """Only the moderators read what would have been said."""
    where = here.channel.link(message.room, message.id)
    text = here.replies.rehearsal(where, _overheard(here, decision), decision.matches[0].confidence)
    return Post(Reply(moderators_room, text, quiet=True), "rehearsal", _ids(decision), question=message.id)


def _overheard(here: Context, decision: Answer) -> str:
    return here.replies.overheard(here.given(_ids(decision)), here.knowledge, here.today)


def _ids(decision: Answer | Suggest) -> tuple[str, ...]:
    return tuple(match.id for match in decision.matches)


async def outcome(here: Context, message: Message, decision: Decision, late: datetime | None = None) -> Outcome:
    """What becomes of an addressed message once it is decided."""
    match decision:
        case Answer():
            return await _with_rest(here, message, decision, await _answer(here, message, decision, late))
        case Suggest():
            return await _with_rest(here, message, decision, _suggest(here, message, decision, late))
        case Silent(reason):
            return await _unknown(here, message, reason, late)


def courtesy(here: Context, message: Message) -> Post:
    """To a greeting, thanks, or nothing but a call."""
    return post(message, here.replies.courtesy(), "command")


async def recently(here: Context, message: Message, ids: Sequence[str]) -> SentPost | None:
    """An answer in the same room, within the hour, when *each* of these entries was given there."""
    since = here.clock() - COOL_DOWN
    earlier = [await here.store.last_with(message.room, id, since) for id in ids]
    others = [said for said in earlier if said is not None and said.question != message.id]
    return others[-1] if others and len(others) == len(ids) else None


async def _answer(here: Context, message: Message, decision: Answer, late: datetime | None) -> Post:
    ids = _ids(decision)
    earlier = await recently(here, message, ids)
    if earlier is None:
        text = here.replies.answer(here.given(ids), here.knowledge, here.today, late=late)
        return post(message, text, "answer", ids)
    where = here.channel.link(message.room, earlier.event) if earlier.event else None
    return post(message, here.replies.short(here.given(ids), where, here.today), "short", ids)


def _suggest(here: Context, message: Message, decision: Suggest, late: datetime | None) -> Post:
    sure = tuple(match.id for match in decision.answered)
    text = here.replies.suggest(
        here.given(_ids(decision)), here.knowledge, here.today, answered=here.given(sure), late=late
    )
    ids = _ids(decision)
    return replace(post(message, text, "suggest", ids, CHOICES[: len(ids)]), answered=sure)


async def _with_rest(here: Context, message: Message, decision: Answer | Suggest, reply: Post) -> Outcome:
    """What else was asked is not passed over: the reply says so, and the queue has it."""
    if not decision.rest or not isinstance(reply.outgoing, Reply):
        return Outcome(decision.reason, (reply,))
    queued = question_queue.queue_status(here, message) == "queued"
    text = here.replies.with_rest(reply.outgoing.text, queued=queued)
    ask = await question_queue.question(here, replace(message, text=" ".join(decision.rest))) if queued else None
    return Outcome(decision.reason, (replace(reply, outgoing=replace(reply.outgoing, text=text)),), ask=ask)


async def _unknown(here: Context, message: Message, reason: str, late: datetime | None) -> Outcome:
    """Say so, and put the question in the queue; what was said in private gets there only when its asker agrees."""
    topics = () if message.private else await here.topics(message.text)
    then = question_queue.queue_status(here, message)
    text = here.replies.unknown(then=then, topics=topics, late=late, today=here.today)
    ask = await question_queue.question(here, message) if then == "queued" else None
    unknown = post(message, text, "unknown", choices=(question_queue.AGREED,) if then == "offered" else ())
    return Outcome(reason, (unknown,), ask=ask)
