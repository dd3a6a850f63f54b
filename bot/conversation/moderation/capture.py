"""Answer once, known for ever: a moderator's reply to a question becomes a draft."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import replace
from itertools import chain

from bot.conversation import followups
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
from bot.store import Outcome, Post, QueuedQuestion, SentPost

NOTED = "📝"


async def note(here: Context, message: Message, to: SentPost | None) -> Outcome | None:
    """A moderator replies to a question of the queue: only a sign that it can be kept. None: nothing of the kind."""
    target = message.reply_to or message.thread
    if target is None or not here.channel.reacts or here.moderation is None:
        return None
    if message.private and not message.moderators_room:
        return None
    queued = await _answered(here, target, to)
    if queued is None or queued.closed or not await _is_theirs(here, message, queued):
        return None
    mark = Post(OutgoingReaction(message.room, message.id, NOTED), "mark", number=queued.number)
    return Outcome("an answer that can be kept", (mark,))


async def keep(here: Context, reaction: Reaction) -> Outcome:
    """The moderator who replied sets the same sign: the reply becomes a draft, for the moderators' room."""
    message = await followups.said_in(here, reaction.room, reaction.target)
    if message is None or message.sender != reaction.sender or here.moderation is None:
        return Outcome("nobody's answer to keep")
    if not (target := message.reply_to or message.thread) or (message.private and not message.moderators_room):
        return Outcome("no answer that may be kept")
    queued = await _answered(here, target, await here.store.said(target))
    if queued is None or queued.closed or not await here.moderates(reaction.sender):
        return Outcome("no answer to an open question")
    there, room = here.moderation
    place = drafts.ReplyTarget(there, room, reaction.sender, *((message.id,) if message.room == room else ()))
    link = None if message.moderators_room else here.channel.link(message.room, message.id)
    return await propose_draft(place, queued, message.text, link)


async def propose_draft(place: drafts.ReplyTarget, queued: QueuedQuestion, text: str, link: str | None) -> Outcome:
    """A draft of the answer `text`; `link`: where it was given, if everybody can read there."""
    proposed = await _proposed(place, queued, text, link)
    return replace(proposed, shows=tuple(asking.id for asking in queued.askings))


async def _proposed(place: drafts.ReplyTarget, queued: QueuedQuestion, text: str, link: str | None) -> Outcome:
    here = place.here
    called = await _names(here, queued)
    asked = QuestionSources(queued.open_texts, called, await asyncio.to_thread(_vocabulary, here))
    answer = parse_reply(text, called)
    given = extraction.fields(asked, answer, here.today.isoformat(), here.replies.source(here.today, link))
    if "title" not in given:
        said = here.replies.draft_incomplete(queued.number, yaml_of(given))
        return Outcome("asked in private only", (place.post(said, queued.number),))
    try:
        change = await _change(here, queued, given, answer)
    except EditRejected as refusal:
        return Outcome("no draft", (place.post(here.replies.not_written(refusal.say, yaml_of(given)), queued.number),))
    return await drafts.propose(place, change, question=queued.number)


async def _change(here: Context, queued: QueuedQuestion, given: dict[str, object], answer: ParsedReply) -> Change:
    """A new phrasing where an entry says the same already, else a new entry."""
    title = str(given["title"])
    entry = draft({"id": id_for(title, await drafts.taken_ids(here)), **given})
    add = Change("add", entry.id, fields_after(entry), await drafts.shelf_for(here, title))
    known = await _known(here, queued, title, answer)
    return Change("phrase", known.id, fields_after(known), phrase=entry.questions[0], instead=add) if known else add


async def _known(here: Context, queued: QueuedQuestion, title: str, answer: ParsedReply) -> Entry | None:
    """The entry that answers already: it gives the same links, or the reply or the question leads to it surely. Not one
    that was answered with and turned down."""
    given = chain.from_iterable([await here.store.replies_to(asking.event) for asking in queued.askings])
    turned_down = {id for said in given for id in said.entries}
    addresses = {url for _, url in answer.links}
    for entry in here.knowledge.entries.values():
        if addresses and entry.id not in turned_down and addresses <= {link.url for link in entry.links}:
            return entry
    found = [await here.search(text) for text in (title, answer.text) if text]
    sure = [m.id for one in found for m in one.matches[:1] if m.confidence >= here.limits.confident]
    return next(iter(here.entries(id for id in sure if id not in turned_down)), None)


async def _answered(here: Context, target: str, to: SentPost | None) -> QueuedQuestion | None:
    """The question that was replied to: itself, our 'I don't know' under it, or our note about it."""
    if to is None:
        return await here.store.question_of(here.channel.name, target)
    if to.purpose == "asked" and to.number is not None:
        return await here.store.question(to.number)
    return await here.store.question_of(to.channel, to.question) if to.question else None


async def _is_theirs(here: Context, message: Message, queued: QueuedQuestion) -> bool:
    """Whether a moderator answers; who asked the question goes on talking with us."""
    asked = here.store.hash(message.sender) in {asking.asker for asking in queued.askings}
    return (message.moderators_room or not asked) and await here.moderates(message.sender)


async def _names(here: Context, queued: QueuedQuestion) -> Collection[str]:
    """Of those who asked in public, as far as they can still be read."""
    names: set[str] = set()
    for asking in queued.askings:
        there = here.of(asking.channel)
        if not asking.private and (event := await there.channel.fetch(asking.room, asking.event)):
            names |= {await there.channel.name_of(event.sender), event.sender.lstrip("@").partition(":")[0]}
    return names


def _vocabulary(here: Context) -> frozenset[str]:
    entries = here.knowledge.entries.values()
    return extraction.vocabulary([text for one in entries for text in (one.title, *one.questions, *one.keywords)])
