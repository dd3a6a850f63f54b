"""The path of one event to its Outcome: gather (channel, store), decide (pure: policy, matching), word the posts.

The caller applies the outcome.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime

from bot.conversation import (
    addressing,
    admission,
    answers,
    commands,
    follow_ups,
    policy,
    reactions,
    revisions,
    small_talk,
)
from bot.conversation.addressing import Utterance
from bot.conversation.commands import Call
from bot.conversation.context import Context
from bot.conversation.moderation import capture, phrasings, relay, reply_candidates
from bot.conversation.policy import Ignore, RecentActivity, WarnFlood
from bot.matching import SearchResult
from bot.matching.decision import Answer, Decision, decide
from bot.messages import (
    AuthenticationFailed,
    Edit,
    Event,
    Joined,
    Message,
    MissingKey,
    Reaction,
    Redaction,
    Renewed,
    Reply,
    Unlocked,
    Unreachable,
    ends_bot,
)
from bot.store import Outcome, Post, SentPost

log = logging.getLogger(__name__)


async def handle(ctx: Context, event: Event) -> Outcome:
    """The outcome of a journalled event."""
    try:
        outcome = await phrasings.with_lists_withdrawn(ctx, event, await _handle(ctx, event))
        return await revisions.with_draft_notes(ctx, outcome) if outcome.opt_out or outcome.dequeue else outcome
    except AuthenticationFailed as refusal:
        if ends_bot(refusal, len(ctx.networks)):
            raise
        raise Unreachable(str(refusal)) from refusal


async def _handle(ctx: Context, event: Event) -> Outcome:
    if event.kind in ("message", "edit") and await ctx.store.journal.is_redacted(_message_id(event)):
        return Outcome("deleted")
    if event.tries >= policy.TRIES:
        return await give_up(ctx, event)
    try:
        incoming = await admission.read(ctx, event)
    except MissingKey:
        return await wait_for_key(ctx, event)
    match incoming:
        case Message() as message:
            message = await admission.with_newest_words(ctx, event, replace(message, sent=event.sent))
            utterance = admission.parse(ctx, message)
            return answers.wrap_for_channel(ctx, utterance, await converse(ctx.at(message), utterance))
        case Edit(message=message):
            utterance = admission.parse(ctx, message)
            return answers.wrap_for_channel(ctx, utterance, await reconsider(ctx.at(message), utterance))
        case Redaction() as redaction:
            retracted = await reactions.retract(ctx, redaction) or await relay.deleted(ctx, redaction)
            return retracted or await revisions.follow_deletion(ctx, redaction)
        case Reaction() as reaction:
            return await reactions.react(ctx.at(reaction), reaction)
        case Joined() as joined:
            return await introduce(ctx, joined)
        case Unlocked() as unlocked:
            return Outcome("a key came", retry_room=unlocked.room)
        case Renewed() as renewed:
            return report_renewal(ctx, renewed)
        case None:
            return Outcome("nothing for us")


def _message_id(event: Event) -> str:
    """The message that it is, or that it edits."""
    return event.relates_to or event.id if event.kind == "edit" else event.id


async def converse(ctx: Context, utterance: Utterance) -> Outcome:
    message = utterance.message
    replied_to = await ctx.store.posts.find(message.reply_to) if message.reply_to else None
    is_follow_up = await follow_ups.is_follow_up(ctx, message)
    is_for_bot = addressing.is_for_bot(utterance, replied_to.purpose if replied_to else None, is_follow_up)
    if command := commands.recognise(utterance, is_for_bot):
        return await answer(ctx, utterance, command)
    if outcome := await phrasings.decide(ctx, message, replied_to):
        return outcome
    meant = replied_to or await reactions.meant(ctx, utterance)
    if meant and (outcome := await reactions.reply(ctx, meant, utterance)):
        return outcome
    note = replied_to or await relay.note_in_thread(ctx, message)
    if not utterance.called and (outcome := await relay.answer(ctx, message, note)):
        return outcome
    if not utterance.called and (outcome := await capture.offer(ctx, message, note)):
        return outcome
    if is_for_bot:
        return await answer(ctx, utterance, replied_to=replied_to)
    if message.reply_to and await ctx.store.outbox.is_sending(message.room):
        return answers.retry_soon(ctx)
    if candidate := await reply_candidates.thanked(ctx, message):
        return Outcome("thanks for a person's answer", candidate=candidate)
    return await overhear(ctx, utterance)


async def answer(
    ctx: Context, utterance: Utterance, command: Call | None = None, replied_to: SentPost | None = None
) -> Outcome:
    """An addressed message always gets a reply, unless it is old or part of a flood."""
    message, is_any_age = utterance.message, command is not None and command.is_any_age
    is_remark = not utterance.called and _is_others(ctx, message, replied_to)
    is_bare = not is_remark and small_talk.asks_barely(utterance.text)  # about an answer, if there is one
    activity = await _sender_activity(ctx, message, command)
    match policy.addressed(message, activity, ctx.rules, ctx.clock(), is_any_age):
        case Ignore(reason):
            return Outcome(reason)
        case WarnFlood():
            text = ctx.replies.flood(ctx.rules.flood_window)
            return Outcome("flood", (answers.post(ctx, message, text, "flood"),))
        case _ if command:
            return replace(await commands.run(ctx, command), addressed=True)
        # a sign about nothing that stands there
        case _ if reactions.action_of(utterance.text) and not small_talk.topic_of(utterance.text):
            return replace((answers.nod if is_remark else answers.no_question)(ctx, message), addressed=True)
        case _ if not is_bare and (outcome := answers.small_talk_reply(ctx, utterance)):
            return replace(outcome, addressed=True)
        case respond:
            return await _look_up(ctx, utterance, replied_to, respond.late)


async def _look_up(ctx: Context, utterance: Utterance, replied_to: SentPost | None, late: datetime | None) -> Outcome:
    """The outcome of what is searched for, once, whatever it turns out to be."""
    said, result = await ctx.look_up(utterance.text)
    if outcome := _remark(ctx, utterance, replied_to, result):
        return outcome
    if outcome := await follow_ups.reply(ctx, utterance, replied_to, said, result):
        return replace(outcome, addressed=True)
    if outcome := answers.small_talk_reply(ctx, utterance):
        return replace(outcome, addressed=True)
    outcome = await answers.outcome(ctx, utterance, result, late)
    return replace(outcome, addressed=True, confidence=result.confidence)


def _remark(ctx: Context, utterance: Utterance, replied_to: SentPost | None, result: SearchResult) -> Outcome | None:
    """A nod to what somebody says under the bot's post to another person without asking: where that says that it does
    not know, it is likely the answer."""
    message, is_called = utterance.message, utterance.called or utterance.message.direct or "?" in utterance.text
    if replied_to is None or is_called or not _is_others(ctx, message, replied_to):
        return None
    asks = replied_to.purpose != "unknown" and result.question >= relay.ASKS
    return None if asks or isinstance(decide(result, True, ctx.limits), Answer) else answers.nod(ctx, message)


def _is_others(ctx: Context, message: Message, replied_to: SentPost | None) -> bool:
    """Whether a message stands under what the bot said to another person."""
    return replied_to is not None and replied_to.asker not in (None, ctx.store.hash(message.sender))


async def overhear(ctx: Context, utterance: Utterance) -> Outcome:
    """Answer, quietly and a little later, only what is surely a question for the bot; ignore everything else."""
    message = utterance.message
    if not policy.is_said_openly(utterance):
        return Outcome("said to somebody else")
    if isinstance(early := policy.overheard(message, RecentActivity(), ctx.rules, ctx.clock()), Ignore):
        return Outcome(early.reason)
    result = await ctx.search(utterance.text)
    outcome = await _overheard(ctx, message, decide(result, False, ctx.limits))
    return replace(outcome, confidence=result.confidence)


async def _overheard(ctx: Context, message: Message, decision: Decision) -> Outcome:
    if not isinstance(decision, Answer):
        return Outcome(decision.reason)
    if ctx.clock() < policy.answer_after(message):
        return Outcome("a person may reply first", retry_at=policy.answer_after(message))
    verdict = policy.overheard(message, await _room_activity(ctx, message), ctx.rules, ctx.clock())
    if isinstance(verdict, Ignore):
        return Outcome(verdict.reason)
    return await _volunteer(ctx, message, decision)


async def _volunteer(ctx: Context, message: Message, decision: Answer) -> Outcome:
    if await answers.recent_answer(ctx, message, [match.id for match in decision.matches]):
        return Outcome("answered here within the hour")
    post = answers.overheard(ctx, message, decision)
    if message.listen != "rehearsal":
        return Outcome(decision.reason, (post,))
    if not (room := ctx.channel.moderators_room):
        return Outcome("rehearsal without a moderators' room")
    return Outcome("rehearsal", (answers.rehearsal(ctx, message, decision, room),))


async def reconsider(ctx: Context, utterance: Utterance) -> Outcome:
    """Edit the reply to an edited message, or handle the message as new if only the edit addresses the bot."""
    if commands.recognise(utterance, utterance.is_addressed):
        return Outcome("a command is heard once")
    if (outcome := await relay.edited(ctx, utterance)) is not None:
        return outcome
    if (outcome := await revisions.follow_edit(ctx, utterance)) is not None:
        return outcome
    signs = await ctx.store.posts.signs_on(utterance.message.id)
    if utterance.is_addressed or signs:
        return revisions.with_sign(await converse(ctx, utterance), signs)
    return Outcome("an edit of something that we left alone")


async def introduce(ctx: Context, joined: Joined) -> Outcome:
    if await ctx.store.posts.has_any(joined.room, "introduction"):
        return Outcome("known here already")
    text = ctx.replies.introduction(overhears=joined.listen == "questions")
    return Outcome("introduction", (Post(Reply(joined.room, text, quiet=True), "introduction"),))


async def wait_for_key(ctx: Context, event: Event) -> Outcome:
    """Retry when a key may have come, as long as an answer is worth it."""
    now = ctx.clock()
    if now - event.sent > policy.ADDRESSED_AGE:
        return Outcome("no key within six hours")
    received = await ctx.store.journal.received_at(event)
    retry_at = received + policy.next_look(now - received)
    if now - received < policy.KEY_PATIENCE or await ctx.store.posts.has_any(event.room, "undecryptable"):
        return Outcome("no key yet", retry_at=retry_at)
    # Not a reply: the message may still get its answer, and may not have been meant for the bot.
    post = Post(Reply(event.room, ctx.replies.say("undecryptable"), quiet=True), "undecryptable")
    return Outcome("no key yet, and said so", (post,), retry_at=retry_at)


async def give_up(ctx: Context, event: Event) -> Outcome:
    """An event that hung the program several times is not read again. Moderators get a link to it; if it is private,
    only its sender is told."""
    log.error("%s: given up: it hung the program %d times", event.id, event.tries)
    outcome = Outcome("held the program up")
    if event.kind not in ("message", "edit"):
        return outcome
    if await ctx.channel.is_private(event):
        reply = Reply(event.room, ctx.replies.say("not_readable"), to=_message_id(event), mentions=(event.sender,))
        return replace(outcome, posts=(Post(reply, "command", question=_message_id(event), asker=event.sender),))
    if ctx.moderation is None:
        return outcome
    target_ctx, room = ctx.moderation
    text = target_ctx.replies.say("held_up", link=ctx.channel.link(event.room, _message_id(event)))
    return replace(outcome, posts=(Post(Reply(room, text, quiet=True), "note", channel=target_ctx.channel.name),))


def report_renewal(ctx: Context, renewed: Renewed) -> Outcome:
    if not (room := ctx.channel.moderators_room):
        return Outcome("began anew without a moderators' room")
    text = ctx.replies.renewed(renewed.losses)
    return Outcome("began anew", (Post(Reply(room, text, quiet=True), "note"),))


async def _sender_activity(ctx: Context, message: Message, command: Call | None) -> RecentActivity:
    """As far as it limits the sender: never a moderator's command in a direct room."""
    since = ctx.clock() - ctx.rules.flood_window
    count = await ctx.store.journal.addressed_since(message.sender, since)
    is_flood = policy.is_flood(message, count, ctx.rules)
    if not is_flood or (command and message.direct and await ctx.moderates(message.sender)):
        return RecentActivity()
    was_warned = await ctx.store.posts.is_flood_warned(message.sender, since)
    return RecentActivity(addressed_messages=count, was_warned=was_warned)


async def _room_activity(ctx: Context, message: Message) -> RecentActivity:
    now = ctx.clock()
    return RecentActivity(
        has_reply=await ctx.store.posts.has_human_answer(message.room, message.id, message.sender),
        has_opted_out=await ctx.store.retention.has_opted_out(message.sender),
        is_muted=await ctx.store.posts.is_muted(message.room, now),
        overheard_answers=await ctx.store.posts.overheard_since(message.room, now - policy.COOL_DOWN),
    )
