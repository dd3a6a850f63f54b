"""The features of a question and one entry that the confidence weighs; all of them mean the same on any knowledge."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from bot.matching.corpus import Corpus, Signals
from bot.matching.lexical import Floats, Numbers
from bot.matching.reading import Reading

SCOPE = (  # is this a question that the knowledge answers at all?
    "score",
    "kriged",
    "ahead",
    "heard_of",
    "nearest",
    "phrasing_grams",
    "entry_grams",
    "entry_words",
    "covered",
    "unknown",
    "left_out",
    "akin",
    "apart",
    "shared_rare",
    "length",
    "mended",
    "asks",
)
ENTRY = ("margin", "share", "score", "kriged", "ahead", "nearest", "covered", "akin")  # and is it this entry then?


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's own part: its distinct words with their rarity (1: met nowhere in the knowledge)."""

    reading: Reading
    words: Numbers  # -1: unknown
    rarity: Floats
    asks: float

    @classmethod
    def of(cls, corpus: Corpus, reading: Reading, asks: float) -> Asked:
        words = corpus.numbers(reading)
        return cls(reading, words, corpus.words.rarity_of(words) / np.float32(corpus.words.unknown), asks)


def features(corpus: Corpus, place: int, asked: Asked, signals: Signals, scores: Floats) -> dict[str, float]:
    terms = corpus.words.terms_of(place)
    inside = np.isin(asked.words, terms)
    kin = corpus.kinship(asked.reading, inside, terms)
    total = max(float(asked.rarity.sum()), 1e-6)
    own = float(scores[place])
    best = float(scores.max())
    kriged = float(signals.kriged[place])
    return {
        "score": own,
        "margin": own - _rival(scores, own, own - 5.0),  # to the best other entry; below 0 for all but the first
        "share": float(np.exp(own - best) / np.exp(scores - best).sum()),
        "kriged": kriged,
        "ahead": kriged - _rival(signals.kriged, kriged, 0.0),
        "heard_of": float(signals.kriged.sum()),  # how far the knowledge's phrasings reach to the question at all
        "nearest": float(signals.nearest[place]),
        "phrasing_grams": float(signals.phrasing_grams[place]),
        "entry_grams": float(signals.entry_grams[place]),
        "entry_words": float(signals.entry_words[place]),
        "covered": float(asked.rarity[inside].sum()) / total,  # share of the question's rare words that the entry has
        "unknown": float(asked.rarity[asked.words < 0].sum()) / total,  # … that the whole knowledge lacks
        "left_out": float(asked.rarity[~inside].max(initial=0.0)),  # the rarest word that the entry lacks
        "akin": float((asked.rarity * kin).sum()) / total,  # as `covered`, a word of near meaning counting in part
        "apart": float((asked.rarity * (1 - kin)).max(initial=0.0)),  # as `left_out`, in the same way
        "shared_rare": float(asked.rarity[inside].max(initial=0.0)),
        "length": float(np.log1p(asked.reading.length)),
        "mended": asked.reading.mended_share,
        "asks": math.log(asked.asks / (1 - asked.asks)),
    }


def _rival(values: Floats, own: float, none: float) -> float:
    """The best other entry's value; `none` where there is no other."""
    if len(values) == 1:
        return none
    first, second = np.partition(values, -2)[-2:][::-1]
    return float(second if own == first else first)
