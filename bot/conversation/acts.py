"""Acts, the messages that are no question: their effect on the post that they are about, or else the reply to them.

Emojis stand for some of the acts, with the same effect.
"""

from collections.abc import Awaitable, Callable, Mapping, Set
from dataclasses import replace
from functools import partial
from typing import Literal

from bot.conversation import admission, answers, choices, follow_ups, question_queue
from bot.conversation.addressing import DISCUSSED, Utterance, plain_sign
from bot.conversation.admission import Before
from bot.conversation.context import Context
from bot.conversation.moderation import approval, desk_links, phrasings, relay, reports
from bot.conversation.policy import COOL_DOWN
from bot.matching.judge import LEAST
from bot.messages import Message, Reply
from bot.reading import Act, Pick, Reading
from bot.reading.picks import picked
from bot.replies import AGREE, MORE, REFUSE
from bot.store import DISLIKED, LIKED, THANKED, Dequeue, Outcome, Post, Purpose, Rating, SentPost, Withdraw

Deed = Act | Literal["like", "dislike", "take"] | Pick
"""An action on a post. A `pick` comes with its numbers."""
OnPost = Callable[[Context, SentPost, str], Awaitable[Outcome | None]]
"""Applies a user's deed to a post; returns None if it means nothing there."""

ALONE: Mapping[str, Act] = {AGREE: "agree", REFUSE: "refuse", MORE: "more", "👍": "thanks", "👎": "complaint"}
"""The act of a message that is only this emoji. Digits are read as numbers."""
TO_THE_BOT: Set[Act] = {"thanks", "complaint", "dead_link", "sources", "more", "about_bot", "data", "quiet"}
"""Acts that may be for the bot, even if nobody called it, right after it spoke to their author."""
HEARD = 0.8  # least certainty of these: 0.52 of them are heard, 0.01 of statements taken for one; chosen on `nadine`
CLEAR = 0.9  # least certainty of an act for which the knowledge is not searched first
SURE = 0.5  # least certainty of an act that counts if nobody called the bot


def with_sign(reading: Reading) -> Reading:
    """Return the reading, with the act of a lone emoji."""
    act = ALONE.get(plain_sign(reading.text.strip()))
    return replace(reading, act=act, certainty=1.0) if act else reading


def is_surely_heard(reading: Reading, before: Before) -> bool:
    """Whether a message is for the bot if it comes right after a post to its author, even if nobody called it."""
    has_reply = (reading.act, before.said) != ("more", "unknown")
    return has_reply and reading.act in TO_THE_BOT and reading.certainty >= HEARD


async def to_post(ctx: Context, utterance: Utterance, reading: Reading, before: Before) -> Outcome | None:
    """Return the outcome of a message's act on the post before it; None if it may be for somebody else."""
    message, act = utterance.message, reading.act
    post = before.post
    if act == "pick" and post and post.purpose == "unknown":
        post = before.offer
    if post is None or post.removed:
        return None
    if before.is_reply and post.purpose == "draft":
        changed = await approval.edit(ctx, post, utterance) or await approval.file_under(ctx, post, utterance, reading)
        if changed:
            return changed
    is_called = utterance.called or message.direct
    is_heard = is_called or before.is_reply or (before.is_next and reading.certainty >= SURE)
    is_sign_only = ctx.channel.capabilities.reacts and (act, post.purpose) in _SIGNS_ONLY
    is_meant = (act, post.purpose) in _ON_POST or (act == "pick" and post.purpose in _PICKS)
    if act is None or not is_heard or is_sign_only or not is_meant:
        return None
    if act in ("agree", "refuse") and not (before.is_last and (post.purpose != "unknown" or message.private)):
        return None
    says_none = (act, post.purpose) == ("refuse", "suggest")  # « non, plutôt pour un fablab » says what is wanted too
    if says_none and (narrowed := await follow_ups.narrow(ctx, utterance, before, refuses=True)):
        return replace(narrowed, addressed=True)
    is_pick = act == "pick" or (act == "agree" and post.is_offer and picked(utterance.text))
    deed = await _pick(ctx, utterance, post) if is_pick else act
    is_talk = isinstance(deed, Pick) and not (deed.numbers and (not post.is_offer or deed.among(post.entries)))
    if is_talk and not (is_called or before.is_reply):
        return None  # people say 'all' and 'five' to each other as well
    outcome = await do(ctx, deed, post, message.sender)
    is_awaited = is_called or is_surely_heard(reading, before)  # a reply, whatever happens to the post
    if outcome is None or (is_awaited and outcome == Outcome(outcome.reason)):
        return None
    return replace(outcome, about=post.event)


