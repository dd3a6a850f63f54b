"""Topics that a forum marks as solved: the accepted reply may become an answer. Looked for when a list is made."""

from __future__ import annotations

import json
from datetime import timedelta

from bot.conversation import admission
from bot.conversation.context import Context
from bot.conversation.moderation import reply_candidates
from bot.messages import SolvedTopic
from bot.store import Outcome, ReplyCandidate

READ = 6  # topics for one list
_REMEMBERED = 500  # topics that were read


async def collect(ctx: Context) -> None:
    """Note the newest ones as candidates, each once; without a request while enough of them wait."""
    if len(await ctx.store.candidates.replies()) >= reply_candidates.SHOWN:
        return
    for network in ctx.networks.values():
        if network.channel.topic_search:
            await _collect(network)


async def _collect(ctx: Context) -> None:
    search, name = ctx.channel.topic_search, f"solved topics read: {ctx.channel.name}"
    known = json.loads(await ctx.store.memory.get(name) or "[]")
    since = ctx.today - timedelta(days=ctx.retention)
    topics = await search.solved(since, known, READ) if search else ()
    for topic in topics:
        if await _is_listed(ctx, topic):
            candidate = ReplyCandidate(ctx.channel.name, topic.room, topic.answer, topic.question)
            outcome = Outcome("a solved topic", candidate=candidate)
            await ctx.store.apply(ctx.channel.name, f"solved {topic.room}", outcome, ctx.clock())
    if topics:
        await ctx.store.memory.set(name, json.dumps([*known, *(topic.room for topic in topics)][-_REMEMBERED:]))


async def _is_listed(ctx: Context, topic: SolvedTopic) -> bool:
    """Whether it stands in a category of the settings: the forum's search counts their sub-categories in."""
    question = await admission.fetch(ctx, topic.room, topic.question)
    return question is not None and bool(question.message.venue.rooms)
