"""A question made ready to be compared: its terms as numbers, its vector, what was mended in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.matching.arrays import Floats, Numbers
from bot.matching.discriminant import SemanticScores
from bot.matching.terms import grams
from bot.matching.text import bare, clean, fold, tokens, words

_LETTERS = re.compile(r"[^\W\d_]+")
_ALONE, _CLEAR = 0.5, 3.0  # what a question tells by itself (see `Lexicon.told`): nothing; enough
_STORY = (1.0, 0.3)  # what a word of the story around it weighs then


@dataclass(frozen=True, slots=True)
class Prepared:
    """A text of the knowledge: clean, as tokens on one line, and as the words that carry meaning."""

    plain: str
    line: str
    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Prepared:
        plain = clean(text)
        folded = fold(plain)
        return cls(plain, " ".join(tokens(folded)), tuple(words(folded)))


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked, then what was said around it, which weighs less."""

    asked: str  # typos mended, as the encoder reads it
    around: str
    story: float  # weight of `around`
    names: tuple[str, ...]  # the asked words, stemmed
    written: tuple[str, ...]  # the same as they were typed
    words: Numbers  # asked and around, -1: not in the knowledge
    word_weights: Floats
    grams: Numbers
    gram_weights: Floats
    mended_share: float
    length: int
    vector: Floats | None = None
    senses: Floats | None = None  # one row for each distinct name
    meant: SemanticScores | None = None

    @property
    def distinct(self) -> dict[str, str]:
        """Each stem once, with the word it came from."""
        return dict(zip(self.names, self.written, strict=True))

    @property
    def empty(self) -> bool:
        return not self.names and not len(self.words) and not self.length


def weights(first: int, second: int, story: float) -> Floats:
    return np.concatenate([np.ones(first, np.float32), np.full(second, story, np.float32)])


def context_weight(told: float) -> float:
    """A question that says nothing by itself is read by its story, a clear one hardly."""
    return float(np.interp(told, [_ALONE, _CLEAR], _STORY))


def all_grams(asked: str, around: str) -> tuple[Numbers, Numbers]:
    mine = grams(" ".join(tokens(asked))) if asked else np.empty(0, np.int64)
    return mine, grams(" ".join(tokens(around))) if around else np.empty(0, np.int64)


def blend(vectors: Floats, story: float) -> Floats:
    """One vector of length 1 from that of the question and, if there is one, that of the story."""
    vector: Floats = vectors[0] + story * vectors[1] if len(vectors) > 1 else vectors[0]
    return vector / np.linalg.norm(vector)


def typed(text: str, folded: Sequence[str], stems: Sequence[str]) -> tuple[str, ...]:
    """For each stem the word it came from as typed in the text; a synonym of several words stands for itself."""
    as_typed = {bare(word): word for word in _LETTERS.findall(text.lower())}
    origin = {stem: as_typed.get(token, token) for token in folded for stem in words(token)}
    return tuple(origin.get(stem, stem.replace("_", " ")) for stem in stems)
