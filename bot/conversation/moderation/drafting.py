"""Answer once, known for ever: a moderator's reply to a question becomes the draft of an entry."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import chain

from bot.conversation import admission, answers, question_queue
from bot.conversation.addressing import Utterance
from bot.conversation.context import Context
from bot.conversation.moderation import actions, approval, extraction
from bot.conversation.moderation.approval import ReplyTarget
from bot.conversation.moderation.changes import Change, json_fields
from bot.conversation.moderation.link_extraction import ParsedReply, parse_reply
from bot.knowledge.edit_result import EditRejected
from bot.knowledge.models import Entry
from bot.knowledge.rendering import yaml_of
from bot.messages import Message, OutgoingReaction, Reaction
from bot.replies import CAPTURE
from bot.store import Outcome, Post, QueuedQuestion, SentPost


async def offer(ctx: Context, message: Message, replied_to: SentPost | None) -> Outcome | None:
    """Mark a moderator's reply to an open question with 📝, and post nothing; None if it is no such reply."""
    if not ctx.channel.capabilities.reacts or ctx.moderation is None:
        return None
    queued = await _open_question(ctx, message, replied_to)
    if queued is None:
        target = message.reply_to or message.thread
        if target is None or message.private or message.moderators_room:
            return None
        post = replied_to or next(reversed(await ctx.store.posts.replies_to(target)), None)
        post = await answers.current(ctx, post) if post else None
        # Suggestions that nobody chose leave the question open.
        if post is None or not post.is_offer or post.asker == ctx.store.hash(message.sender):
            return None
        question = await admission.question_of(ctx, post)
        if question is None or not await ctx.moderates(message.sender):
            return None
        asked = replace(await question_queue.question(ctx, question), note=None)  # it enters the queue with its answer
        return None if asked.number is None else _marked(message, asked.number).also(asked)
    is_asker = ctx.store.hash(message.sender) in {asking.asker for asking in queued.askings}
    goes_on = is_asker and not message.moderators_room  # a moderator who asked, with the bot
    if goes_on or not await ctx.moderates(message.sender):
        return None
    return _marked(message, queued.number)


def _marked(message: Message, number: int) -> Outcome:
    mark = Post(OutgoingReaction(message.room, message.id, CAPTURE), "mark", number=number)
    return Outcome("an answer that can be kept", (mark,))


async def accept(ctx: Context, reaction: Reaction) -> Outcome:
    """Make a draft, in the moderators' room, of the reply under which a moderator put 📝."""
    reply = await admission.fetch(ctx, reaction.room, reaction.target)
    if reply is None or ctx.moderation is None:
        return Outcome("nobody's answer to keep")
    message, target = reply.message, reply.message.reply_to or reply.message.thread
    post = await ctx.store.posts.find(target) if target else None
    queued = await _open_question(ctx, message, post)
    if queued is None or not await ctx.moderates(reaction.sender):
        return Outcome("no answer to an open question")
    target_ctx, room = ctx.moderation
    shown_at = ReplyTarget(target_ctx, room, reaction.sender, message.id if message.room == room else None)
    link = None if message.moderators_room else ctx.channel.link(message.room, message.id)
    # Their askers have the answer already.
    events = {message.reply_to, message.thread, post.question if post else None}
    informed = [one.id for one in queued.askings if one.channel == message.channel and one.event in events]
    return await propose_draft(shown_at, queued, message.text, link, informed=informed)


