"""People's replies that may become answers.

Those are replies, thanked by the asker, of people whom the knowledge names among its `contacts`, and solutions marked
on a forum. Moderators get a few in the list of new phrasings; one that they choose becomes a draft.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.conversation import admission, policy, question_queue
from bot.conversation.addressing import Utterance
from bot.conversation.context import Context
from bot.conversation.moderation import drafting, relay
from bot.conversation.moderation.approval import ReplyTarget
from bot.matching.follow_up import goes_on
from bot.messages import Message, Reaction, SolvedTopic
from bot.store import ANSWERING, Outcome, QueuedQuestion, ReplyCandidate
from bot.text.folding import fold

SHOWN = 3  # replies of a list
READ = 6  # solved topics that are read for one list
_REMEMBERED = 500  # latest topics that are known to have been read


async def thanked(ctx: Context, message: Message) -> ReplyCandidate | None:
    """Return the reply that a message thanks for; None if it is not public, or no answer."""
    if message.reply_to is None or not _is_public(message):
        return None
    return await _candidate(ctx, message.room, message.reply_to, message.sender)


async def thanked_by_sign(ctx: Context, reaction: Reaction) -> ReplyCandidate | None:
    """Return the same for an emoji that thanks."""
    return await _candidate(ctx, reaction.room, reaction.target, reaction.sender)


async def _candidate(ctx: Context, room: str, event: str, asker: str) -> ReplyCandidate | None:
    """Return the candidate; the network is queried only if that person asked the question that the reply answers."""
    contacts = _contacts(ctx)
    question_id = await ctx.store.journal.question_of(ctx.channel.name, event, asker) if contacts else None
    reply = await admission.fetch(ctx, room, event) if question_id else None
    if question_id is None or reply is None or not _is_public(reply.message) or not _is_answer(reply.text):
        return None
    if reply.message.sender == asker or not contacts & await _names(ctx, reply.message.sender):
        return None
    question = await admission.fetch(ctx, room, question_id)
    if question is None or question.message.sender != asker:
        return None
    if policy.asks_nothing(await ctx.read(question.text)):
        return None
    return ReplyCandidate(ctx.channel.name, room, event, question_id)


def _contacts(ctx: Context) -> set[str]:
    entries = ctx.all_knowledge.entries.values()
    return {fold(name.lstrip("@ ")) for entry in entries for name in entry.contacts}


async def _names(ctx: Context, user: str) -> set[str]:
    """Return the names by which `contacts` may list a person: on the forum, shown in a room, or the user id."""
    id = user.lstrip("@")
    return {fold(name) for name in (id, id.partition(":")[0], await ctx.channel.name_of(user))}


def _is_public(message: Message) -> bool:
    return not (message.private or message.direct or message.moderators_room)


def _is_answer(text: str) -> bool:
    return not relay.says_little(text) and not text.rstrip().endswith("?")


# The list


@dataclass(frozen=True, slots=True)
class ReplyRow:
    """A candidate with the current text of both messages. `phrase`: the question, nameless; `link`: to the reply."""

    candidate: ReplyCandidate
    question: Utterance
    phrase: str
    text: str
    link: str


async def rows_of(ctx: Context, candidates: Sequence[ReplyCandidate]) -> tuple[list[ReplyRow], tuple[int, ...]]:
    """Return the rows to show, SHOWN at most, one for each question, and the ids of unusable candidates."""
    rows: dict[str, ReplyRow] = {}
    unusable: list[int] = []
    for one in candidates:
        if len(rows) == SHOWN:
            break
        row = await row_of(ctx, one)
        if row and fold(row.phrase) not in rows:
            rows[fold(row.phrase)] = row
        else:
            unusable.append(one.id)
    return list(rows.values()), tuple(unusable)


async def row_of(ctx: Context, one: ReplyCandidate) -> ReplyRow | None:
    """Return a candidate with its current text, or None.

    None: a message is gone, private, or of somebody who wants to be forgotten; or the question is dealt with.
    """
    target_ctx = ctx.of(one.channel)
    question, reply = [await admission.fetch(target_ctx, one.room, event) for event in (one.question, one.event)]
    if question is None or reply is None or not (_is_public(question.message) and _is_public(reply.message)):
        return None
    for message in (question.message, reply.message):
        if await ctx.store.retention.has_opted_out(message.sender):
            return None
    question = replace(question, text=(await question_queue.in_full(target_ctx, question))[0])
    phrase = await drafting.phrase_of(ctx, question)
    if not phrase or goes_on(phrase) or not _is_answer(reply.text) or await _is_dealt_with(ctx, question):
        return None
    link = target_ctx.channel.link(one.room, one.event)
    return ReplyRow(one, question, phrase, reply.message.text.strip(), link)


async def _is_dealt_with(ctx: Context, question: Utterance) -> bool:
    """Whether moderators closed the question or have a draft for it, or the bot answers it."""
    channel, event = question.message.channel, question.message.id
    queued = await ctx.store.queue.question_of(channel, event)
    if queued:
        return queued.closed is not None or await ctx.store.queue.draft_for(queued.number) is not None
    posts = await ctx.store.posts.replies_to(event)
    if posts and posts[-1].purpose in ANSWERING and not posts[-1].removed:
        return True
    return (await ctx.search(question.text)).confidence >= ctx.settings.limits.confident


# The draft


async def propose(target: ReplyTarget, row: ReplyRow) -> Outcome:
    """Show the draft of a reply to moderators, as for 📝 under it."""
    queued, informed = await _queued(target.ctx, row)
    return await drafting.propose_draft(target, queued, row.text, row.link, informed=informed)


async def propose_unseen(ctx: Context, moderator: str, row: ReplyRow) -> Outcome:
    """Make the same draft without showing it."""
    return replace(await propose(ReplyTarget(ctx, "", moderator), row), posts=())


async def _queued(ctx: Context, row: ReplyRow) -> tuple[QueuedQuestion, Sequence[int]]:
    """Return the question in the queue, with its text, and the ids of the occurrence that the reply answers.

    A question that is not queued enters as answered: so the draft goes when it is deleted, or its asker wants to be
    forgotten.
    """
    message, queue = row.question.message, ctx.store.queue
    queued = await queue.question_of(message.channel, message.id)
    if queued is None:
        question = await question_queue.question(ctx.of(message.channel), row.question)
        outcome = Outcome("has a person's answer").also(replace(question, note=None, is_answered=True))
        await ctx.store.apply(message.channel, f"candidate {row.candidate.id}", outcome, ctx.clock())
        queued = await queue.question_of(message.channel, message.id)
    if queued is None:
        raise RuntimeError("a question that was queued just now is gone")
    this = [asking for asking in queued.askings if asking.event == message.id and asking.channel == message.channel]
    askings = [replace(one, text=row.question.text) if one in this else one for one in queued.askings]
    return replace(queued, askings=tuple(askings)), [one.id for one in this]


# Solved topics


async def collect_solutions(ctx: Context) -> None:
    """Store the newest solutions of forums as candidates, each once; not while enough of them wait."""
    if len(await ctx.store.candidates.replies()) >= SHOWN:
        return
    for network in ctx.networks.values():
        if network.channel.topic_search:
            await _collect_on(network)


async def _collect_on(ctx: Context) -> None:
    search, name = ctx.channel.topic_search, f"solved topics read: {ctx.channel.name}"
    known = json.loads(await ctx.store.memory.get(name) or "[]")
    since = ctx.today - timedelta(days=ctx.settings.retention)
    topics = await search.solved(since, known, READ) if search else ()
    for topic in topics:
        if await _is_listed(ctx, topic):
            candidate = ReplyCandidate(ctx.channel.name, topic.room, topic.answer, topic.question)
            outcome = Outcome("a solved topic").also(candidate)
            await ctx.store.apply(ctx.channel.name, f"solved {topic.room}", outcome, ctx.clock())
    if topics:
        await ctx.store.memory.set(name, json.dumps([*known, *(topic.room for topic in topics)][-_REMEMBERED:]))


async def _is_listed(ctx: Context, topic: SolvedTopic) -> bool:
    """Whether a topic is in a category of the settings: the forum's search includes their sub-categories."""
    question = await admission.fetch(ctx, topic.room, topic.question)
    return question is not None and bool(question.message.venue.rooms)
