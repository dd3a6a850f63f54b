"""A query: the question of a message as arrays of terms and vectors, typos corrected."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bot.arrays import Floats, Numbers
from bot.matching.semantic_index import SemanticScores
from bot.text.accents import bare
from bot.text.folding import words

_LETTERS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Query:
    """The question of a message, and its context, which weighs less.

    Arrays hold the terms of the question, then those of the context; a number of -1 is a word that the knowledge lacks.
    """

    text: str  # as the encoder reads it: typos corrected, synonyms that the knowledge lacks replaced
    folded: str  # typos corrected
    encoded_context: str  # what the encoder reads of it
    context_weight: float
    stems: tuple[str, ...]  # of the question alone, as is `typed`
    typed: tuple[str, ...]  # the word that each stem comes from
    words: Numbers  # (n_words,)
    word_weights: Floats  # (n_words,)
    grams: Numbers  # (n_grams,)
    gram_weights: Floats  # (n_grams,)
    corrected_share: float
    excluded: tuple[str, ...] = ()  # stems of what the question excludes
    vector: Floats | None = None  # (dimensions,), of length 1; None without the encoder
    reading_vector: Floats | None = None  # (n_read,), of the question alone; see `embedding_cache.reading_vector`
    states: Floats | None = None  # of the words with a meaning, (n_words, WIDTH)
    rarity: Floats | None = None  # of the same words, (n_words,): what each weighs
    semantic: SemanticScores | None = None

    @property
    def distinct(self) -> dict[str, str]:
        """The distinct stems, each with the word that it comes from."""
        return dict(zip(self.stems, self.typed, strict=True))

    @property
    def is_empty(self) -> bool:
        return not self.folded and not len(self.words)


def weights(n_question: int, n_context: int, context_weight: float) -> Floats:
    """Return the weights of the terms of a question, then those of its context, `(n_question + n_context,)`."""
    return np.concatenate([np.ones(n_question, np.float32), np.full(n_context, context_weight, np.float32)])


def blend(vectors: Sequence[Floats], context_weight: float) -> Floats:
    """Combine the vectors of the question and its context, if any, into one of length 1, `(dimensions,)`."""
    vector: Floats = vectors[0] + context_weight * vectors[1] if len(vectors) > 1 else vectors[0]
    return vector / np.linalg.norm(vector)


def as_typed(text: str, folded: Sequence[str], stems: Sequence[str], synonyms: Mapping[str, str]) -> tuple[str, ...]:
    """Return the word of the text behind each stem. `synonyms`: the spelling of each group of synonyms, by its stem."""
    spelled = {bare(word): word for word in _LETTERS.findall(text.lower())}
    origin = {stem: spelled.get(token, token) for token in folded for stem in words(token)}
    return tuple(origin.get(stem) or synonyms.get(stem, stem) for stem in stems)