async def _pick(ctx: Context, utterance: Utterance, post: SentPost) -> Pick | None:
    """Return the numbers that somebody names, else that of the offered entry that the words find; None for neither."""
    if pick := picked(utterance.text):
        return pick
    matches = (await ctx.search(utterance.text, set(post.entries), is_judged=False)).matches
    return Pick((post.entries.index(matches[0].id),)) if matches and matches[0].confidence >= LEAST else None


async def do(ctx: Context, deed: Deed | None, post: SentPost, user: str) -> Outcome | None:
    if isinstance(deed, Pick):
        pick = _PICKS.get(post.purpose)
        return await pick(ctx, post, user, deed) if pick else None
    does = _ON_POST.get((deed, post.purpose)) or _ON_POST.get((deed, None))
    return await does(ctx, post, user) if does else None


async def consent(ctx: Context, post: SentPost, user: str) -> Outcome:
    """Pass a question asked in private on to moderators: its asker agrees."""
    is_asker = post.event is not None and ctx.store.hash(user) == post.asker
    question = await admission.question_of(ctx, post) if is_asker else None
    if question is None or await question_queue.queue_status(ctx, question.message) != "offered":
        return Outcome("nothing to agree to")
    if await ctx.store.queue.question_of(question.message.channel, question.message.id):
        return Outcome("agreed already")
    text = ctx.replies.unknown(then="queued", wait=await question_queue.usual_wait(ctx))
    passed_on = Post(answers.edit(post, text), "unknown", question=post.question, asker=user)
    outcome = Outcome("passed on").also(passed_on, await question_queue.question(ctx, question))
    return answers.wrap_for_channel(ctx, question, outcome)


async def take_back(ctx: Context, post: SentPost, user: str) -> Outcome | None:
    """Withdraw a question from the queue, or from being passed on, for its asker; else remove the post."""
    question = await admission.question_of(ctx, post) if ctx.store.hash(user) == post.asker else None
    queued = await ctx.store.queue.question_of(post.channel, post.question) if post.question else None
    is_offered = question is not None and question.message.private and ctx.moderation is not None
    if question is None or not (queued or is_offered):
        return await remove(ctx, post, user)
    if queued and queued.closed:
        return Outcome("answered already")
    text = ctx.replies.say("taken_back_by_asker") if queued else ctx.replies.unknown(then="nothing")
    withdrawn = Post(answers.edit(post, text), "unknown", question=post.question, asker=user)
    outcome = Outcome("not passed on").also(withdrawn, Dequeue(question.message.id) if queued else None)
    return answers.wrap_for_channel(ctx, question, outcome)


async def remove(ctx: Context, post: SentPost, user: str) -> Outcome | None:
    return Outcome("removed by a moderator").also(Withdraw(post.id)) if await ctx.moderates(user) else None


async def judge(ctx: Context, post: SentPost, user: str, value: int) -> Outcome:
    """Count a 👍 or 👎 for the entry in the current reply; of a 👎 the moderators see what was asked and answered."""
    current = await answers.current(ctx, post) or post
    rating = rating_of(current, user, value)
    if value > 0:
        return Outcome(LIKED).also(rating, await phrasings.liked(ctx, post))
    disliked = await question_queue.disliked_answer(ctx, current, user)
    ask = await question_queue.unanswered(ctx, post, disliked) if post.purpose != "command" else None
    queued = await ctx.store.queue.question(ask.number) if ask and ask.number and not ask.note and disliked else None
    return Outcome(DISLIKED).also(rating, ask, await reports.edited_note(ctx, queued, disliked) if queued else None)


def rating_of(post: SentPost, user: str, value: int) -> Rating | None:
    """Return the rating of the entry in a post; None if it does not answer with one."""
    is_answer = bool(post.entries) and not post.is_offer and post.purpose not in DISCUSSED
    return Rating(post.entries[0], user, value) if is_answer else None


