"""Whether two questions ask the same, so that the moderators read them as one.

Precision before recall: a duplicate that is missed is one more line, a wrong merge a wrong answer.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from heapq import nsmallest
from typing import Self

from bot.matching.index import Index
from bot.text.folding import clean, fold, tokens, words

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
    """The parts of a question that are compared: words with their idf, interrogatives, negation."""

    line: str
    idf: Mapping[str, float]  # by stem; synonyms folded, typos corrected
    interrogatives: Set[str]
    is_negated: bool

    @classmethod
    def of(cls, index: Index, text: str) -> Self:
        question = index.question_text(text) or clean(text)
        folded = tokens(fold(question))
        asking = _INTERROGATIVES.keys() & {*folded, *question.lower().split()}
        interrogatives = {_INTERROGATIVES[word] for word in asking} | ({"where"} if folded[:1] == ["ou"] else set())
        idf = index.corpus.idf_by_stem(question)
        return cls(" ".join(folded), idf, interrogatives, not _NEGATIONS.isdisjoint(folded))


def duplicate_score(one: QuestionContent, other: QuestionContent) -> float:
    """Return the share, by idf, of the words that two questions have in common, 0 to 1.

    It is 0 if each has a word that the other lacks, or if one asks when and the other where.
    """
    if one.line == other.line:
        return 1.0
    differ = one.interrogatives and other.interrogatives and one.interrogatives.isdisjoint(other.interrogatives)
    shared = one.idf.keys() & other.idf.keys()
    if differ or one.is_negated != other.is_negated or shared not in (one.idf.keys(), other.idf.keys()):
        return 0.0
    idf = {**one.idf, **other.idf}
    return sum(idf[word] for word in shared) / (sum(idf.values()) or 1.0)


class QuestionTexts:
    """Finds the text that asks the same as another; places count from 0.

    Contents are cached, so that thousands are compared in seconds.
    """

    def __init__(self, index: Index) -> None:
        self._index = index
        self._contents: dict[int, QuestionContent] = {}  # of those that were compared
        self._texts: list[str] = []
        self._by_word: defaultdict[str, list[int]] = defaultdict(list)  # places
        self._by_line: defaultdict[str, list[int]] = defaultdict(list)  # places, by the whole text

    def add(self, text: str) -> None:
        folded, place = fold(text[:_COMPARED]), len(self._texts)
        self._texts.append(text)
        self._by_line[folded].append(place)
        for word in set(words(folded)):
            self._by_word[word].append(place)

    def find(self, text: str) -> int | None:
        """Return the place of the text that asks the same, or None."""
        question = QuestionContent.of(self._index, text)
        folded = fold(text[:_COMPARED])
        equal = set(self._by_line.get(folded, ()))
        shared = Counter(place for word in set(words(folded)) for place in self._by_word.get(word, ()))
        likely = nsmallest(
            _CANDIDATES, equal | shared.keys(), key=lambda place: (place not in equal, -shared[place], place)
        )
        scores = {}
        for place in likely:
            if place not in self._contents:
                self._contents[place] = QuestionContent.of(self._index, self._texts[place])
            scores[place] = duplicate_score(question, self._contents[place])
        best = max(scores, key=lambda place: (scores[place], -place), default=None)
        return best if best is not None and scores[best] >= DUPLICATE else None


def find_duplicate(index: Index, text: str, others: Sequence[str]) -> int | None:
    """Return the place of the text that asks the same, or None."""
    texts = QuestionTexts(index)
    for other in others:
        texts.add(other)
    return texts.find(text)
