"""The path of one event to its Outcome: gather (channel, store), decide (pure: policy, matching), word the posts.

The caller applies the outcome.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.conversation import (
    acts,
    addressing,
    admission,
    answers,
    commands,
    follow_ups,
    notices,
    policy,
    reactions,
    revisions,
)
from bot.conversation.addressing import Utterance
from bot.conversation.admission import Before, last_words
from bot.conversation.commands import Call
from bot.conversation.context import Context
from bot.conversation.moderation import drafting, phrasings, relay, reply_candidates
from bot.conversation.policy import RecentActivity
from bot.matching.decision import Answer, Silent, decide
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
    Unlocked,
    Unreachable,
    ends_bot,
)
from bot.reading import Reading
from bot.store import Outcome, RetryRoom
from bot.text.folding import is_bare

log = logging.getLogger(__name__)

_ASKS = 0.5  # least probability that a message may be a question to the bot


async def handle(ctx: Context, event: Event) -> Outcome:
    try:
        outcome = await phrasings.with_lists_withdrawn(ctx, event, await _handle(ctx, event))
        return await revisions.with_draft_notes(ctx, outcome)
    except AuthenticationFailed as refusal:
        if ends_bot(refusal, len(ctx.networks)):
            raise
        raise Unreachable(str(refusal)) from refusal


async def _handle(ctx: Context, event: Event) -> Outcome:
    if event.kind in ("message", "edit") and await ctx.store.journal.is_redacted(notices.message_id(event)):
        return Outcome("deleted")
    if event.tries >= policy.TRIES:
        return await notices.give_up(ctx, event)
    try:
        incoming = await admission.read(ctx, event)
    except MissingKey:
        return await notices.wait_for_key(ctx, event)
    match incoming:
        case Message() as message:
            message = await admission.with_newest_words(ctx, event, replace(message, sent=event.sent))
            utterance = await admission.parse(ctx, message)
            return answers.wrap_for_channel(ctx, utterance, await converse(ctx.at(message), utterance))
        case Edit(message=message):
            utterance = await admission.parse(ctx, message)
            return answers.wrap_for_channel(ctx, utterance, await reconsider(ctx.at(message), utterance))
        case Redaction() as redaction:
            retracted = await reactions.retract(ctx, redaction) or await relay.deleted(ctx, redaction)
            return retracted or await revisions.follow_deletion(ctx, redaction)
        case Reaction() as reaction:
            return await reactions.react(ctx.at(reaction), reaction)
        case Joined() as joined:
            return await notices.introduce(ctx, joined)
        case Unlocked() as unlocked:
            return Outcome("a key came").also(RetryRoom(unlocked.room))
        case Renewed() as renewed:
            return notices.report_renewal(ctx, renewed)
        case None:
            return Outcome("nothing for us")


async def converse(ctx: Context, utterance: Utterance) -> Outcome:
    message = utterance.message
    if message.is_file:
        return await _admitted(ctx, message, None, lambda: notices.say_only_text(ctx, message))
    replied_to = await ctx.store.posts.find(message.reply_to) if message.reply_to else None
    is_follow_up = await follow_ups.is_follow_up(ctx, message)
    is_for_bot = addressing.is_for_bot(utterance, replied_to.purpose if replied_to else None, is_follow_up)
    if call := commands.recognise(utterance, is_for_bot):
        return await _admitted(ctx, message, call, lambda: commands.run(ctx, call))
    if outcome := await phrasings.decide(ctx, message, replied_to):
        return outcome
    before = await last_words(ctx, message, replied_to)
    if before.is_next and utterance.aside:  # whoever was just answered is calling again, not naming the trade
        utterance, is_for_bot = replace(utterance, text=utterance.aside, called=True), True
    reading = acts.with_sign(await ctx.read(utterance.text, before.said))
    if before.is_next and before.post and not before.post.overheard and policy.talks_on(utterance, reading):
        utterance, is_for_bot = replace(utterance, called=True), True
    if outcome := await acts.to_post(ctx, utterance, reading, before):
        return outcome
    note = replied_to or await relay.note_in_thread(ctx, message)
    if not utterance.called and (outcome := await relay.answer(ctx, message, note)):
        return outcome
    if not utterance.called and (outcome := await drafting.offer(ctx, message, note)):
        return outcome
    if is_for_bot:
        return await _admitted(ctx, message, None, lambda: answer(ctx, utterance, reading, before))
    if message.reply_to and await ctx.store.outbox.is_sending(message.room):
        return answers.retry_soon(ctx)
    if reading.act == "thanks" and (candidate := await reply_candidates.thanked(ctx, message)):
        return Outcome("thanks for a person's answer").also(candidate)
    if before.is_next and (outcome := await _go_on(ctx, utterance, reading, before)):
        return outcome
    return await overhear(ctx, utterance)


async def _admitted(
    ctx: Context, message: Message, call: Call | None, respond: Callable[[], Awaitable[Outcome]]
) -> Outcome:
    """Return the reply to an addressed message, or no reply if it is old or part of a flood.

    A flood never limits a moderator's direct command.
    """
    rules, now = ctx.settings.rules, ctx.clock()
    is_any_age = call is not None and call.command is not None and call.command.is_any_age
    if now - message.sent > policy.ADDRESSED_AGE and not is_any_age:
        return Outcome("asked too long ago")
    since = now - rules.flood_window
    is_flood = policy.is_flood(message, await ctx.store.journal.addressed_since(message.sender, since), rules)
    if is_flood and not (call and message.direct and await ctx.moderates(message.sender)):
        if await ctx.store.posts.is_warned(message.sender, "flood", since):
            return Outcome("flood")
        minutes = round(rules.flood_window.total_seconds() / 60)
        return answers.say(ctx, message, "flood", ctx.replies.say("flood", minutes=minutes), "flood")
    return replace(await respond(), addressed=True)


async def answer(ctx: Context, utterance: Utterance, reading: Reading, before: Before) -> Outcome:
    """Return the outcome of a message to the bot: words or a sign for an act, the result of one search for all else."""
    message, says_nothing = utterance.message, is_bare(utterance.text)
    is_others = before.post is not None and before.post.asker not in (None, ctx.store.hash(message.sender))
    is_remark = before.is_reply and not utterance.called and is_others
    if is_remark and (reading.act or says_nothing):
        return answers.nod(ctx, message)
    is_clear = reading.certainty >= acts.CLEAR or says_nothing
    if is_clear and (outcome := await acts.reply(ctx, utterance, reading, before)):
        return outcome
    said, result = await ctx.look_up(utterance.text)
    decision = decide(result, True, ctx.settings.limits)
    # What is known, or surely asked, was no act after all.
    is_act = isinstance(decision, Silent) and reading.asks < _ASKS
    if is_act and (outcome := await acts.reply(ctx, utterance, reading, before)):
        return outcome
    if is_remark and not isinstance(decision, Answer) and _asks_nothing(utterance, reading, before):
        return answers.nod(ctx, message)
    if not isinstance(decision, Answer) and (outcome := await follow_ups.narrow(ctx, utterance, before)):
        return outcome
    if outcome := await follow_ups.reply(ctx, utterance, reading, before, said):
        return outcome
    if says_nothing:
        return answers.not_a_question(ctx, utterance, Before())
    outcome = await answers.outcome(ctx, utterance, reading, decision, before)
    if ctx.clock() - message.sent > policy.LATE:
        outcome = answers.dated(ctx, outcome, message.sent)
    return replace(outcome, confidence=result.confidence)


def _asks_nothing(utterance: Utterance, reading: Reading, before: Before) -> bool:
    """Whether a message under the bot's post to another person asks nothing: it may be the answer the bot lacks."""
    is_answer = before.post is not None and before.post.purpose == "unknown"
    is_question = utterance.message.direct or "?" in utterance.text
    return not is_question and (is_answer or reading.inquires < relay.ASKS)


