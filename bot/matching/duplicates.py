"""Whether two questions ask the same, so that the moderators read them as one. Stricter rather than laxer: a question
that stays apart is one line too many, one that is merged wrongly gets a wrong answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.matching.index import Index
from bot.matching.text import clean, fold, tokens, words

DUPLICATE = 0.7
"""The share of their words, by rarity, that two questions have in common at least. Measured on the pairs of
`tests/matching/test_alike.py`: those that ask the same reach 0.73, mostly 1.0; one word more of three leaves 0.67."""

_ASKING = {
    **{"quand": "when", "when": "when", "où": "where", "where": "where", "qui": "who", "who": "who"},
    **{"combien": "how much", "comment": "how", "how": "how", "pourquoi": "why", "why": "why"},
}
_TURNING = {"sans", "without"}  # small words that turn the meaning round
_BEGINNING = 1_000  # characters by which it is seen whether two texts are worth a closer look: there may be hundreds


@dataclass(frozen=True, slots=True)
class Contents:
    """What a question says: its words with their rarity, and what small words make of them."""

    line: str
    words: Mapping[str, float] = field(default_factory=dict)  # stemmed, synonyms folded, typos mended
    asking: frozenset[str] = frozenset()
    turned: bool = False


def contents(text: str, rarity: Mapping[str, float]) -> Contents:
    said = tokens(fold(text))
    first = {"where"} if said[:1] == ["ou"] else set()
    typed = text.lower().split()
    asking = {_ASKING[word] for word in (*said, *typed) if word in _ASKING} | first
    return Contents(" ".join(said), rarity, frozenset(asking), not _TURNING.isdisjoint(said))


def duplicate_score(one: Contents, other: Contents) -> float:
    """How much of their words they share, 0 to 1; 0 where each says something that the other does not, or where one
    asks when and the other where."""
    if one.line == other.line:
        return 1.0
    apart = one.asking and other.asking and one.asking.isdisjoint(other.asking)
    shared = one.words.keys() & other.words.keys()
    if apart or one.turned != other.turned or shared not in (one.words.keys(), other.words.keys()):
        return 0.0
    rarity = {**one.words, **other.words}
    return sum(rarity[word] for word in shared) / (sum(rarity.values()) or 1.0)


def likely_duplicates(text: str, others: Sequence[str], most: int = 20) -> list[int]:
    """The places of the texts that share most words with it: only these are worth a closer look."""
    folded, *rest = [fold(one[:_BEGINNING]) for one in (text, *others)]
    mine = set(words(folded))
    shared = {place: len(mine & set(words(other))) for place, other in enumerate(rest)}
    same = {place for place, other in enumerate(rest) if other == folded}
    found = [place for place in shared if shared[place] or place in same]
    return sorted(found, key=lambda place: (place not in same, -shared[place], place))[:most]


def find_duplicate(index: Index, text: str, others: Sequence[str]) -> int | None:
    """The place of the text that asks the same; None: none does."""
    places = likely_duplicates(text, others)
    asked = _contents(index, text)
    found = {place: duplicate_score(asked, _contents(index, others[place])) for place in places}
    best = max(found, key=lambda place: (found[place], -place), default=None)
    return best if best is not None and found[best] >= DUPLICATE else None


def _contents(index: Index, text: str) -> Contents:
    asked = index.question_text(text) or clean(text)
    return contents(asked, index.corpus.said(asked))
