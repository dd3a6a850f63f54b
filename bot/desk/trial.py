"""What an unsaved entry does among the others: which of its phrasings miss it, and what it takes from others. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.knowledge.models import Entry
from bot.matching import SearchResult
from bot.matching.decision import Answer, Suggest, Thresholds, decide
from bot.matching.index import Index
from bot.matching.locality import is_hidden
from bot.messages import Venue
from bot.quality.leave_one_out import LeaveOneOut, LeftOutRank

NEAREST = 12  # other entries whose phrasings are looked at


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


def home(entry: Entry) -> Venue:
    """Where it goes first."""
    return Venue(frozenset(entry.rooms), entry.region)


def missed(trial: Index, entry: Entry, limits: Thresholds) -> Iterator[MissedPhrasing]:
    """Phrasings of the entry that would not be answered with it when somebody asks the bot with them."""
    for text in entry.questions:
        result = trial.search(text, home(entry))
        match decide(result, True, limits):
            case Answer(matches) if entry.id in {match.id for match in matches}:
                continue
            case Suggest(matches) if entry.id in {match.id for match in matches}:
                yield MissedPhrasing(text, True, _best_other(result, entry.id))
            case _:
                yield MissedPhrasing(text, False, _best_other(result, entry.id))


def taken(trial: Index, live: Index, entry: Entry) -> Iterator[TakenPhrasing]:
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
    return [other for other in others if not is_hidden(entry, home(other)) and entry.home == other.home][:NEAREST]


def _ranks(index: Index, place: int) -> list[LeftOutRank]:
    own = LeaveOneOut(index, place)
    return [own.rank(number) for number in own.numbers]


def _leads_to(rank: LeftOutRank, id: str) -> bool:
    return rank.rival == id and rank.left_out > 1


def _place(index: Index, id: str) -> int:
    return next(place for place, entry in enumerate(index.entries) if entry.id == id)
