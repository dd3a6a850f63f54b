"""Answer once, known for ever: a moderator's reply to a question becomes a draft."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import replace
from itertools import chain

from bot.conversation import admission
from bot.conversation.context import Context
from bot.conversation.moderation import drafts, extraction
from bot.conversation.moderation.changes import Change, fields_after
from bot.conversation.moderation.extraction import QuestionSources
from bot.conversation.moderation.reply_parser import ParsedReply, parse_reply
from bot.knowledge.edit_errors import EditRejected
from bot.knowledge.entry_input import draft, id_for
from bot.knowledge.models import Entry
from bot.knowledge.rendering import yaml_of
from bot.messages import Message, OutgoingReaction, Reaction
from bot.replies import CAPTURE
from bot.store import Outcome, Post, QueuedQuestion, SentPost


async def note(ctx: Context, message: Message, to: SentPost | None) -> Outcome | None:
    """A moderator replies to a question of the queue: only a sign that it can be kept. None: nothing of the kind."""
    target = message.reply_to or message.thread
    if target is None or not ctx.channel.reacts or ctx.moderation is None:
        return None
    if message.private and not message.moderators_room:
        return None
    queued = await _answered(ctx, target, to)
    if queued is None or queued.closed or not await _is_theirs(ctx, message, queued):
        return None
    mark = Post(OutgoingReaction(message.room, message.id, CAPTURE), "mark", number=queued.number)
    return Outcome("an answer that can be kept", (mark,))


async def keep(ctx: Context, reaction: Reaction) -> Outcome:
    """The moderator who replied sets the same sign: the reply becomes a draft, for the moderators' room."""
    reply = await admission.fetch(ctx, reaction.room, reaction.target)
    if reply is None or reply.message.sender != reaction.sender or ctx.moderation is None:
        return Outcome("nobody's answer to keep")
    message = reply.message
    if not (target := message.reply_to or message.thread) or (message.private and not message.moderators_room):
        return Outcome("no answer that may be kept")
    queued = await _answered(ctx, target, await ctx.store.said(target))
    if queued is None or queued.closed or not await ctx.moderates(reaction.sender):
        return Outcome("no answer to an open question")
    target_ctx, room = ctx.moderation
    desk = drafts.ReplyTarget(target_ctx, room, reaction.sender, *((message.id,) if message.room == room else ()))
    link = None if message.moderators_room else ctx.channel.link(message.room, message.id)
    return await propose_draft(desk, queued, message.text, link)


async def propose_draft(target: drafts.ReplyTarget, queued: QueuedQuestion, text: str, link: str | None) -> Outcome:
    """A draft of the answer `text`; `link`: where it was given, if everybody can read there."""
    proposed = await _proposed(target, queued, text, link)
    return replace(proposed, shows=tuple(asking.id for asking in queued.askings))


async def _proposed(target: drafts.ReplyTarget, queued: QueuedQuestion, text: str, link: str | None) -> Outcome:
    ctx = target.ctx
    called = await _names(ctx, queued)
    asked = QuestionSources(queued.open_texts, called, await asyncio.to_thread(_vocabulary, ctx))
    answer = parse_reply(text, called)
    given = extraction.fields(asked, answer, ctx.today.isoformat(), ctx.replies.source(ctx.today, link))
    if "title" not in given:
        said = ctx.replies.draft_incomplete(queued.number, yaml_of(given))
        return Outcome("asked in private only", (target.post(said, queued.number),))
    try:
        change = await _change(ctx, queued, given, answer)
    except EditRejected as refusal:
        return Outcome("no draft", (target.post(ctx.replies.not_written(refusal.say, yaml_of(given)), queued.number),))
    return await drafts.propose(target, change, question=queued.number)


async def _change(ctx: Context, queued: QueuedQuestion, given: dict[str, object], answer: ParsedReply) -> Change:
    """A new phrasing where an entry says the same already, else a new entry."""
    title = str(given["title"])
    entry = draft({"id": id_for(title, await drafts.taken_ids(ctx)), **given})
    add = Change("add", entry.id, fields_after(entry), await drafts.shelf_for(ctx, title))
    known = await _known(ctx, queued, title, answer)
    return Change("phrase", known.id, fields_after(known), phrase=entry.questions[0], instead=add) if known else add


async def _known(ctx: Context, queued: QueuedQuestion, title: str, answer: ParsedReply) -> Entry | None:
    """The entry that answers already: it gives the same links, or the reply or the question leads to it surely. Not one
    that was answered with and turned down."""
    given = chain.from_iterable([await ctx.store.replies_to(asking.event) for asking in queued.askings])
    turned_down = {id for said in given for id in said.entries}
    addresses = {url for _, url in answer.links}
    for entry in ctx.knowledge.entries.values():
        if addresses and entry.id not in turned_down and addresses <= {link.url for link in entry.links}:
            return entry
    found = [await ctx.search(text) for text in (title, answer.text) if text]
    sure = [m.id for one in found for m in one.matches[:1] if m.confidence >= ctx.limits.confident]
    return next(iter(ctx.entries(id for id in sure if id not in turned_down)), None)


async def _answered(ctx: Context, target: str, to: SentPost | None) -> QueuedQuestion | None:
    """The question that was replied to: itself, our 'I don't know' under it, or our note about it."""
    if to is None:
        return await ctx.store.question_of(ctx.channel.name, target)
    if to.purpose == "asked" and to.number is not None:
        return await ctx.store.question(to.number)
    return await ctx.store.question_of(to.channel, to.question) if to.question else None


async def _is_theirs(ctx: Context, message: Message, queued: QueuedQuestion) -> bool:
    """Whether a moderator answers; who asked the question goes on talking with us."""
    asked = ctx.store.hash(message.sender) in {asking.asker for asking in queued.askings}
    return (message.moderators_room or not asked) and await ctx.moderates(message.sender)


async def _names(ctx: Context, queued: QueuedQuestion) -> Collection[str]:
    """Of those who asked in public, as far as they can still be read."""
    names: set[str] = set()
    for asking in queued.askings:
        target_ctx = ctx.of(asking.channel)
        if not asking.private and (event := await target_ctx.channel.fetch(asking.room, asking.event)):
            names |= {await target_ctx.channel.name_of(event.sender), event.sender.lstrip("@").partition(":")[0]}
    return names


def _vocabulary(ctx: Context) -> frozenset[str]:
    entries = ctx.knowledge.entries.values()
    return extraction.vocabulary([text for one in entries for text in (one.title, *one.questions, *one.keywords)])