_ON_POST: Mapping[tuple[Deed | None, Purpose | None], OnPost] = {  # by the post's purpose; None: any other
    ("agree", "draft"): partial(approval.decide, yes=True),
    ("refuse", "draft"): partial(approval.decide, yes=False),
    ("refuse", "asked"): approval.set_aside,
    ("take", "asked"): approval.take,
    ("refuse", "relayed"): relay.take_back,
    ("refuse", "session"): desk_links.end,
    ("agree", "unknown"): consent,
    ("agree", "suggest"): choices.choose_only,
    ("refuse", "suggest"): choices.choose_none,
    ("refuse", "unknown"): take_back,
    ("withdraw", "unknown"): take_back,
    ("leave", "unknown"): take_back,
    ("refuse", None): remove,
    ("like", None): partial(judge, value=1),
    ("dislike", None): partial(judge, value=-1),
    ("more", "answer"): choices.show_more,
}
_PICKS: Mapping[Purpose, Callable[[Context, SentPost, str, Pick], Awaitable[Outcome | None]]] = {
    "suggest": choices.choose,
    "answer": choices.show_related,
    "short": choices.show_related,
}
_SIGNS_ONLY: Set[tuple[Act | None, Purpose]] = {("refuse", "asked"), ("refuse", "relayed")}
"""Effected by words only where there are no emojis; elsewhere moderators may say these among themselves."""


# Replies


async def reply(ctx: Context, utterance: Utterance, reading: Reading, before: Before) -> Outcome | None:
    """Return the reply to an act that had no effect on a post; None if the message is no act."""
    message, act = utterance.message, reading.act
    judged = before.post.event if before.post else None
    match act:
        case None:
            return None
        case "thanks":
            return replace(answers.nod(ctx, message), reason=THANKED, about=judged)
        case "ack" | "leave" | "agree":
            return answers.nod(ctx, message)
        case "greet" if before.said != "nothing" and utterance.text.strip():  # a farewell, mostly
            return answers.nod(ctx, message)
        case "refuse" | "complaint":
            return replace(answers.say(ctx, message, DISLIKED, ctx.replies.about("complaint")), about=judged)
        case "about_bot":
            return answers.say(ctx, message, f"about itself: {act}", ctx.replies.about("bot"))
        case "dead_link":
            return await _report_link(ctx, message, before.post)
        case "sources":
            entries = ctx.given(before.post.entries) if before.post else []
            text = ctx.replies.sources(entries) if entries else ctx.replies.about("bot")
            return answers.say(ctx, message, "sources", text)
        case "more" if before.said in ("answer", "offer"):
            return answers.say(ctx, message, act, ctx.replies.say(f"no_more_{before.said}"))
        case "pick" if not picked(utterance.text):  # of what was not offered: a question
            return None
        case "pick" | "more":
            return answers.no_question(ctx, message)
        case _:
            return answers.say(ctx, message, act, ctx.replies.say(_SENTENCES[act], days=ctx.settings.retention))


_SENTENCES: Mapping[Act, str] = {
    "greet": "courtesy",
    "withdraw": "nothing_to_take_back",
    "data": "privacy",
    "quiet": "quiet",
}


async def _report_link(ctx: Context, message: Message, post: SentPost | None) -> Outcome:
    """Tell moderators which answer has a dead link, without quoting the reporter, and of each answer once an hour."""
    entries = ctx.given(post.entries) if post else []
    if not entries or ctx.moderation is None:
        untold = "link_of_which" if ctx.moderation and not entries else "link_not_reported"
        return answers.say(ctx, message, "a dead link", ctx.replies.say(untold))
    target_ctx, room = ctx.moderation
    outcome = answers.say(ctx, message, "a dead link", ctx.replies.say("link_reported"))
    ids, since = [entry.id for entry in entries], ctx.clock() - COOL_DOWN
    if all([await ctx.store.posts.latest_answer(room, id, since, "note") for id in ids]):
        return outcome
    note = target_ctx.replies.link_reported(target_ctx.given(ids))
    return outcome.also(Post(Reply(room, note, quiet=True), "note", tuple(ids), channel=target_ctx.channel.name))
