"""Features of a question and one entry, of the same meaning on any knowledge.

Their names are keys of the learned `table.json`, so they stay: `kriged` is the kernel ridge score, `heard_of` its sum
over all entries (how far the phrasings cover the question), `akin` the weighted word similarity, `asks` a logit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from bot.matching.arrays import Floats, Numbers
from bot.matching.corpus import Corpus, Signals
from bot.matching.query import Query

SCOPE = (  # does the knowledge answer this question at all?
    "score",
    "ahead",
    "heard_of",
    "entry_grams",
    "entry_words",
    "unknown",
    "akin",
    "apart",
    "asks",
)
ENTRY = ("margin", "share", "ahead", "akin")  # is this the entry, then?


@dataclass(frozen=True, slots=True)
class QueryTerms:
    """The distinct words of a question, and its probability of being one."""

    query: Query
    words: Numbers  # (n_distinct,), -1: not in the knowledge
    idf: Floats  # (n_distinct,), 1: not in the knowledge
    question: float

    @classmethod
    def of(cls, corpus: Corpus, query: Query, question: float) -> QueryTerms:
        words = corpus.word_numbers(query)
        return cls(query, words, corpus.words.idf_of(words) / np.float32(corpus.words.unknown_idf), question)


def features(corpus: Corpus, place: int, terms: QueryTerms, signals: Signals, scores: Floats) -> dict[str, float]:
    """Of the entry at `place`; `scores`: of all entries, `(n_entries,)`."""
    entry_terms = corpus.words.terms_of(place)
    is_shared = corpus.words.contains(place, terms.words)
    similarity = corpus.word_similarity(terms.query, is_shared, entry_terms)
    total = max(float(terms.idf.sum()), 1e-6)
    own = float(scores[place])
    best = float(scores.max())
    kernel_score = float(signals.kriged[place])
    return {
        "score": own,
        "margin": own - _rival(scores, own, own - 5.0),  # to the best other entry; below 0 for all but the first
        "share": float(np.exp(own - best) / np.exp(scores - best).sum()),  # softmax
        "ahead": kernel_score - _rival(signals.kriged, kernel_score, 0.0),  # margin of the kernel ridge score
        "heard_of": float(signals.kriged.sum()),  # coverage: how far the phrasings reach to the question at all
        "entry_grams": float(signals.entry_grams[place]),
        "entry_words": float(signals.entry_words[place]),
        "unknown": float(terms.idf[terms.words < 0].sum()) / total,  # share of its idf in words that no entry has
        "akin": float((terms.idf * similarity).sum()) / total,  # in words of this entry, or near them in meaning
        "apart": float((terms.idf * (1 - similarity)).max(initial=0.0)),  # its rarest word that this entry lacks
        "asks": math.log(terms.question / (1 - terms.question)),  # logit of its being a question
    }


def _rival(values: Floats, own: float, none: float) -> float:
    """The best other entry's value; `none` if there is no other."""
    if len(values) == 1:
        return none
    place = int(values.argmax())
    if own != values[place]:
        return float(values[place])
    return float(max(values[:place].max(initial=-np.inf), values[place + 1 :].max(initial=-np.inf)))
