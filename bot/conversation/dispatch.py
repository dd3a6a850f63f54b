"""The straight path: one event in, at most one reply out.

Gather (channel, store), decide (policy, matching, decision: pure) and hand back an Outcome; the caller applies it.
"""

from __future__ import annotations

import logging
from collections.abc import Set
from dataclasses import replace

from bot.conversation import admission, answers, commands, followups, policy
from bot.conversation.commands import Call
from bot.conversation.context import Context
from bot.conversation.moderation import capture, reactions
from bot.conversation.moderation.drafts import with_withdrawals
from bot.conversation.moderation.feedback import retract_feedback
from bot.conversation.policy import Ignore, RecentActivity, WarnFlood
from bot.matching.decision import Answer, Decision, decide, top_confidence
from bot.matching.split import is_courtesy
from bot.matching.text import cut_vocative
from bot.messages import (
    AuthenticationFailed,
    Edit,
    Event,
    Joined,
    KeyStoreUnusable,
    Message,
    MissingKey,
    Reaction,
    Redaction,
    Renewed,
    Reply,
    Unlocked,
    Unreachable,
)
from bot.store import Outcome, Post, Purpose

log = logging.getLogger(__name__)

SHOWN: Set[Purpose] = {"asked", "asked_more", "draft", "note"}
"""Posts that moderators talk about among themselves: a reply to one does not speak to the bot."""


async def handle(ctx: Context, event: Event) -> Outcome:
    """What becomes of a journalled event. One network that shuts us out does not end the bot on the others."""
    try:
        return await with_withdrawals(ctx, await _hear(ctx, event))
    except AuthenticationFailed as refusal:
        if isinstance(refusal, KeyStoreUnusable) or len(ctx.networks) < 2:
            raise
        raise Unreachable(str(refusal)) from refusal


async def _hear(ctx: Context, event: Event) -> Outcome:
    if event.kind in ("message", "edit") and await ctx.store.redacted(_spoken(event)):
        return Outcome("deleted")
    if event.tries >= policy.TRIES:
        return await give_up(ctx, event)
    try:
        incoming = await admission.read(ctx, event)
    except MissingKey:
        return await wait_for_key(ctx, event)
    match incoming:
        case Message() as message:
            message = await followups.newest(ctx, event, replace(message, sent=event.sent))
            return answers.wrap_for_channel(ctx, message, await converse(ctx, message))
        case Edit() as edit:
            return answers.wrap_for_channel(ctx, edit.message, await reconsider(ctx, edit))
        case Redaction() as redaction:
            return await retract_feedback(ctx, redaction) or await followups.redacted(ctx, redaction)
        case Reaction() as reaction:
            return await reactions.reacted(ctx, reaction)
        case Joined() as joined:
            return await introduce(ctx, joined)
        case Unlocked() as unlocked:
            return Outcome("a key came", retry_room=unlocked.room)
        case Renewed() as renewed:
            return tell_moderators(ctx, renewed)
        case None:
            return Outcome("nothing for us")


def _spoken(event: Event) -> str:
    """The message that it is, or that it edits."""
    return event.relates_to or event.id if event.kind == "edit" else event.id


async def converse(ctx: Context, message: Message) -> Outcome:
    text, called = cut_vocative(message.text, ctx.names, message.mentions_bot)
    replied_to = await ctx.store.said(message.reply_to) if message.reply_to else None
    spoken_to = replied_to is not None and replied_to.purpose not in SHOWN
    addressed = called or message.direct or message.mentions_bot or spoken_to
    if command := commands.recognise(ctx, message, text, addressed):
        return await answer(ctx, message, text, command)
    if replied_to and (number := followups.chosen_number(text)) is not None:
        return await followups.choose(ctx, replied_to, number, message.sender)
    if replied_to and (decided := await reactions.answered(ctx, replied_to, text, message.sender)):
        return decided
    if replied_to and replied_to.purpose == "unknown" and message.private and followups.agrees(text):
        return await followups.consent(ctx, replied_to, message.sender)
    if not called and (noted := await capture.note(ctx, message, replied_to)):
        return noted
    if addressed:
        return await answer(ctx, message, text)
    if message.reply_to and await ctx.store.sending(message.room):
        return followups.not_yet_known(ctx)
    return await overhear(ctx, message)


async def answer(ctx: Context, message: Message, text: str, command: Call | None = None) -> Outcome:
    """An addressed message always gets a reply, unless it is old or one of a flood."""
    history, any_age = await _person(ctx, message), command is not None and command.any_age
    match policy.addressed(message, history, ctx.rules, ctx.clock(), any_age):
        case Ignore(reason):
            return Outcome(reason)
        case WarnFlood():
            text = ctx.replies.flood(ctx.rules.flood_window)
            return Outcome("flood", (answers.post(message, text, "flood"),))
        case _ if command:
            return replace(await commands.run(ctx, command), addressed=True)
        case _ if is_courtesy(text):
            return Outcome("courtesy", (answers.post(message, ctx.replies.courtesy(), "command"),), addressed=True)
        case speak:
            found = await ctx.search(text)
            outcome = await answers.outcome(ctx, message, decide(found, True, ctx.limits), speak.late)
            return replace(outcome, addressed=True, confidence=top_confidence(found))


