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


async def handle(here: Context, event: Event) -> Outcome:
    """What becomes of a journalled event. One network that shuts us out does not end the bot on the others."""
    try:
        return await with_withdrawals(here, await _hear(here, event))
    except AuthenticationFailed as refusal:
        if isinstance(refusal, KeyStoreUnusable) or len(here.networks) < 2:
            raise
        raise Unreachable(str(refusal)) from refusal


async def _hear(here: Context, event: Event) -> Outcome:
    if event.kind in ("message", "edit") and await here.store.redacted(_spoken(event)):
        return Outcome("deleted")
    if event.tries >= policy.TRIES:
        return await give_up(here, event)
    try:
        incoming = await admission.read(here, event)
    except MissingKey:
        return await wait_for_key(here, event)
    match incoming:
        case Message() as message:
            message = await followups.newest(here, event, replace(message, sent=event.sent))
            return answers.wrap_for_channel(here, message, await converse(here, message))
        case Edit() as edit:
            return answers.wrap_for_channel(here, edit.message, await reconsider(here, edit))
        case Redaction() as redaction:
            return await retract_feedback(here, redaction) or await followups.redacted(here, redaction)
        case Reaction() as reaction:
            return await reactions.reacted(here, reaction)
        case Joined() as joined:
            return await introduce(here, joined)
        case Unlocked() as unlocked:
            return Outcome("a key came", hasten=unlocked.room)
        case Renewed() as renewed:
            return tell_moderators(here, renewed)
        case None:
            return Outcome("nothing for us")


def _spoken(event: Event) -> str:
    """The message that it is, or that it edits."""
    return event.relates_to or event.id if event.kind == "edit" else event.id


async def converse(here: Context, message: Message) -> Outcome:
    text, called = cut_vocative(message.text, here.names, message.mentions_bot)
    replied_to = await here.store.said(message.reply_to) if message.reply_to else None
    spoken_to = replied_to is not None and replied_to.purpose not in SHOWN
    addressed = called or message.direct or message.mentions_bot or spoken_to
    if command := commands.recognise(here, message, text, addressed):
        return await answer(here, message, text, command)
    if replied_to and (number := followups.chosen_number(text)) is not None:
        return await followups.choose(here, replied_to, number, message.sender)
    if replied_to and (decided := await reactions.answered(here, replied_to, text, message.sender)):
        return decided
    if replied_to and replied_to.purpose == "unknown" and message.private and followups.agrees(text):
        return await followups.consent(here, replied_to, message.sender)
    if not called and (noted := await capture.note(here, message, replied_to)):
        return noted
    if addressed:
        return await answer(here, message, text)
    if message.reply_to and await here.store.sending(message.room):
        return followups.not_yet_known(here)
    return await overhear(here, message)


async def answer(here: Context, message: Message, text: str, command: Call | None = None) -> Outcome:
    """An addressed message always gets a reply, unless it is old or one of a flood."""
    history, any_age = await _person(here, message), command is not None and command.any_age
    match policy.addressed(message, history, here.rules, here.clock(), any_age):
        case Ignore(reason):
            return Outcome(reason)
        case WarnFlood():
            text = here.replies.flood(here.rules.flood_window)
            return Outcome("flood", (answers.post(message, text, "flood"),))
        case _ if command:
            return replace(await commands.run(here, command), addressed=True)
        case _ if is_courtesy(text):
            return Outcome("courtesy", (answers.post(message, here.replies.courtesy(), "command"),), addressed=True)
        case speak:
            found = await here.search(text)
            outcome = await answers.outcome(here, message, decide(found, True, here.limits), speak.late)
            return replace(outcome, addressed=True, confidence=top_confidence(found))


async def overhear(here: Context, message: Message) -> Outcome:
    """Answer, quietly and a little later, only what is surely a question for us; silence to everything else."""
    if not policy.overhears(message):
        return Outcome("said to somebody else")
    if isinstance(early := policy.overheard(message, RecentActivity(), here.rules, here.clock()), Ignore):
        return Outcome(early.reason)
    found = await here.search(message.text)
    outcome = await _overheard(here, message, decide(found, False, here.limits))
    return replace(outcome, confidence=top_confidence(found))