async def propose_draft(
    target: ReplyTarget,
    queued: QueuedQuestion,
    text: str,
    link: str | None = None,
    *,
    informed: Sequence[int] = (),
    number: int | None = None,
) -> Outcome:
    """Propose the answer `text` as a draft: a phrasing for an entry that already answers, else a new entry.

    `link`: to the answer, if public; `informed`: see `Change`; `number`: of the draft that this one replaces.
    """
    ctx, shows = target.ctx, tuple(asking.id for asking in queued.askings)
    askers = await _names_of_askers(ctx, queued)
    questions = extraction.phrasings(queued.open_texts, askers, await asyncio.to_thread(vocabulary, ctx))
    reply, source = parse_reply(text, askers), ctx.replies.source(ctx.today, link)
    fields = extraction.fields_from_reply(questions, reply, ctx.today.isoformat(), source)
    if "title" not in fields:
        post = target.post(ctx.replies.draft_incomplete(queued.number, yaml_of(fields)), queued.number)
        return Outcome("asked in private only", (post,), shows=shows)
    try:
        change = replace(await actions.new_entry(ctx, fields), informed=informed)
    except EditRejected as refusal:
        post = target.post(ctx.replies.not_written(refusal.say, yaml_of(fields)), queued.number)
        return Outcome("no draft", (post,), shows=shows)
    entry = await _answering_entry(ctx, queued, str(fields["title"]), reply)
    if entry:  # its questions get one more
        phrase, add = change.seen.questions[0], change
        change = Change("phrase", entry.id, json_fields(entry), phrase=phrase, instead=add, informed=informed)
    return replace(await approval.propose(target, change, question=queued.number, number=number), shows=shows)


async def draft_unseen(ctx: Context, moderator: str, queued: QueuedQuestion, text: str) -> Outcome:
    """Make the same draft without showing it; none if the files would refuse it, or nobody asked in public."""
    return replace(await propose_draft(ReplyTarget(ctx, "", moderator), queued, text), posts=())


async def phrasing_of(ctx: Context, queued: QueuedQuestion) -> str:
    """Return the first public text of a question as a phrasing, without names; empty if there is none."""
    askers = await _names_of_askers(ctx, queued)
    known = await asyncio.to_thread(vocabulary, ctx)
    return next((extraction.phrasing(text, askers, known) for text in queued.open_texts), "")


async def phrase_of(ctx: Context, question: Utterance) -> str:
    """Return the question of a message as a phrasing, without its author's names."""
    sender = question.message.sender
    name = await ctx.of(question.message.channel).channel.name_of(sender)
    known = await asyncio.to_thread(vocabulary, ctx)
    return extraction.phrasing(question.text, (name, sender.lstrip("@").partition(":")[0]), known)


async def _answering_entry(ctx: Context, queued: QueuedQuestion, title: str, reply: ParsedReply) -> Entry | None:
    """Return the entry with the same links, or that question or reply find with confidence.

    Entries given before are left out: they did not help.
    """
    posts = chain.from_iterable([await ctx.store.posts.replies_to(asking.event) for asking in queued.askings])
    rejected = {id for post in posts for id in post.entries}
    urls = set(reply.links)
    for entry in ctx.all_knowledge.entries.values():
        if urls and entry.id not in rejected and urls <= {link.url for link in entry.links}:
            return entry
    best = [match for text in (title, reply.text) if text for match in (await ctx.search(text)).matches[:1]]
    ids = [match.id for match in best if match.confidence >= ctx.settings.limits.confident]
    return next(iter(ctx.entries(id for id in ids if id not in rejected)), None)


async def _open_question(ctx: Context, message: Message, replied_to: SentPost | None) -> QueuedQuestion | None:
    """Return the open question that a message replies to: directly, under the bot's reply, or under the note about it.

    Returns None also for a private message outside of the moderators' room.
    """
    target = message.reply_to or message.thread
    if target is None or (message.private and not message.moderators_room):
        return None
    if replied_to is None:
        queued = await ctx.store.queue.question_of(ctx.channel.name, target)
    elif replied_to.purpose == "asked" and replied_to.number is not None:
        queued = await ctx.store.queue.question(replied_to.number)
    else:
        question = replied_to.question
        queued = await ctx.store.queue.question_of(replied_to.channel, question) if question else None
    return None if queued is None or queued.closed else queued


async def _names_of_askers(ctx: Context, queued: QueuedQuestion) -> Collection[str]:
    """Return the names of those who asked in public, as far as their messages can still be read."""
    names: set[str] = set()
    for asking in queued.askings:
        target_ctx = ctx.of(asking.channel)
        if not asking.private and (event := await target_ctx.channel.fetch(asking.room, asking.event)):
            names |= {await target_ctx.channel.name_of(event.sender), event.sender.lstrip("@").partition(":")[0]}
    return names


def vocabulary(ctx: Context) -> frozenset[str]:
    entries = ctx.all_knowledge.entries.values()
    return extraction.vocabulary([text for one in entries for text in (one.title, *one.questions, *one.keywords)])
