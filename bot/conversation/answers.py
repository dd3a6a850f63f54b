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


def wrap_for_channel(ctx: Context, message: Message, outcome: Outcome) -> Outcome:
    """Each reply to the message in the form that fits its network, and marked where it stays among few."""
    text, _ = cut_vocative(message.text, ctx.names, message.mentions_bot)
    posts = (_framed(ctx, message.id, text, post) for post in outcome.posts)
    return replace(outcome, posts=tuple(replace(post, private=message.private) for post in posts))


def _framed(ctx: Context, question: str, text: str, post: Post) -> Post:
    if not isinstance(post.outgoing, Reply) or post.outgoing.to != question:
        return post
    said = ctx.replies.framed(ctx.index().asked(text), post.outgoing.text)
    choices = post.outgoing.choices if ctx.channel.reacts else ()
    return replace(post, outgoing=replace(post.outgoing, text=said, choices=choices))


def overheard(ctx: Context, message: Message, decision: Answer) -> Post:
    """An answer that nobody asked the bot for: a notice in a thread on the question."""
    reply = Reply(message.room, _overheard(ctx, decision), to=message.id, thread=message.id, quiet=True)
    return Post(reply, "answer", _ids(decision), question=message.id, asker=message.sender, overheard=True)


def rehearsal(ctx: Context, message: Message, decision: Answer, moderators_room: str) -> Post:
    """Only the moderators read what would have been said."""
    where = ctx.channel.link(message.room, message.id)
    text = ctx.replies.rehearsal(where, _overheard(ctx, decision), decision.matches[0].confidence)
    return Post(Reply(moderators_room, text, quiet=True), "rehearsal", _ids(decision), question=message.id)


def _overheard(ctx: Context, decision: Answer) -> str:
    return ctx.replies.overheard(ctx.given(_ids(decision)), ctx.knowledge, ctx.today)


def _ids(decision: Answer | Suggest) -> tuple[str, ...]:
    return tuple(match.id for match in decision.matches)


async def outcome(ctx: Context, message: Message, decision: Decision, late: datetime | None = None) -> Outcome:
    """What becomes of an addressed message once it is decided."""
    match decision:
        case Answer():
            return await _with_rest(ctx, message, decision, await _answer(ctx, message, decision, late))
        case Suggest():
            return await _with_rest(ctx, message, decision, _suggest(ctx, message, decision, late))
        case Silent(reason):
            return await _unknown(ctx, message, reason, late)


def courtesy(ctx: Context, message: Message) -> Post:
    """To a greeting, thanks, or nothing but a call."""
    return post(message, ctx.replies.courtesy(), "command")


async def recently(ctx: Context, message: Message, ids: Sequence[str]) -> SentPost | None:
    """An answer in the same room, within the hour, when *each* of these entries was given there."""
    since = ctx.clock() - COOL_DOWN
    earlier = [await ctx.store.last_with(message.room, id, since) for id in ids]
    others = [said for said in earlier if said is not None and said.question != message.id]
    return others[-1] if others and len(others) == len(ids) else None


async def _answer(ctx: Context, message: Message, decision: Answer, late: datetime | None) -> Post:
    ids = _ids(decision)
    earlier = await recently(ctx, message, ids)
    if earlier is None:
        text = ctx.replies.answer(ctx.given(ids), ctx.knowledge, ctx.today, late=late)
        return post(message, text, "answer", ids)
    where = ctx.channel.link(message.room, earlier.event) if earlier.event else None
    return post(message, ctx.replies.short(ctx.given(ids), where, ctx.today), "short", ids)


def _suggest(ctx: Context, message: Message, decision: Suggest, late: datetime | None) -> Post:
    sure = tuple(match.id for match in decision.answered)
    text = ctx.replies.suggest(ctx.given(_ids(decision)), ctx.knowledge, ctx.today, answered=ctx.given(sure), late=late)
    ids = _ids(decision)
    return replace(post(message, text, "suggest", ids, CHOICES[: len(ids)]), answered=sure)


async def _with_rest(ctx: Context, message: Message, decision: Answer | Suggest, reply: Post) -> Outcome:
    """What else was asked is not passed over: the reply says so, and the queue has it."""
    if not decision.rest or not isinstance(reply.outgoing, Reply):
        return Outcome(decision.reason, (reply,))
    queued = question_queue.queue_status(ctx, message) == "queued"
    text = ctx.replies.with_rest(reply.outgoing.text, queued=queued)
    ask = await question_queue.question(ctx, replace(message, text=" ".join(decision.rest))) if queued else None
    return Outcome(decision.reason, (replace(reply, outgoing=replace(reply.outgoing, text=text)),), ask=ask)


async def _unknown(ctx: Context, message: Message, reason: str, late: datetime | None) -> Outcome:
    """Say so, and put the question in the queue; what was said in private gets there only when its asker agrees."""
    topics = () if message.private else await ctx.topics(message.text)
    then = question_queue.queue_status(ctx, message)
    text = ctx.replies.unknown(then=then, topics=topics, late=late, today=ctx.today)
    ask = await question_queue.question(ctx, message) if then == "queued" else None
    unknown = post(message, text, "unknown", choices=(question_queue.AGREED,) if then == "offered" else ())
    return Outcome(reason, (unknown,), ask=ask)
