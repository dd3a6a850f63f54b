"""Leave-one-out test: does each phrasing find its own entry if the entry lacks it?

The index is not rebuilt: the entry's scores are updated in closed form, with unchanged idf. A document's vector is the
mean of its words', so the phrasing's share is subtracted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from bot.arrays import Doubles, Floats, Numbers
from bot.matching.corpus import Signals
from bot.matching.documents import document
from bot.matching.index import Index
from bot.matching.postings import Postings
from bot.matching.query import Query


@dataclass(frozen=True, slots=True)
class LeftOutRank:
    """The rank of its own entry for a phrasing, from 1, with the phrasing (`known`) and without it (`left_out`).

    `rival`: id of the best other entry. `twin`: nearest phrasing of another entry; its `similarity` is from 0 to 1.
    """

    text: str
    known: int
    left_out: int
    rival: str
    twin: str
    twin_of: str
    similarity: float


class LeaveOneOut:
    """The ranks of an entry without one of its phrasings. `numbers`: of its phrasings, without the title."""

    def __init__(self, index: Index, place: int) -> None:
        self._index, self._place = index, place
        self._corpus = corpus = index.corpus
        self._own = range(len(corpus.phrasings))[corpus.phrasings_of(place)]
        self.numbers = self._own[1:]

    def rank(self, number: int) -> LeftOutRank:
        """Return the ranks of the entry for one of its phrasings. `number`: one of `numbers`."""
        query = self._corpus.phrasing_query(number)
        signals = self._corpus.signals(query)
        known, _ = self._rank(signals)
        left_out, rival = self._rank(self._without(number, query, signals))
        similarity = np.maximum(signals.cosines, signals.grams)
        similarity[self._own.start : self._own.stop] = 0
        twin, phrasings = int(similarity.argmax()), self._corpus.phrasings
        twin_of = self._index.entries[self._corpus.owner(twin)].id
        likeness = float(similarity[twin])
        return LeftOutRank(phrasings[number], known, left_out, rival, phrasings[twin], twin_of, likeness)

    def _rank(self, signals: Signals) -> tuple[int, str]:
        """Return the rank of the entry, and the id of the best other one."""
        scores = self._index.score(signals)
        own, scores[self._place] = float(scores[self._place]), -np.inf
        return 1 + int((scores > own).sum()), self._index.entries[int(scores.argmax())].id

    def _without(self, number: int, query: Query, signals: Signals) -> Signals:
        own = np.array(self._own)
        others, nth = own[own != number], number - self._own.start
        word_row, gram_row = self._rows
        grams = gram_row.similarity(nth, *self._corpus.entry_grams.weigh(query.grams, query.gram_weights))
        words = word_row.similarity(nth, *self._corpus.words.weigh(query.words, query.word_weights))
        replaced = {
            "nearest": self._with(signals.nearest, signals.cosines[others].max()),
            "phrasing_grams": self._with(signals.phrasing_grams, signals.grams[others].max()),
            "entry_grams": self._with(signals.entry_grams, grams),
            "entry_words": self._with(signals.entry_words, words),
        }
        if semantic := self._corpus.semantic:
            length = len(document(self._index.entries[self._place]).split())
            # Its share of the words in the entry's document, at most three quarters.
            share = min(len(self._corpus.phrasings[number].split()) / max(length, 1), 0.75)
            itself = semantic.documents.self_similarity(semantic.vector(number))
            replaced["documents"] = self._with(
                signals.documents, (signals.documents[self._place] - share * itself) / (1 - share)
            )
        return replace(signals, **replaced)

    def _with(self, values: Floats, own: float) -> Floats:
        changed = values.copy()
        changed[self._place] = own
        return changed

    @cached_property
    def _rows(self) -> tuple[_Row, _Row]:
        """The rows of the entry's words, and of its n-grams."""
        corpus, terms = self._corpus, self._corpus.terms(self._place)
        words = _Row(corpus.words, [(words, times) for words, _, times in terms])
        return words, _Row(corpus.entry_grams, [(grams, times) for _, grams, times in terms])


class _Row:
    """A row of `Postings`, by its texts."""

    def __init__(self, postings: Postings, texts: Sequence[tuple[Numbers, int]]) -> None:
        """`texts`: the terms of each, with repetitions, and how often it counts."""
        self._texts = texts
        terms = np.concatenate([terms for terms, times in texts for _ in range(times)])
        self._terms, self._counts = np.unique(terms, return_counts=True)
        self._idf = postings.idf_of(self._terms)

    def similarity(self, left_out: int, query: Numbers, values: Doubles) -> float:
        """Return the cosine of the row, without one of its texts, to a query.

        `query`: its distinct terms; `values`: their tf-idf.
        """
        if not len(self._terms):
            return 0.0
        terms, times = self._texts[left_out]
        missing = np.bincount(np.searchsorted(self._terms, terms), minlength=len(self._terms))
        counts = self._counts - times * missing
        own = (1 + np.log(counts.clip(1))) * self._idf * (counts > 0)
        places = np.searchsorted(self._terms, query).clip(max=len(self._terms) - 1)
        shared = self._terms[places] == query
        return float(own[places[shared]] @ values[shared]) / (float(np.sqrt(own @ own)) or 1.0)
