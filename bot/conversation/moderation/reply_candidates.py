"""People's replies that may become answers.

Those are replies, thanked by the asker, of people whom the knowledge names among its `contacts`, and solutions marked
on a forum. Moderators get a few in the list of new phrasings; one that they choose becomes a draft.
"""

import json
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.conversation import admission, policy, question_queue
from bot.conversation.addressing import Utterance
from bot.conversation.context import Context
from bot.conversation.moderation import drafting, relay
from bot.conversation.moderation.approval import ReplyTarget
from bot.matching.follow_up import goes_on
from bot.messages import Message, Reaction
from bot.store import ANSWERING, Outcome, ReplyCandidate
from bot.text.folding import fold

SHOWN = 3  # replies of a list
READ = 6  # solved topics that are read for one list
_REMEMBERED = 500  # latest topics that are known to have been read


async def thanked(ctx: Context, thanks: Message | Reaction) -> ReplyCandidate | None:
    """Return the reply that a message or an emoji thanks for; None if it is not public, or no answer.

    The network is queried only if whoever thanks asked the question that the reply answers.
    """
    room, asker = thanks.room, thanks.sender
    if isinstance(thanks, Reaction):
        event = thanks.target
    elif thanks.reply_to and _is_public(thanks):
        event = thanks.reply_to
    else:
        return None
    contacts = question_queue.contact_names(ctx.all_knowledge.entries.values())
    question_id = await ctx.store.journal.question_of(ctx.channel.name, event, asker) if contacts else None
    reply = await admission.fetch(ctx, room, event) if question_id else None
    if question_id is None or reply is None or not _is_public(reply.message) or not _is_answer(reply.text):
        return None
    user = reply.message.sender
    names = {question_queue.own_name(user), fold(user.lstrip("@")), fold(await ctx.channel.name_of(user))}
    if user == asker or not contacts & names:
        return None
    question = await admission.fetch(ctx, room, question_id)
    if question is None or question.message.sender != asker:
        return None
    if policy.asks_nothing(await ctx.read(question.text)):
        return None
    return ReplyCandidate(ctx.channel.name, room, event, question_id)


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
    if not phrase or goes_on(phrase) or not _is_answer(reply.text):
        return None
    queued = await ctx.store.queue.question_of(one.channel, one.question)
    if queued and (queued.closed or await ctx.store.queue.draft_for(queued.number)):
        return None
    if queued is None:
        posts = await ctx.store.posts.replies_to(question.message.id)
        if posts and posts[-1].purpose in ANSWERING and not posts[-1].removed:
            return None
        if (await ctx.search(question.text)).confidence >= ctx.settings.limits.confident:
            return None  # the bot would answer it now
    link = target_ctx.channel.link(one.room, one.event)
    return ReplyRow(one, question, phrase, reply.message.text.strip(), link)


# The draft


async def propose(target: ReplyTarget, row: ReplyRow) -> Outcome:
    """Show the draft of a reply to moderators, as for 📝 under it."""
    ctx, message = target.ctx, row.question.message
    queued = await ctx.store.queue.question_of(message.channel, message.id)
    if queued is None:
        # It enters as answered: so the draft goes when the question is deleted, or its asker wants to be forgotten.
        question = await question_queue.question(ctx.of(message.channel), row.question)
        outcome = Outcome("has a person's answer").also(replace(question, note=None, is_answered=True))
        await ctx.store.apply(message.channel, f"candidate {row.candidate.id}", outcome, ctx.clock())
        queued = await ctx.store.queue.question_of(message.channel, message.id)
    if queued is None:
        raise RuntimeError("a question that was queued just now is gone")
    this = [asking for asking in queued.askings if asking.event == message.id and asking.channel == message.channel]
    askings = [replace(one, text=row.question.text) if one in this else one for one in queued.askings]
    with_text, informed = replace(queued, askings=tuple(askings)), [asking.id for asking in this]
    return await drafting.propose_draft(target, with_text, row.text, row.link, informed=informed)


async def propose_unseen(ctx: Context, moderator: str, row: ReplyRow) -> Outcome:
    """Make the same draft without showing it."""
    return replace(await propose(ReplyTarget(ctx, "", moderator), row), posts=())


# Solved topics


async def collect_solutions(ctx: Context) -> None:
    """Store the newest solutions of forums as candidates, each once; not while enough of them wait."""
    if len(await ctx.store.candidates.replies()) >= SHOWN:
        return
    for network in ctx.networks.values():
        channel, name = network.channel, f"solved topics read: {network.channel.name}"
        known = json.loads(await ctx.store.memory.get(name) or "[]")
        since = network.today - timedelta(days=network.settings.retention)
        topics = await channel.topic_search.solved(since, known, READ) if channel.topic_search else ()
        for topic in topics:
            question = await admission.fetch(network, topic.room, topic.question)
            # The forum's search includes sub-categories of those in the settings.
            if question and question.message.venue.rooms:
                candidate = ReplyCandidate(channel.name, topic.room, topic.answer, topic.question)
                outcome = Outcome("a solved topic").also(candidate)
                await ctx.store.apply(channel.name, f"solved {topic.room}", outcome, ctx.clock())
        if topics:
            await ctx.store.memory.set(name, json.dumps([*known, *(topic.room for topic in topics)][-_REMEMBERED:]))
