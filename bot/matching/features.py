"""Features of a question and one entry, of the same meaning on any knowledge. Their names are keys of `table.json`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.matching.arrays import Flags, Floats, Numbers
from bot.matching.corpus import Corpus, Signals
from bot.matching.query import Query

_CLOSE = 0.5  # cosine from which on a word has a partner in an entry
_RAREST = 4  # words
VERBATIM = 0.999  # cosine of n-grams; less would not see 'à Caen' at its end
_SAME = 1e-6  # difference between shares that are the same


@dataclass(frozen=True, slots=True)
class Candidates:
    """The entries whose confidence is computed, and how each word of the question fares in them."""

    places: Sequence[int]
    scores: Floats  # (n_places,), by which they are ranked
    words: Floats  # (n_places, n_words): cosine to the entry's nearest word; no words without the encoder
    shared: Flags  # (n_places, n_distinct): whether the entry has the very word


@dataclass(frozen=True, slots=True)
class QueryTerms:
    """The distinct words of a question, and its probability of being one."""

    query: Query
    numbers: Numbers  # (n_distinct,), -1: not in the knowledge
    idf: Floats  # (n_distinct,), 1: not in the knowledge
    question: float

    @classmethod
    def of(cls, corpus: Corpus, query: Query, question: float) -> QueryTerms:
        numbers = corpus.word_numbers(query)
        return cls(query, numbers, corpus.words.idf_of(numbers) / np.float32(corpus.words.unknown_idf), question)


def features(corpus: Corpus, candidates: Candidates, at: int, terms: QueryTerms, signals: Signals) -> dict[str, float]:
    """Of the candidate number `at`."""
    place = candidates.places[at]
    scores, some = candidates.scores, list(candidates.places)
    brief, margin = 1 / (1 + len(terms.numbers)), _lead(scores, at, 5.0)
    values = {
        "asks": math.log(terms.question / (1 - terms.question)),  # logit of its being a question
        "score": float(scores[at]),
        "margin": margin,  # of the score, to the best other candidate
        "share": float(np.exp(scores[at] - scores.max()) / np.exp(scores - scores.max()).sum()),  # softmax
        "entry_grams": float(signals.entry_grams[place]),
        "entry_words": float(signals.entry_words[place]),
        "grams_margin": _lead(signals.entry_grams[some], at),
        "verbatim": float(signals.phrasing_grams[place] > VERBATIM),  # a phrasing, word for word
        "brief": brief,
        "brief_margin": brief * margin,
        **_exact(candidates.shared, at, terms),
    }
    if corpus.semantic and candidates.words.shape[1]:
        values |= _meaning(signals, some, at) | _words(candidates.words, at, terms.query)
        values["brief_words"] = brief * values["words_margin"]
        values["spread"] = values["nearest"] - corpus.semantic.spread(place)
    return values


def _exact(shared: Flags, at: int, terms: QueryTerms) -> dict[str, float]:
    """By the very words, weighing their idf: the share that the entry has, and that no entry has; how many candidates
    have as much (« DU ? »); the rarest word that the entry lacks."""
    total = max(float(terms.idf.sum()), 1e-6)
    shares = shared @ terms.idf / np.float32(total)
    return {
        "exact": float(shares[at]),
        "exact_margin": _lead(shares, at),
        "twins": math.log(int((shares >= shares[at] - _SAME).sum())),
        "unknown": float(terms.idf[terms.numbers < 0].sum()) / total,
        "missing": float(terms.idf[~shared[at]].max(initial=0.0)),
    }


def _meaning(signals: Signals, places: list[int], at: int) -> dict[str, float]:
    return {
        "nearest": float(signals.nearest[places[at]]),
        "documents": float(signals.documents[places[at]]),
        "density_margin": _lead(signals.density[places], at),
        "documents_margin": _lead(signals.documents[places], at),
    }


def _words(cosines: Floats, at: int, query: Query) -> dict[str, float]:
    """Word by word, by their cosines to the nearest words of each candidate, `(n_places, n_words)`."""
    own, best = cosines[at], cosines.max(axis=0)
    weights = query.rarity if query.rarity is not None else np.ones(len(own), np.float32)
    others = np.delete(cosines, at, axis=0).max(axis=0, initial=0.0)
    lowest = np.sort(own)[: max(1, len(own) // 3)]
    rarest = np.argsort(-weights, kind="stable")[:_RAREST]
    means = cosines @ weights / weights.sum()
    return {
        "words": float(means[at]),
        "words_margin": _lead(means, at),
        "rarest": float(own[rarest].min()),
        "lowest": float(lowest.mean()),
        "without": float(weights[own < _CLOSE].sum() / weights.sum()),  # share of the words without a partner
        "elsewhere": float((best - own).max()),  # what another entry has more of, in the word where it has most
        "anywhere": float(best @ weights / weights.sum()),
        "lead": float((own - others) @ weights / weights.sum()),
        "length": math.log(1 + len(own)),
    }


def _lead(values: Floats, at: int, alone: float = 0.0) -> float:
    """To the best other value; `alone` if there is none."""
    if len(values) == 1:
        return alone
    return float(values[at] - max(values[:at].max(initial=-np.inf), values[at + 1 :].max(initial=-np.inf)))