async def _overheard(here: Context, message: Message, decision: Decision) -> Outcome:
    if not isinstance(decision, Answer):
        return Outcome(decision.reason)
    if here.clock() < policy.answer_after(message):
        return Outcome("a person may reply first", later=policy.answer_after(message))
    verdict = policy.overheard(message, await _place(here, message), here.rules, here.clock())
    if isinstance(verdict, Ignore):
        return Outcome(verdict.reason)
    return await _volunteer(here, message, decision)


async def _volunteer(here: Context, message: Message, decision: Answer) -> Outcome:
    if await answers.recently(here, message, [match.id for match in decision.matches]):
        return Outcome("answered here within the hour")
    post = answers.overheard(here, message, decision)
    if message.listen != "rehearsal":
        return Outcome(decision.reason, (post,))
    if not (room := here.channel.moderators_room):
        return Outcome("rehearsal without a moderators' room")
    return Outcome("rehearsal", (answers.rehearsal(here, message, decision, room),))


async def reconsider(here: Context, edit: Edit) -> Outcome:
    """New words for an earlier message: edit the reply, or hear it anew when it is only now addressed to us."""
    message = edit.message
    text, called = cut_vocative(message.text, here.names, message.mentions_bot)
    if commands.recognise(here, message, text, called or message.direct or message.mentions_bot):
        return Outcome("a command is heard once")
    if (outcome := await followups.edited(here, edit, text)) is not None:
        return outcome
    if called or message.mentions_bot or message.direct:
        return await converse(here, message)
    return Outcome("an edit of something that we left alone")


async def introduce(here: Context, joined: Joined) -> Outcome:
    if await here.store.introduced(joined.room):
        return Outcome("known here already")
    text = here.replies.introduction(overhears=joined.listen == "questions")
    return Outcome("introduction", (Post(Reply(joined.room, text, quiet=True), "introduction"),))


async def wait_for_key(here: Context, event: Event) -> Outcome:
    """What cannot be decrypted is tried again when a key comes, as long as an answer is worth it."""
    now = here.clock()
    if now - event.sent > policy.ADDRESSED_AGE:
        return Outcome("no key within six hours")
    received = await here.store.received(event)
    later = received + policy.next_look(now - received)
    if now - received < policy.KEY_PATIENCE or await here.store.told_undecryptable(event.room):
        return Outcome("no key yet", later=later)
    # Not in reply to anything: the message may still get its answer, and may not have been meant for us.
    sorry = Post(Reply(event.room, here.replies.undecryptable(), quiet=True), "undecryptable")
    return Outcome("no key yet, and said so", (sorry,), later=later)


async def give_up(here: Context, event: Event) -> Outcome:
    """What holds the program up again and again is not read any more. The moderators get a link to it; of what was said
    in private only its sender hears."""
    log.error("%s: given up, for the program was held up by it %d times", event.id, event.tries)
    outcome = Outcome("held the program up")
    if event.kind not in ("message", "edit"):
        return outcome
    if await here.channel.is_private(event):
        reply = Reply(event.room, here.replies.not_readable(), to=_spoken(event), mentions=(event.sender,))
        return replace(outcome, posts=(Post(reply, "command", question=_spoken(event), asker=event.sender),))
    if here.moderation is None:
        return outcome
    there, room = here.moderation
    text = there.replies.held_up(here.channel.link(event.room, _spoken(event)))
    return replace(outcome, posts=(Post(Reply(room, text, quiet=True), "note", channel=there.channel.name),))


def tell_moderators(here: Context, renewed: Renewed) -> Outcome:
    if not (room := here.channel.moderators_room):
        return Outcome("began anew without a moderators' room")
    text = here.replies.renewed(renewed.losses)
    return Outcome("began anew", (Post(Reply(room, text, quiet=True), "note"),))


async def _person(here: Context, message: Message) -> RecentActivity:
    since = here.clock() - here.rules.flood_window
    asked = await here.store.addressed_since(message.sender, since)
    flood = 0 < here.rules.flood_questions <= asked
    return RecentActivity(asked=asked, flood_told=flood and await here.store.flooded(message.sender, since))


async def _place(here: Context, message: Message) -> RecentActivity:
    now = here.clock()
    return RecentActivity(
        replied=await here.store.answered_by_person(message.room, message.id, message.sender),
        forgotten=await here.store.forgotten(message.sender),
        hushed=await here.store.hushed(message.room, now),
        overheard=await here.store.overheard_since(message.room, now - policy.COOL_DOWN),
    )
