"""Whether a message goes on from an answer of the bot, and what it then gets."""

from __future__ import annotations

import asyncio
from collections.abc import Set
from dataclasses import replace

from bot.conversation import answers, small_talk
from bot.conversation.addressing import Utterance
from bot.conversation.context import Context
from bot.conversation.policy import FOLLOW_UP_AGE, asks_nothing
from bot.knowledge.models import Entry
from bot.matching import SearchResult
from bot.matching.decision import Silent
from bot.matching.follow_up import decide_follow_up, goes_on, leans, may_follow
from bot.matching.index import EncodedMessage
from bot.messages import Message
from bot.store import Outcome, Purpose, SentPost

_GONE_ON_FROM: Set[Purpose] = {"answer", "short", "told", "suggest"}


async def is_follow_up(ctx: Context, message: Message) -> bool:
    """Whether a message in the thread of an overheard answer is for the bot: that person asked, it asks again, and
    nobody else wrote there."""
    if message.thread is None or message.mentions_others or not may_follow(message.text):
        return False
    replies = await ctx.store.posts.replies_to(message.thread)
    is_asker = any(post.asker == ctx.store.hash(message.sender) and not post.removed for post in replies)
    if not is_asker or await ctx.store.posts.has_human_answer(message.room, message.thread, message.sender):
        return False
    return "?" in message.text


async def reply(
    ctx: Context, utterance: Utterance, replied_to: SentPost | None, said: EncodedMessage, plain: SearchResult
) -> Outcome | None:
    """The outcome of a message that goes on from an answer; None: it stands for itself. `plain`: what it finds alone.

    What is not known is asked of the moderators with what it is about, without which they could not read it; not so
    where that is hidden, since the forum's search and the digest get the words as well.
    """
    text, message = utterance.text, utterance.message
    is_bare = small_talk.asks_barely(text)
    is_near = bool(replied_to or message.thread or (message.direct and is_bare))
    before = await _post_before(ctx, message, replied_to) if _may_go_on(utterance, is_near) else None
    given = _topic(ctx, before) if before else None
    if before is None or given is None:
        return None
    decision = await asyncio.to_thread(decide_follow_up, said, plain, given, ctx.limits, ctx.venue)
    if not isinstance(decision, Silent):
        return await answers.reply(ctx, utterance, decision)
    if before.purpose == "suggest":
        return None
    if not goes_on(text) and not is_bare and (not is_near or asks_nothing(text, plain)):
        return None
    title = given.title if given.title.endswith("?") else f"{given.title} :"
    question = replace(utterance, text=f"{title} {text}") if given.public else utterance
    return await answers.unknown(ctx, question, decision.reason, about=given)


def _may_go_on(utterance: Utterance, is_near: bool) -> bool:
    """`is_near`: it is a reply, or in a thread; of other messages only the words tell."""
    text = utterance.text
    return may_follow(text) and (is_near or goes_on(text) or (utterance.message.direct and leans(text)))


async def _post_before(ctx: Context, message: Message, replied_to: SentPost | None) -> SentPost | None:
    """The answer or offer right before."""
    post = replied_to
    if post is None or post.purpose not in _GONE_ON_FROM:
        since = ctx.clock() - FOLLOW_UP_AGE
        post = await ctx.store.posts.latest_to(message.room, message.sender, _GONE_ON_FROM, since)
    return None if post is None or post.removed else post


def _topic(ctx: Context, post: SentPost) -> Entry | None:
    """The entry that an answer gave, or that an offer names first; None: it gave several."""
    given = ctx.entries(post.entries)
    return given[0] if len(given) == 1 or (given and post.purpose == "suggest") else None
