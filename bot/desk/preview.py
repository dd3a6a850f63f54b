"""The reply that the bot would give in a room, with an unsaved entry among the others."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

from bot.conversation.context import Context
from bot.conversation.policy import NO_QUESTION
from bot.desk.trial import MissedPhrasing, TakenPhrasing, home, missed, taken
from bot.knowledge.models import Entry
from bot.matching import Match
from bot.matching.decision import Answer, Suggest, decide
from bot.matching.index import Index

NEAREST = 3  # entries that are named with their confidence
_EFFECTS: WeakKeyDictionary[Index, tuple[tuple[MissedPhrasing, ...], tuple[TakenPhrasing, ...]]] = WeakKeyDictionary()
"""What a trial comes to whatever is asked, as long as its index is kept."""


@dataclass(frozen=True, slots=True)
class ReplyPreview:
    """`text`: in Markdown. `nearest`: what was found, best first."""

    text: str
    nearest: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class TrialReport:
    """`question`: what was asked, empty if nothing was; then there is no `reply`."""

    question: str
    reply: ReplyPreview | None
    missed: tuple[MissedPhrasing, ...]
    taken: tuple[TakenPhrasing, ...]


async def report(ctx: Context, entry: Entry, question: str) -> TrialReport:
    """Slow where the entry is a new one for it: an index is built."""
    if ctx.trial is None:
        raise RuntimeError("a conversation whose knowledge cannot be tried")
    live, trial = ctx.index(), await ctx.trial(entry)
    return await asyncio.to_thread(_report, replace(ctx, index=lambda: trial, venue=home(entry)), live, entry, question)


def _report(ctx: Context, live: Index, entry: Entry, question: str) -> TrialReport:
    trial = ctx.index()
    if trial not in _EFFECTS:
        _EFFECTS[trial] = tuple(missed(trial, entry, ctx.limits)), tuple(taken(trial, live, entry))
    return TrialReport(question, _reply(ctx, question) if question else None, *_EFFECTS[trial])


def _reply(ctx: Context, question: str) -> ReplyPreview:
    """As to a question that names the bot, where the entry is at home."""
    result = ctx.index().search(question, ctx.venue)
    match decide(result, True, ctx.limits):
        case Answer(matches, _, unanswered):
            text = ctx.replies.answer(ctx.given(_ids(matches)), ctx.knowledge, ctx.today, is_brief=True)
        case Suggest(matches, _, answered, unanswered):
            known = ctx.given(_ids(answered))
            text = ctx.replies.suggest(ctx.given(_ids(matches)), ctx.knowledge, ctx.today, answered=known)
        case _ if "?" not in question and result.question < NO_QUESTION:
            text, unanswered = ctx.replies.say("no_question"), ()
        case _:
            text, unanswered = ctx.replies.unknown(then="queued"), ()
    return ReplyPreview(ctx.replies.with_rest(text, queued=True) if unanswered else text, result.matches[:NEAREST])


def _ids(matches: tuple[Match, ...]) -> list[str]:
    return [match.id for match in matches]
