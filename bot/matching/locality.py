"""Entries for certain rooms or a region: where each may be shown, and which go before others. Pure."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Self

from bot.knowledge.models import Entry, Knowledge
from bot.messages import Venue

ABOUT_AS_SURE = 1 / 3
"""From this share of the best confidence on, an entry is about as sure as the best one, and goes before it if that is
for other people. Measured on the twins of `tests/matching/test_locality.py`, the same question for two places: the
second one has 0.49 of it or more; where the question names the other place, 0.25 or less."""
NEAR = 1 / 20
"""The same where the best one is for everybody: the name of its place in the title costs one at home most of it."""

Ranked = Sequence[tuple[int, float]]
"""Number of an entry in the index and its confidence, best first."""


def is_hidden(entry: Entry, venue: Venue) -> bool:
    return not (entry.public or venue.shows_all) and venue.rooms.isdisjoint(entry.rooms)


def is_at_home(entry: Entry, venue: Venue) -> bool:
    return not venue.rooms.isdisjoint(entry.rooms) or (entry.region is not None and entry.region == venue.region)


def is_elsewhere(entry: Entry, venue: Venue) -> bool:
    """Whether it is for other people than those of the venue."""
    return entry.is_local and not is_at_home(entry, venue)


def visible(knowledge: Knowledge, venue: Venue) -> Knowledge:
    """Return the knowledge without entries hidden at the venue; the same object where none is."""
    hidden = {entry.id for entry in knowledge.local if is_hidden(entry, venue)}
    if not hidden:
        return knowledge
    return replace(knowledge, entries={id: entry for id, entry in knowledge.entries.items() if id not in hidden})


@dataclass(frozen=True, slots=True)
class Locality:
    """The local entries of an index by their relation to a venue (numbers); those for everybody are in no set."""

    hidden: frozenset[int] = frozenset()
    at_home: frozenset[int] = frozenset()
    elsewhere: frozenset[int] = frozenset()

    @classmethod
    def of(cls, local: Sequence[tuple[int, Entry]], venue: Venue | None) -> Self:
        """`local`: the entries for certain rooms or a region. Without a venue all count as entries for everybody."""
        if venue is None:
            return cls()
        relations = (is_hidden, is_at_home, is_elsewhere)
        return cls(*(frozenset(number for number, entry in local if stands(entry, venue)) for stands in relations))

    def rivals(self, ranked: Ranked) -> frozenset[int]:
        """Return the entries that give way to one about as sure: those of elsewhere to any other; the best one, if it
        is for everybody, to one at home."""
        if not ((self.at_home or self.elsewhere) and ranked):
            return frozenset()
        best, limit = ranked[0]
        about, near = ({number for number, sure in ranked if sure >= share * limit} for share in (ABOUT_AS_SURE, NEAR))
        elsewhere = self.elsewhere & about if about - self.elsewhere else frozenset()
        is_general = best not in self.elsewhere | self.at_home
        return elsewhere | {best} if is_general and self.at_home & near else elsewhere


EVERYWHERE = Locality()


def preferred(alone: Ranked, ranked: Ranked, rivals: Set[int]) -> Ranked:
    """Return the ranking after its `rivals` gave way: the others are as sure as they are `alone`, but no surer than
    they and the rivals were together; the rivals get the rest."""
    before = dict(ranked)
    share = sum(confidence for number, confidence in ranked if number in rivals)
    rows = [(number, min(sure, before.get(number, 0.0) + share)) for number, sure in alone]
    left = 1 - max((sure for _, sure in rows), default=0.0)
    behind = ((number, min(sure, left)) for number, sure in ranked if number in rivals)
    return sorted([*rows, *behind], key=itemgetter(1), reverse=True)  # equal ones keep their order
