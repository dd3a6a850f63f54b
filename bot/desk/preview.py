"""An unsaved entry tried among the others: the reply that the bot would give and how it read the question, which of its
phrasings miss it, and what it takes from others."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

from bot.conversation.context import Context
from bot.conversation.policy import asks_nothing
from bot.knowledge.models import Entry
from bot.matching import Match, SearchResult
from bot.matching.decision import Answer, Suggest, Thresholds, decide
from bot.matching.index import Index
from bot.matching.locality import is_hidden
from bot.messages import Venue
from bot.quality.leave_one_out import LeaveOneOut

NAMED = 3  # entries that are named with their confidence
NEIGHBOURS = 12  # other entries whose phrasings are looked at
_EFFECTS: WeakKeyDictionary[Index, TrialReport] = WeakKeyDictionary()
"""The report on a trial when nothing is asked, as long as its index is kept."""


@dataclass(frozen=True, slots=True)
class TrialReport:
    """`missed`: phrasings that do not lead to their entry, each with whether it is among several to choose from, and
    with the title of the entry that is found instead, empty if there is none. `taken`: phrasings of other entries, each
    with its entry: who asks nearly the same gets the unsaved one from now on.

    `question`: what was asked, empty if nothing was; then there is no reply. `reply`: in Markdown; `reading`: what the
    question was read as, in lines of Markdown; `nearest`: what was found, best first."""

    missed: tuple[tuple[str, bool, str], ...]
    taken: tuple[tuple[str, Entry], ...]
    question: str = ""
    reply: str = ""
    reading: tuple[str, ...] = ()
    nearest: tuple[Match, ...] = ()


async def report(ctx: Context, entry: Entry, question: str) -> TrialReport:
    """Slow where the entry is a new one for it: an index is built."""
    if ctx.bot.trial is None:
        raise RuntimeError("a conversation whose knowledge cannot be tried")
    live, trial = ctx.index(), await ctx.bot.trial(entry)
    there = replace(ctx, index=lambda: trial, venue=Venue(*entry.home))
    return await asyncio.to_thread(_report, there, live, entry, question)


def _report(ctx: Context, live: Index, entry: Entry, question: str) -> TrialReport:
    trial = ctx.index()
    if (report := _EFFECTS.get(trial)) is None:
        missed, taken = _missed_phrasings(trial, entry, ctx.settings.limits), _taken_phrasings(trial, live, entry)
        report = _EFFECTS[trial] = TrialReport(tuple(missed), tuple(taken))
    if not question:
        return report
    result, reading = trial.search(question, ctx.venue), trial.reader.read(question)
    reply, said = _reply(ctx, result, asks_nothing(reading)), tuple(ctx.replies.reading(reading))
    return replace(report, question=question, reply=reply, reading=said, nearest=result.matches[:NAMED])


def _reply(ctx: Context, result: SearchResult, is_no_question: bool) -> str:
    """Return the reply to what names the bot, where the entry is at home."""

    def given(matches: Sequence[Match]) -> list[Entry]:
        return ctx.given([match.id for match in matches])

    unanswered: Sequence[str] = ()
    match decide(result, True, ctx.settings.limits):
        case Answer(matches, _, unanswered):
            text = ctx.replies.answer(given(matches), ctx.knowledge, ctx.today, is_brief=True)
        case Suggest(matches, _, answered, unanswered):
            text = ctx.replies.suggest(given(matches), ctx.knowledge, ctx.today, answered=given(answered))
        case _ if is_no_question:
            text = ctx.replies.say("no_question")
        case _:
            text = ctx.replies.unknown(then="queued")
    return ctx.replies.with_rest(text, unanswered, queued=True) if unanswered else text


def _missed_phrasings(trial: Index, entry: Entry, limits: Thresholds) -> Iterator[tuple[str, bool, str]]:
    """Phrasings of the entry that would not be answered with it when somebody asks the bot with them."""
    for text in entry.questions:
        result = trial.search(text, Venue(*entry.home))
        decision = decide(result, True, limits)
        is_found = isinstance(decision, Answer | Suggest) and entry.id in {match.id for match in decision.matches}
        if not (is_found and isinstance(decision, Answer)):
            other = next((match.title for match in result.matches if match.id != entry.id), "")
            yield text, is_found, other


def _taken_phrasings(trial: Index, live: Index, entry: Entry) -> Iterator[tuple[str, Entry]]:
    """Phrasings of the nearest other entries that now lead to this one if they are not written just so. They are those
    that its own words find, and whose people may see both."""
    found = [match.id for text in (entry.title, *entry.questions) for match in trial.search(text).matches]
    others = [trial.knowledge.entries[id] for id in dict.fromkeys(found) if id != entry.id]
    seen = [other for other in others if not is_hidden(entry, Venue(*other.home)) and entry.home == other.home]
    for other in seen[:NEIGHBOURS]:
        before = {*_lost(live, other.id, entry.id)}
        for text in _lost(trial, other.id, entry.id):
            if text not in before:
                yield text, other


def _lost(index: Index, id: str, to: str) -> Iterator[str]:
    """Yield the phrasings of an entry that lead to another one if they are not written just so."""
    own = LeaveOneOut(index, next(place for place, entry in enumerate(index.entries) if entry.id == id))
    for rank in map(own.rank, own.numbers):
        if rank.rival == to and rank.left_out > 1:
            yield rank.text
