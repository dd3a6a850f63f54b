"""An unsaved entry tried among the others: the reply that the bot would give, which of its phrasings miss it, and what
it takes from others."""

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
from bot.quality.leave_one_out import LeaveOneOut, LeftOutRank

NAMED = 3  # entries that are named with their confidence
NEIGHBOURS = 12  # other entries whose phrasings are looked at
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
    return await asyncio.to_thread(
        _report, replace(ctx, index=lambda: trial, venue=_home(entry)), live, entry, question
    )


def _report(ctx: Context, live: Index, entry: Entry, question: str) -> TrialReport:
    trial = ctx.index()
    if trial not in _EFFECTS:
        _EFFECTS[trial] = (
            tuple(_missed_phrasings(trial, entry, ctx.limits)),
            tuple(_taken_phrasings(trial, live, entry)),
        )
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
        case _ if asks_nothing(ctx.index().reader.read(question)):
            text, unanswered = ctx.replies.say("no_question"), ()
        case _:
            text, unanswered = ctx.replies.unknown(then="queued"), ()
    return ReplyPreview(
        ctx.replies.with_rest(text, unanswered, queued=True) if unanswered else text, result.matches[:NAMED]
    )


def _ids(matches: tuple[Match, ...]) -> list[str]:
    return [match.id for match in matches]


# Phrasings


@dataclass(frozen=True, slots=True)
class MissedPhrasing:
    """A phrasing that does not lead to its own entry. `offered`: the entry is among several to choose from. `title`: of
    the entry that is found instead, empty if there is none."""

    text: str
    offered: bool
    title: str = ""


@dataclass(frozen=True, slots=True)
class TakenPhrasing:
    """A phrasing of another entry. Who asks nearly the same gets the unsaved entry from now on."""

    id: str
    title: str
    text: str


def _home(entry: Entry) -> Venue:
    """Where it goes first."""
    return Venue(frozenset(entry.rooms), entry.region)


def _missed_phrasings(trial: Index, entry: Entry, limits: Thresholds) -> Iterator[MissedPhrasing]:
    """Phrasings of the entry that would not be answered with it when somebody asks the bot with them."""
    for text in entry.questions:
        result = trial.search(text, _home(entry))
        match decide(result, True, limits):
            case Answer(matches) if entry.id in {match.id for match in matches}:
                continue
            case Suggest(matches) if entry.id in {match.id for match in matches}:
                yield MissedPhrasing(text, True, _best_other(result, entry.id))
            case _:
                yield MissedPhrasing(text, False, _best_other(result, entry.id))


def _taken_phrasings(trial: Index, live: Index, entry: Entry) -> Iterator[TakenPhrasing]:
    """Phrasings of the nearest other entries that now lead to this one if they are not written just so."""
    places = {one.id: place for place, one in enumerate(live.entries)}
    for other in _nearest(trial, entry):
        before = {rank.text: rank for rank in _ranks(live, places[other.id])}
        for rank in _ranks(trial, _place(trial, other.id)):
            was = before.get(rank.text)
            if _leads_to(rank, entry.id) and (was is None or not _leads_to(was, entry.id)):
                yield TakenPhrasing(other.id, other.title, rank.text)


def _best_other(result: SearchResult, id: str) -> str:
    return next((match.title for match in result.matches if match.id != id), "")


def _nearest(trial: Index, entry: Entry) -> Sequence[Entry]:
    """Those that its own words find, and whose people may see both."""
    results = [trial.search(text) for text in (entry.title, *entry.questions)]
    ids = dict.fromkeys(match.id for result in results for match in result.matches if match.id != entry.id)
    others = [trial.knowledge.entries[id] for id in ids]
    return [other for other in others if not is_hidden(entry, _home(other)) and entry.home == other.home][:NEIGHBOURS]


def _ranks(index: Index, place: int) -> list[LeftOutRank]:
    own = LeaveOneOut(index, place)
    return [own.rank(number) for number in own.numbers]


def _leads_to(rank: LeftOutRank, id: str) -> bool:
    return rank.rival == id and rank.left_out > 1


def _place(index: Index, id: str) -> int:
    return next(place for place, entry in enumerate(index.entries) if entry.id == id)
