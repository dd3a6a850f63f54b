"""Features of a question and one entry, of the same meaning on any knowledge. Their names are keys of `table.json`."""

from __future__ import annotations

import math
from collections.abc import Set
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.arrays import Doubles, Flags, Floats, Numbers
from bot.matching.corpus import Corpus, Signals
from bot.matching.query import Query

VERBATIM = 0.999  # cosine of n-grams; less would not see 'à Caen' at its end
_SAME = 1e-6  # difference between shares that are the same


@dataclass(frozen=True, slots=True)
class Candidates:
    """The entries that are ranked by their words, and how each word of the question fares in them."""

    places: list[int]
    scores: Floats  # (n_places,), by which they are ranked
    words: Floats  # (n_places, n_words): cosine to the entry's nearest word; no words without the encoder
    shared: Flags  # (n_places, n_distinct): whether the entry has the very word
    barred: Set[int] = frozenset()  # places that take no part


@dataclass(frozen=True, slots=True)
class QueryTerms:
    """The distinct words of a question, and its probability of being one."""

    query: Query
    numbers: Numbers  # (n_distinct,), -1: not in the knowledge
    idf: Floats  # (n_distinct,), 1: not in the knowledge
    question: float

    @classmethod
    def of(cls, corpus: Corpus, query: Query, question: float) -> QueryTerms:
        numbers = corpus.numbering.look_up(query.distinct)
        return cls(query, numbers, corpus.words.idf_of(numbers) / np.float32(corpus.words.unknown_idf), question)


def features(
    corpus: Corpus, candidates: Candidates, terms: QueryTerms, signals: Signals, most: int
) -> dict[str, Doubles]:
    """Return the features of the first `most` candidates, compared with all of them; each `(n_places,)`."""
    places, scores = candidates.places, candidates.scores
    odds, said = np.exp(scores - scores.max()), terms.query.distinct.keys()
    brief, margin = 1 / (1 + len(terms.numbers)), _lead(scores, 5.0)
    shared, total = candidates.shared, max(float(terms.idf.sum()), 1e-6)
    exact = np.where(shared, terms.idf, 0).sum(axis=1) / np.float32(total)
    values: dict[str, Any] = {
        "asks": math.log(terms.question / (1 - terms.question)),  # logit of its being a question
        "margin": margin,  # of the score, to the best other candidate
        "share": odds / odds.sum(),  # softmax
        "entry_grams": signals.entry_grams[places],
        "entry_words": signals.entry_words[places],
        "verbatim": signals.phrasing_grams[places] > VERBATIM,  # a phrasing, word for word
        "name": np.array([corpus.names.share(place, said, candidates.barred) for place in places]),  # and no more
        "brief": brief,
        "brief_margin": brief * margin,
        "exact": exact,  # share of the very words, by idf, that the entry has
        "exact_margin": _lead(exact),
        "twins": np.log((exact[None, :] >= exact[:, None] - _SAME).sum(axis=1)),  # how many have as much (« DU ? »)
        "unknown": float(terms.idf[terms.numbers < 0].sum()) / total,  # share that no entry has
        "missing": np.where(shared, 0, terms.idf).max(axis=1, initial=0.0),  # the rarest word that the entry lacks
    }
    if corpus.semantic and candidates.words.shape[1]:
        nearest, documents = signals.nearest[places], signals.documents[places]
        values |= {"nearest": nearest, "documents": documents, "documents_margin": _lead(documents)}
        values |= _words(candidates.words, terms.query)
    return {name: np.full(len(places), value, float)[:most] for name, value in values.items()}


def _words(cosines: Floats, query: Query) -> dict[str, Any]:
    """Return the features of words by `cosines` to the nearest word of each candidate, `(n_places, n_words)`."""
    length, best = cosines.shape[1], cosines.max(axis=0)
    weights = query.rarity if query.rarity is not None else np.ones(length, np.float32)
    shares = weights / weights.sum()
    return {
        "words_margin": _lead(cosines @ shares),
        "lowest": np.sort(cosines, axis=1)[:, : max(1, length // 3)].mean(axis=1),
        "anywhere": best @ shares,
        "lead": (cosines - _others(cosines).clip(0)) @ shares,
        "length": math.log(1 + length),
    }


def _lead(values: Floats, alone: float = 0.0) -> Floats:
    """Return the lead of each value over the best other one; `alone` if there is no other."""
    return values - _others(values) if len(values) > 1 else np.full(1, alone, np.float32)


def _others(values: Floats) -> Floats:
    """Return, column by column, the best of the other rows for each row; minus infinity if there are none."""
    second, best = np.sort(np.append(values, np.full_like(values[:1], -np.inf), axis=0), axis=0)[-2:]
    others: Floats = np.where(values == best, second, best)
    return others
