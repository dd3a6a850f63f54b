"""The features of a question and one entry that the confidence weighs; all of them mean the same on any knowledge."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from bot.matching.arrays import Floats, Numbers
from bot.matching.corpus import Corpus, Signals
from bot.matching.query import Query

SCOPE = (  # is this a question that the knowledge answers at all?
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
ENTRY = ("margin", "share", "ahead", "akin")  # and is it this entry then?


@dataclass(frozen=True, slots=True)
class QueryTerms:
    """A question's own part: its distinct words with their rarity (1: met nowhere in the knowledge)."""

    reading: Query
    words: Numbers  # -1: unknown
    rarity: Floats
    asks: float

    @classmethod
    def of(cls, corpus: Corpus, reading: Query, asks: float) -> QueryTerms:
        words = corpus.numbers(reading)
        return cls(reading, words, corpus.words.rarity_of(words) / np.float32(corpus.words.unknown), asks)


def features(corpus: Corpus, place: int, asked: QueryTerms, signals: Signals, scores: Floats) -> dict[str, float]:
    terms = corpus.words.terms_of(place)
    inside = corpus.words.holds(place, asked.words)
    kin = corpus.kinship(asked.reading, inside, terms)
    total = max(float(asked.rarity.sum()), 1e-6)
    own = float(scores[place])
    best = float(scores.max())
    kriged = float(signals.kriged[place])
    return {
        "score": own,
        "margin": own - _rival(scores, own, own - 5.0),  # to the best other entry; below 0 for all but the first
        "share": float(np.exp(own - best) / np.exp(scores - best).sum()),
        "ahead": kriged - _rival(signals.kriged, kriged, 0.0),  # the same in what the phrasings say together
        "heard_of": float(signals.kriged.sum()),  # how far the knowledge's phrasings reach to the question at all
        "entry_grams": float(signals.entry_grams[place]),
        "entry_words": float(signals.entry_words[place]),
        "unknown": float(asked.rarity[asked.words < 0].sum()) / total,  # share of its rare words that no entry has
        "akin": float((asked.rarity * kin).sum()) / total,  # that this entry has; a word of near meaning counts in part
        "apart": float((asked.rarity * (1 - kin)).max(initial=0.0)),  # the rarest word that it lacks, in the same way
        "asks": math.log(asked.asks / (1 - asked.asks)),
    }


def _rival(values: Floats, own: float, none: float) -> float:
    """The best other entry's value; `none` where there is no other."""
    if len(values) == 1:
        return none
    place = int(values.argmax())
    if own != values[place]:
        return float(values[place])
    return float(max(values[:place].max(initial=-np.inf), values[place + 1 :].max(initial=-np.inf)))
