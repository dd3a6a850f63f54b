"""Whether two questions ask the same, so that the moderators read them as one.

Precision before recall: a duplicate that is missed is one more line, a wrong merge a wrong answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.matching.index import Index
from bot.matching.text import clean, fold, tokens, words

DUPLICATE = 0.7
"""Least share of their words, by idf, that duplicates have in common. Measured on the pairs of
`tests/matching/test_duplicates.py`: duplicates reach 0.73, mostly 1.0; one word more of three leaves 0.67."""

_INTERROGATIVES = {
    **{"quand": "when", "when": "when", "où": "where", "where": "where", "qui": "who", "who": "who"},
    **{"combien": "how much", "comment": "how", "how": "how", "pourquoi": "why", "why": "why"},
}
_NEGATIONS = {"sans", "without"}
_COMPARED = 1_000  # characters of each text in the first, cheap comparison: there may be hundreds
_CANDIDATES = 20


@dataclass(frozen=True, slots=True)
class QuestionContent:
    """What is compared of a question: its words with their idf, its interrogatives, its negations."""

    line: str
    idf: Mapping[str, float] = field(default_factory=dict)  # by stem; synonyms folded, typos corrected
    interrogatives: frozenset[str] = frozenset()
    is_negated: bool = False


def content(text: str, idf: Mapping[str, float]) -> QuestionContent:
    folded = tokens(fold(text))
    first = {"where"} if folded[:1] == ["ou"] else set()
    typed = text.lower().split()
    interrogatives = {_INTERROGATIVES[word] for word in (*folded, *typed) if word in _INTERROGATIVES} | first
    return QuestionContent(" ".join(folded), idf, frozenset(interrogatives), not _NEGATIONS.isdisjoint(folded))


def duplicate_score(one: QuestionContent, other: QuestionContent) -> float:
    """Share of their words in common, 0 to 1.

    0 if each has a word that the other lacks, or if one asks when and the other where.
    """
    if one.line == other.line:
        return 1.0
    differ = one.interrogatives and other.interrogatives and one.interrogatives.isdisjoint(other.interrogatives)
    shared = one.idf.keys() & other.idf.keys()
    if differ or one.is_negated != other.is_negated or shared not in (one.idf.keys(), other.idf.keys()):
        return 0.0
    idf = {**one.idf, **other.idf}
    return sum(idf[word] for word in shared) / (sum(idf.values()) or 1.0)


def likely_duplicates(text: str, others: Sequence[str]) -> list[int]:
    """Places of the texts that share most words with it, equal ones first."""
    folded, *rest = [fold(one[:_COMPARED]) for one in (text, *others)]
    own = set(words(folded))
    shared = {place: len(own & set(words(other))) for place, other in enumerate(rest)}
    equal = {place for place, other in enumerate(rest) if other == folded}
    places = [place for place in shared if shared[place] or place in equal]
    return sorted(places, key=lambda place: (place not in equal, -shared[place], place))[:_CANDIDATES]


def find_duplicate(index: Index, text: str, others: Sequence[str]) -> int | None:
    """Place of the text that asks the same; None if none does."""
    question = _content(index, text)
    places = likely_duplicates(text, others)
    scores = {place: duplicate_score(question, _content(index, others[place])) for place in places}
    best = max(scores, key=lambda place: (scores[place], -place), default=None)
    return best if best is not None and scores[best] >= DUPLICATE else None


def _content(index: Index, text: str) -> QuestionContent:
    question = index.question_text(text) or clean(text)
    return content(question, index.corpus.idf_by_stem(question))
