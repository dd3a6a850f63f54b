"""Messages that go on from an answer of the bot, and the replies to them."""

import asyncio
from dataclasses import replace
from functools import partial

from bot.conversation import admission, answers
from bot.conversation.addressing import REPLIES, Utterance
from bot.conversation.admission import Before
from bot.conversation.context import Context
from bot.conversation.policy import asks_nothing
from bot.knowledge.models import Entry
from bot.matching.decision import Answer, Silent, decide
from bot.matching.follow_up import decide_follow_up, goes_on, joined, leans, likeliest_sentence, may_follow
from bot.matching.index import EncodedMessage
from bot.messages import Message
from bot.reading import Reading
from bot.store import Outcome, SentPost
from bot.text.folding import fold, tokens
from bot.text.folding import is_bare as bare

ASKS = 0.3  # least probability at which stop words alone ask about the last answer
_GONE_ON_FROM = REPLIES - {"unknown"}


async def is_follow_up(ctx: Context, message: Message) -> bool:
    """Whether a message in the thread of an overheard answer is for the bot.

    It is if the asker asks again, and nobody else wrote there.
    """
    if message.thread is None or message.mentions_others or "?" not in message.text or not may_follow(message.text):
        return False
    replies = await ctx.store.posts.replies_to(message.thread)
    is_asker = any(post.asker == ctx.store.hash(message.sender) and not post.removed for post in replies)
    return is_asker and not await ctx.store.posts.has_human_answer(message.room, message.thread, message.sender)


async def narrow(ctx: Context, utterance: Utterance, before: Before, *, refuses: bool = False) -> Outcome | None:
    """Answer the question before, for which the bot had several answers or none, with what its asker adds to it.

    « une fiche de poste » « plutôt pour un fablab ». The first one is fetched again, since its text is not kept; only
    short ones are read as one, and only where they then have an answer. `refuses`: none of those offered will do.
    """
    post = before.post
    if post is None or post.purpose not in ("suggest", "unknown") or not (before.is_reply or before.is_next):
        return None
    if refuses and (post.asker != ctx.store.hash(utterance.message.sender) or bare(utterance.text)):
        return None
    asked = await admission.question_of(ctx, post) if may_follow(utterance.text) else None
    if asked is None or not may_follow(asked.text) or _is_same(asked.text, utterance.text):
        return None
    result = await ctx.search(f"{asked.text.rstrip(' .?!')} {utterance.text}")
    decision = decide(result, True, ctx.settings.limits)
    if not isinstance(decision, Answer) or (refuses and decision.matches[0].id in post.entries):
        return None
    return await answers.reply(ctx, utterance, decision)


async def reply(
    ctx: Context, utterance: Utterance, reading: Reading, before: Before, said: EncodedMessage
) -> Outcome | None:
    """Return the outcome of a message that goes on from an answer; None if it stands for itself.

    A question without an answer goes to moderators with its topic, without which they could not understand it; not with
    a hidden topic, since the forum's search and the digest get the words as well.
    """
    text, message, post = utterance.text, utterance.message, before.post
    is_bare = bare(text)
    if is_bare and reading.asks < ASKS:
        return None
    is_near = before.is_reply or message.thread is not None or (message.direct and is_bare)
    given = _topic(ctx, text, before, is_near)
    if given is None or post is None:
        return None
    is_addressed, is_read = utterance.is_addressed or before.is_reply, not post.is_offer
    if not is_read and (asked := await admission.question_of(ctx, post)) and _is_same(asked.text, text):
        return None  # who asks the same again is given the same again
    is_open = goes_on(text) or is_bare  # else it names what it wants
    read = partial(decide_follow_up, is_read=is_read and is_open)
    decision = await asyncio.to_thread(read, said, given, ctx.settings.limits, ctx.venue)
    is_of_given = is_read and not isinstance(decision, Silent) and decision.matches[0].id == given.id
    if is_of_given and (is_open or isinstance(decision, Answer)):
        is_wanted = is_addressed or isinstance(decision, Answer)
        return await _part(ctx, message, said, given, post) if is_wanted else None
    if not isinstance(decision, Silent):
        return await answers.reply(ctx, utterance, decision)
    if not is_read or not is_addressed:
        return None
    if not is_open and (not is_near or asks_nothing(reading)):
        return None
    question = replace(utterance, text=joined(given.title, text)) if given.public else utterance
    return await answers.unknown(ctx, question, decision.reason, about=given)


def _is_same(question: str, other: str) -> bool:
    return tokens(fold(question)) == tokens(fold(other))


async def _part(ctx: Context, message: Message, said: EncodedMessage, given: Entry, post: SentPost) -> Outcome:
    """Return the part of the answer just given that is asked for, instead of all of it or an offer to read it."""
    part = await asyncio.to_thread(likeliest_sentence, said, given)
    link = ctx.channel.link(message.room, post.event) if post.event else None
    entries = ctx.given([given.id])
    text = ctx.replies.part(given, part, link) if part else ctx.replies.short(entries, link, ctx.today)
    return Outcome("of the answer just given", (answers.post(ctx, message, text, "short", (given.id,)),))


def _topic(ctx: Context, text: str, before: Before, is_near: bool) -> Entry | None:
    """Return the entry that a message may go on from: the only one of an answer, or the first one of an offer.

    The message must be short enough, and near in place, or in time and words.
    """
    post = before.post
    if post is None or post.purpose not in _GONE_ON_FROM or not (before.is_reply or before.is_next):
        return None
    if not may_follow(text) or not (is_near or goes_on(text) or leans(text)):
        return None
    given = ctx.entries(post.entries)
    return given[0] if len(given) == 1 or (given and post.is_offer) else None