async def _go_on(ctx: Context, utterance: Utterance, reading: Reading, before: Before) -> Outcome | None:
    """Return the outcome of a person's next message, addressed to nobody, if it is about the bot's post; else None."""
    message = utterance.message
    if message.moderators_room or message.reply_to:
        return None
    if reading.act:
        is_meant = acts.is_surely_heard(reading, before)
        return await acts.reply(ctx, utterance, reading, before) if is_meant else None
    if reading.asks < policy.GOES_ON:
        return None
    said = await asyncio.to_thread(ctx.index().encode, utterance.text)
    outcome = await follow_ups.reply(ctx, utterance, reading, before, said)
    return replace(outcome, addressed=True) if outcome else None


async def overhear(ctx: Context, utterance: Utterance) -> Outcome:
    """Answer, quietly and a little later, only what is surely a question for the bot; ignore everything else."""
    message, limits, now = utterance.message, ctx.settings.limits, ctx.clock()
    if not policy.is_said_openly(utterance):
        return Outcome("said to somebody else")
    if reason := policy.why_not_overheard(message, RecentActivity(), ctx.settings.rules, now):
        return Outcome(reason)
    answer_at = message.sent + policy.OVERHEARD_DELAY
    if now < answer_at:
        limits = replace(limits, overheard=min(policy.CANDIDATE, limits.overheard))
    result = await ctx.search(utterance.aside or utterance.text, is_judged=now >= answer_at)
    decision = decide(result, False, limits)
    if not isinstance(decision, Answer):
        outcome = Outcome(decision.reason)
    elif now < answer_at:
        outcome = Outcome("a person may reply first", retry_at=answer_at)
    else:
        outcome = await _answer_overheard(ctx, message, decision)
    return replace(outcome, confidence=result.confidence)


async def _answer_overheard(ctx: Context, message: Message, decision: Answer) -> Outcome:
    now, posts = ctx.clock(), ctx.store.posts
    activity = RecentActivity(
        has_reply=await posts.has_human_answer(message.room, message.id, message.sender),
        has_opted_out=await ctx.store.retention.has_opted_out(message.sender),
        is_muted=await posts.is_muted(message.room, now),
        overheard_answers=await posts.overheard_since(message.room, now - policy.COOL_DOWN),
    )
    if reason := policy.why_not_overheard(message, activity, ctx.settings.rules, now):
        return Outcome(reason)
    if await answers.recent_answer(ctx, message, [match.id for match in decision.matches]):
        return Outcome("answered here within the hour")
    if message.listen != "rehearsal":
        return Outcome(decision.reason, (answers.overheard(ctx, message, decision),))
    if not (room := ctx.channel.moderators_room):
        return Outcome("rehearsal without a moderators' room")
    return Outcome("rehearsal", (answers.overheard(ctx, message, decision, rehearsed_in=room),))


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
    return Outcome("an edit of something ignored")
