"""Posts of a decision: their text, and the values that the store keeps of them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.conversation import question_queue
from bot.conversation.addressing import REPLIES, Utterance
from bot.conversation.admission import Before
from bot.conversation.context import Context
from bot.conversation.policy import CHOICE_AGE, COOL_DOWN, PRESENT, SOON, asks_nothing
from bot.knowledge.models import Entry
from bot.matching.decision import Answer, Decision, Silent, Suggest
from bot.messages import Message, OutgoingReaction, Reply
from bot.reading import Reading
from bot.replies import AGREE, CHOICES, MORE, REFUSE, WELCOME
from bot.store import Outcome, Post, Purpose, Question, SentPost
from bot.text.markdown import paragraphs


def post(
    ctx: Context, message: Message, text: str, purpose: Purpose, ids: Sequence[str] = (), choices: tuple[str, ...] = ()
) -> Post:
    """Return a reply to an addressed message, in its room and thread; it mentions an asker who may have left."""
    has_left = purpose in REPLIES and not message.direct and ctx.clock() - message.sent > PRESENT
    mentions = (message.sender,) if has_left else ()
    reply = Reply(message.room, text, to=message.id, thread=message.thread, mentions=mentions, choices=choices)
    return Post(reply, purpose, tuple(ids), question=message.id, asker=message.sender)


def edit(post: SentPost, text: str, choices: tuple[str, ...] = ()) -> Reply:
    """Return new words for a post of the bot."""
    return Reply(post.room, text, to=post.question, quiet=post.overheard, replaces=post.event, choices=choices)


def as_edits(outcome: Outcome, event: str | None) -> Outcome:
    """Return the outcome with its replies as edits of an event, without its reactions."""
    replies = [(post, post.outgoing) for post in outcome.posts if isinstance(post.outgoing, Reply)]
    posts = [replace(post, outgoing=replace(reply, replaces=event)) for post, reply in replies]
    return replace(outcome, posts=tuple(posts))


def wrap_for_channel(ctx: Context, question: Utterance, outcome: Outcome) -> Outcome:
    """Return the outcome with replies in the form of the network, and all posts marked if the question is private."""
    message, can_react = question.message, ctx.channel.capabilities.reacts
    is_members = not message.moderators_room
    posts = []
    for post in outcome.posts:
        outgoing = post.outgoing
        if isinstance(outgoing, Reply) and outgoing.to == message.id:
            text = outgoing.text
            if ctx.replies.quotes and is_members:
                text = ctx.replies.wrap(ctx.index().question_text(question.text), text)
            is_rated = post.purpose == "answer" and not post.overheard and is_members and ctx.settings.asks_feedback
            if can_react and is_rated:
                text = paragraphs([text, ctx.replies.say("rate")])
            outgoing = replace(outgoing, text=text, choices=outgoing.choices if can_react else ())
        posts.append(replace(post, outgoing=outgoing, private=message.private))
    return replace(outcome, posts=tuple(posts))


def overheard(ctx: Context, message: Message, decision: Answer, rehearsed_in: str | None = None) -> Post:
    """Return an answer to an overheard question: a notice in a thread on it.

    `rehearsed_in`: the moderators' room, if the answer is shown to moderators alone.
    """
    ids = tuple(match.id for match in decision.matches)
    text = ctx.replies.overheard(ctx.given(ids), ctx.knowledge, ctx.today, is_brief=True)
    if rehearsed_in:
        link = ctx.channel.link(message.room, message.id)
        text = ctx.replies.rehearsal(link, text, decision.matches[0].confidence)
        return Post(Reply(rehearsed_in, text, quiet=True), "rehearsal", ids, question=message.id)
    reply = Reply(message.room, text, to=message.id, thread=message.id, quiet=True)
    return Post(reply, "answer", ids, question=message.id, asker=message.sender, overheard=True)


async def outcome(ctx: Context, question: Utterance, reading: Reading, decision: Decision, before: Before) -> Outcome:
    """Return the outcome of an addressed message."""
    if not isinstance(decision, Silent):
        return await reply(ctx, question, decision)
    if asks_nothing(reading):
        return not_a_question(ctx, question, before)
    return await unknown(ctx, question, decision.reason)


def dated(ctx: Context, outcome: Outcome, asked: datetime) -> Outcome:
    """Return the outcome of a question that has waited: its reply says when it was asked."""
    posts = []
    for post in outcome.posts:
        if isinstance(post.outgoing, Reply) and post.purpose in ("answer", "suggest", "unknown"):
            text = ctx.replies.late(asked, ctx.today, post.outgoing.text)
            post = replace(post, outgoing=replace(post.outgoing, text=text))
        posts.append(post)
    return replace(outcome, posts=tuple(posts))


async def reply(ctx: Context, question: Utterance, decision: Answer | Suggest) -> Outcome:
    """Return the reply of a decision, with a note on the parts left unanswered, which enter the queue."""
    message, ids, today = question.message, tuple(match.id for match in decision.matches), ctx.today
    given = ctx.given(ids)
    ask: Question | None = None
    purpose: Purpose = "answer"
    answered: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    if isinstance(decision, Suggest):
        purpose, choices = "suggest", (*CHOICES[: len(ids)], REFUSE)
        answered = tuple(match.id for match in decision.answered)
        text = ctx.replies.suggest(given, ctx.knowledge, today, answered=ctx.given(answered))
    elif earlier := await recent_answer(ctx, message, ids):
        purpose = "short"
        link = ctx.channel.link(message.room, earlier.event) if earlier.event else None
        text = ctx.replies.short(given, link, today)
    else:
        choices = (MORE,) if ctx.replies.shortens(given) else ()
        text = ctx.replies.answer(given, ctx.knowledge, today, is_brief=True)
    if decision.unanswered:
        queued = await question_queue.queue_status(ctx, message) == "queued"
        text = ctx.replies.with_rest(text, decision.unanswered, queued=queued)
        rest = replace(question, text=" ".join(decision.unanswered))
        ask = await question_queue.question(ctx, rest) if queued else None
    said = replace(post(ctx, message, text, purpose, ids, choices), answered=answered)
    return Outcome(decision.reason).also(said, ask)


def say(ctx: Context, message: Message, reason: str, text: str, purpose: Purpose = "command") -> Outcome:
    """Return a reply that answers no question."""
    return Outcome(reason, (post(ctx, message, text, purpose),))


def no_question(ctx: Context, message: Message) -> Outcome:
    return say(ctx, message, "no question", ctx.replies.say("no_question"))


def not_a_question(ctx: Context, utterance: Utterance, before: Before) -> Outcome:
    """Return a sign for a remark on what the bot has just said, or on one of its posts among people; else a reply.

    After an offer there is a reply: what was meant as a choice must not seem taken.
    """
    is_remark = not (utterance.called or utterance.message.direct)
    is_heard = before.said in ("answer", "unknown") and (before.is_next or before.is_reply)
    return (nod if is_remark or is_heard else no_question)(ctx, utterance.message)


def nod(ctx: Context, message: Message) -> Outcome:
    """Return a reaction instead of a post; nothing where there are no reactions."""
    sign = Post(OutgoingReaction(message.room, message.id, WELCOME), "mark", question=message.id)
    return Outcome("a nod", (sign,) if ctx.channel.capabilities.reacts else ())


def retry_soon(ctx: Context) -> Outcome:
    """Retry a reaction or reply to an unknown event while a post is being sent: its id may not be stored yet."""
    return Outcome("perhaps to our post", retry_at=ctx.clock() + SOON)


async def current(ctx: Context, post: SentPost) -> SentPost | None:
    """Return the current reply to the question of a post: the newest one that is not removed."""
    replies = await ctx.store.posts.replies_to(post.question) if post.question else []
    return next((reply for reply in reversed(replies) if not reply.removed), None)


async def replied_to_or_latest(ctx: Context, message: Message) -> SentPost | None:
    """Return the bot's post that a message replies to; in a direct room the latest reply if it replies to none."""
    if message.reply_to or not message.direct:
        return await ctx.store.posts.find(message.reply_to or "")
    return await ctx.store.posts.latest_to(message.room, message.sender, REPLIES, ctx.clock() - CHOICE_AGE)


