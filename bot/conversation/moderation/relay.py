"""Relays a moderator's reply to the note about a question to its askers, and offers it as a draft.

The relayed answer follows edits of the reply, and can be taken back.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.conversation import admission
from bot.conversation.addressing import Utterance
from bot.conversation.context import Context
from bot.conversation.moderation import actions, approval, drafting
from bot.conversation.moderation.approval import ReplyTarget
from bot.conversation.moderation.notifications import notifications_for
from bot.conversation.policy import SOON
from bot.messages import Message, Redaction, Reply
from bot.reading.read import is_courtesy
from bot.replies import REFUSE
from bot.store import DraftDecision, Outcome, Post, QuestionReopening, QueuedQuestion, SentPost, Withdraw
from bot.text.folding import fold, tokens

ANSWER_WORDS = 3  # least words of an answer without a link
ASKS = 0.5  # least probability of a reply that may be a question
_ADDRESS = re.compile(r"(?:https?://|mailto:)\S+", re.IGNORECASE)
_ASIDE = re.compile(  # on the folded text
    r"(?:ok\w*|bonne question|aucune idee|je (?:ne )?sais pas|je (?:m en|regarde|demande|reponds|vais|cherche|reviens)|"
    r"on (?:en|voit|regarde|attend)|a voir|attends?|attendez|no idea|good question|i ll|i don t know|let me|wait)\b"
)


async def note_in_thread(ctx: Context, message: Message) -> SentPost | None:
    """Return the note in whose thread a moderator writes; None if the message replies to somebody there."""
    if message.thread is None or message.reply_to or not message.moderators_room:
        return None
    return await ctx.store.posts.find(message.thread)


async def answer(ctx: Context, message: Message, note: SentPost | None) -> Outcome | None:
    """Relay a reply to a note; None for other messages, and for what may be a question, which 📝 can still keep."""
    if note is None or note.purpose != "asked" or note.number is None or not message.moderators_room:
        return None
    is_talk = message.mentions_others or "?" in _ADDRESS.sub("", message.text) or says_little(message.text)
    if is_talk or not await ctx.moderates(message.sender):
        return Outcome("talk among moderators")
    reading = await ctx.read(message.text)
    if not _ADDRESS.search(message.text) and (reading.act or reading.inquires >= ASKS):
        return None
    queued = await actions.open_question(ctx, note.number)
    if queued is None:
        post = ReplyTarget.of(ctx, message).post(ctx.replies.say("answered_already", number=note.number), note.number)
        return Outcome("answered already", (post,))
    text = message.text.strip()
    answered = await actions.answer(ctx, queued, text, relays=message.id)
    draft = await drafting.propose_draft(ReplyTarget.of(ctx, message), queued, text)
    # The report says where the answer goes; ❌ under it takes the answer back.
    told = [(post.channel or "", post.outgoing) for post in answered.posts if isinstance(post.outgoing, Reply)]
    private = {asking.room for asking in queued.askings if asking.private} & {reply.room for _, reply in told}
    public = [(channel, reply) for channel, reply in told if reply.room not in private]
    links = [ctx.of(channel).channel.link(reply.room, reply.to or "") for channel, reply in public]
    said = ctx.replies.relayed(queued.number, links, private=len(private))
    choices = (REFUSE,) if told and ctx.channel.capabilities.reacts else ()
    reply = Reply(message.room, said, to=message.id, thread=message.thread, quiet=True, choices=choices)
    report = Post(reply, "relayed", channel=ctx.channel.name, number=queued.number, relays=message.id)
    return approval.merge_outcomes(replace(answered, reason="relayed").also(report), draft)


def says_little(text: str) -> bool:
    """Whether a text can be no answer: it has no address, and is short, a courtesy or an aside."""
    is_short = len(tokens(fold(text))) < ANSWER_WORDS
    return not _ADDRESS.search(text) and (is_short or is_courtesy(text) or bool(_ASIDE.match(fold(text))))


# After the relay


async def take_back(ctx: Context, report: SentPost, user: str) -> Outcome | None:
    """Remove the answer, reopen its question and drop its draft, for ❌ under the report."""
    if report.removed or report.relays is None or report.event is None:
        return None
    if not await ctx.moderates(user):
        return Outcome("not theirs to take back")
    told = [post for post in await ctx.store.posts.relaying(report.relays) if post.purpose == "told"]
    if not told:
        return Outcome("taken back already")
    outcome = await _taken_back(ctx, report, told)
    is_open = outcome.find(QuestionReopening) is not None  # else an entry answers the question by now
    text = ctx.replies.say("taken_back" if is_open else "taken_back_kept", number=report.number or 0)
    edit = Reply(report.room, text, to=report.relays, quiet=True, replaces=report.event)
    return outcome.also(Post(edit, "relayed", number=report.number, relays=report.relays))


async def deleted(ctx: Context, redaction: Redaction) -> Outcome | None:
    """Do the same, and remove the report, for a deleted reply; None if it was relayed nowhere."""
    posts = await ctx.store.posts.relaying(redaction.target)
    report = _report_in(ctx, redaction.room, posts)
    if report is None:
        return None
    outcome = await _taken_back(ctx, report, [post for post in posts if post.purpose == "told"])
    return outcome.also(*(Withdraw(post.id) for post in posts if post.purpose == "relayed"))


async def _taken_back(ctx: Context, report: SentPost, told: Sequence[SentPost]) -> Outcome:
    outcome = Outcome("an answer taken back").also(*(Withdraw(post.id) for post in told))
    queued = await ctx.store.queue.question(report.number) if told and report.number is not None else None
    if queued is None or queued.entry is not None:  # gone; or kept as an entry, which still answers it
        return outcome
    known = [asking for asking in (await with_texts(ctx, queued)).askings if asking.told == report.made]
    outcome = outcome.also(QuestionReopening(queued.number, tuple((asking.id, asking.text) for asking in known)))
    draft = await ctx.store.queue.draft_for(queued.number)
    if draft is None:
        return outcome
    shown = await ctx.store.queue.draft_posts(draft.number)
    return outcome.also(DraftDecision(draft.number, "dropped"), *map(Withdraw, shown))


async def edited(ctx: Context, utterance: Utterance) -> Outcome | None:
    """Update the relayed answer and the draft for an edited reply; None if it was relayed nowhere."""
    message = utterance.message
    known_posts = await ctx.store.posts.relaying(message.id)
    report = _report_in(ctx, message.room, known_posts)
    if report is None or report.number is None:
        return None
    if not await ctx.moderates(message.sender):
        return Outcome("no moderator any more")
    told = [post for post in known_posts if post.purpose == "told"]
    if any(post.event is None for post in told):
        return Outcome("answer not sent yet", retry_at=ctx.clock() + SOON)
    queued = await ctx.store.queue.question(report.number)
    if queued is None or not told:
        return Outcome("nothing left")
    queued = await with_texts(ctx, queued)
    text, events = message.text.strip(), {(post.channel, post.room): post.event for post in told}
    known = [asking for asking in queued.askings if asking.told == report.made]
    posts = await notifications_for(ctx, queued, actions.words_of(text), known, relays=message.id)
    edits = tuple(
        replace(post, outgoing=replace(post.outgoing, replaces=events[post.channel, post.outgoing.room]))
        for post in posts
        if isinstance(post.outgoing, Reply) and post.channel and (post.channel, post.outgoing.room) in events
    )
    outcome = Outcome("a relayed answer was edited", edits)
    draft = await ctx.store.queue.draft_for(queued.number)
    if draft is None:
        return outcome
    shown = await ctx.store.queue.draft_posts(draft.number)
    anew = await drafting.propose_draft(ReplyTarget.of(ctx, message), queued, text, number=draft.number)
    return approval.merge_outcomes(outcome, anew).also(*map(Withdraw, shown))


def _report_in(ctx: Context, room: str, posts: Sequence[SentPost]) -> SentPost | None:
    """Return the first report among the posts, if it is in that room: anybody can write any id."""
    reports = (post for post in posts if post.purpose == "relayed" and ctx.channel.is_same_room(post.room, room))
    return next(reports, None)


async def with_texts(ctx: Context, queued: QueuedQuestion) -> QueuedQuestion:
    """Return the question with its texts, which are erased once it is closed, as the network has them now."""
    askings = []
    for asking in queued.askings:
        question = None if asking.text else await admission.fetch(ctx.of(asking.channel), asking.room, asking.event)
        is_theirs = question is not None and ctx.store.hash(question.message.sender) == asking.asker
        askings.append(replace(asking, text=question.text) if question and is_theirs else asking)
    return replace(queued, askings=tuple(askings))