async def overhear(ctx: Context, message: Message) -> Outcome:
    """Answer, quietly and a little later, only what is surely a question for us; silence to everything else."""
    if not policy.overhears(message):
        return Outcome("said to somebody else")
    if isinstance(early := policy.overheard(message, RecentActivity(), ctx.rules, ctx.clock()), Ignore):
        return Outcome(early.reason)
    found = await ctx.search(message.text)
    outcome = await _overheard(ctx, message, decide(found, False, ctx.limits))
    return replace(outcome, confidence=top_confidence(found))


async def _overheard(ctx: Context, message: Message, decision: Decision) -> Outcome:
    if not isinstance(decision, Answer):
        return Outcome(decision.reason)
    if ctx.clock() < policy.answer_after(message):
        return Outcome("a person may reply first", retry_at=policy.answer_after(message))
    verdict = policy.overheard(message, await _place(ctx, message), ctx.rules, ctx.clock())
    if isinstance(verdict, Ignore):
        return Outcome(verdict.reason)
    return await _volunteer(ctx, message, decision)


async def _volunteer(ctx: Context, message: Message, decision: Answer) -> Outcome:
    if await answers.recently(ctx, message, [match.id for match in decision.matches]):
        return Outcome("answered here within the hour")
    post = answers.overheard(ctx, message, decision)
    if message.listen != "rehearsal":
        return Outcome(decision.reason, (post,))
    if not (room := ctx.channel.moderators_room):
        return Outcome("rehearsal without a moderators' room")
    return Outcome("rehearsal", (answers.rehearsal(ctx, message, decision, room),))


async def reconsider(ctx: Context, edit: Edit) -> Outcome:
    """New words for an earlier message: edit the reply, or hear it anew when it is only now addressed to us."""
    message = edit.message
    text, called = cut_vocative(message.text, ctx.names, message.mentions_bot)
    if commands.recognise(ctx, message, text, called or message.direct or message.mentions_bot):
        return Outcome("a command is heard once")
    if (outcome := await followups.edited(ctx, edit, text)) is not None:
        return outcome
    if called or message.mentions_bot or message.direct:
        return await converse(ctx, message)
    return Outcome("an edit of something that we left alone")


async def introduce(ctx: Context, joined: Joined) -> Outcome:
    if await ctx.store.introduced(joined.room):
        return Outcome("known here already")
    text = ctx.replies.introduction(overhears=joined.listen == "questions")
    return Outcome("introduction", (Post(Reply(joined.room, text, quiet=True), "introduction"),))


async def wait_for_key(ctx: Context, event: Event) -> Outcome:
    """What cannot be decrypted is tried again when a key comes, as long as an answer is worth it."""
    now = ctx.clock()
    if now - event.sent > policy.ADDRESSED_AGE:
        return Outcome("no key within six hours")
    received = await ctx.store.received(event)
    later = received + policy.next_look(now - received)
    if now - received < policy.KEY_PATIENCE or await ctx.store.told_undecryptable(event.room):
        return Outcome("no key yet", retry_at=later)
    # Not in reply to anything: the message may still get its answer, and may not have been meant for us.
    sorry = Post(Reply(event.room, ctx.replies.undecryptable(), quiet=True), "undecryptable")
    return Outcome("no key yet, and said so", (sorry,), retry_at=later)


async def give_up(ctx: Context, event: Event) -> Outcome:
    """What holds the program up again and again is not read any more. The moderators get a link to it; of what was said
    in private only its sender hears."""
    log.error("%s: given up, for the program was held up by it %d times", event.id, event.tries)
    outcome = Outcome("held the program up")
    if event.kind not in ("message", "edit"):
        return outcome
    if await ctx.channel.is_private(event):
        reply = Reply(event.room, ctx.replies.not_readable(), to=_spoken(event), mentions=(event.sender,))
        return replace(outcome, posts=(Post(reply, "command", question=_spoken(event), asker=event.sender),))
    if ctx.moderation is None:
        return outcome
    target_ctx, room = ctx.moderation
    text = target_ctx.replies.held_up(ctx.channel.link(event.room, _spoken(event)))
    return replace(outcome, posts=(Post(Reply(room, text, quiet=True), "note", channel=target_ctx.channel.name),))


def tell_moderators(ctx: Context, renewed: Renewed) -> Outcome:
    if not (room := ctx.channel.moderators_room):
        return Outcome("began anew without a moderators' room")
    text = ctx.replies.renewed(renewed.losses)
    return Outcome("began anew", (Post(Reply(room, text, quiet=True), "note"),))


async def _person(ctx: Context, message: Message) -> RecentActivity:
    since = ctx.clock() - ctx.rules.flood_window
    asked = await ctx.store.addressed_since(message.sender, since)
    flood = 0 < ctx.rules.flood_questions <= asked
    return RecentActivity(asked=asked, flood_told=flood and await ctx.store.flooded(message.sender, since))


async def _place(ctx: Context, message: Message) -> RecentActivity:
    now = ctx.clock()
    return RecentActivity(
        replied=await ctx.store.answered_by_person(message.room, message.id, message.sender),
        forgotten=await ctx.store.forgotten(message.sender),
        hushed=await ctx.store.hushed(message.room, now),
        overheard=await ctx.store.overheard_since(message.room, now - policy.COOL_DOWN),
    )