async def recent_answer(ctx: Context, message: Message, ids: Sequence[str]) -> SentPost | None:
    """Return the latest answer in the room within the hour, if *each* of these entries was given there."""
    since = ctx.clock() - COOL_DOWN
    earlier = [await ctx.store.posts.latest_answer(message.room, id, since) for id in ids]
    others = [post for post in earlier if post is not None and post.question != message.id]
    return others[-1] if others and len(others) == len(ids) else None


async def unknown(
    ctx: Context, question: Utterance, reason: str, answered: Sequence[str] = (), about: Entry | None = None
) -> Outcome:
    """Say that there is no answer, and queue the question; a private one is queued only if its asker agrees.

    `answered`: entries that answer other parts of the message, to be shown again; `about`: the entry given before.
    """
    message = question.message
    topics = () if message.private else await ctx.topics(question.text, message)
    then = await question_queue.queue_status(ctx, message)
    ask = await question_queue.question(ctx, question) if then == "queued" else None
    queued = await ctx.store.queue.question(ask.number) if ask and ask.number else None
    if ask and queued and any(asking.event != ask.event for asking in queued.askings):
        then = "waiting"  # moderators have it already, from another message
    wait = await question_queue.usual_wait(ctx)
    text = ctx.replies.unknown(then=then, wait=wait, topics=topics, about=about)
    if answered:
        text = ctx.replies.answer_and(ctx.given(answered), ctx.knowledge, ctx.today, text)
    said = post(ctx, message, text, "unknown", choices=(AGREE,) if then == "offered" else ())
    return Outcome(reason).also(said, ask)
