"""Entries as documents: title, phrasings, keywords and answer read as one passage.

A question is compared with the passage as a whole, and word by word ('late interaction', Khattab and Zaharia 2020,
arXiv:2004.12832): of « une formation de pâtissier » the last word finds no partner in an entry on fabmanagers.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from bot.arrays import Floats, Numbers
from bot.knowledge.models import Entry
from bot.matching.embedding_cache import EmbeddingCache, WordRows
from bot.matching.vector_space import WIDTH
from bot.text.folding import clean
from bot.text.shorthands import expand

_LENGTH = 3_000  # characters that are given to the encoder, which reads the first 190 tokens
_NOTHING: WordRows = np.zeros((1, WIDTH), np.int8)  # the states of an entry without words


@lru_cache(maxsize=8_192)  # the phrasings of about 500 entries, from one build of the index to the next
def as_read(text: str) -> str:
    """Return a text as the encoder reads it best: clean, shorthands in full."""
    return expand(clean(text))


def document(entry: Entry) -> str:
    """Return an entry as one passage, as the encoder reads it."""
    return clean("\n".join([entry.title, *entry.questions, ", ".join(entry.keywords), entry.answer or ""])[:_LENGTH])


def told(entry: Entry, phrasings: Sequence[str]) -> str:
    """Return an entry with some of its phrasings, as the cross-encoder reads it: the answer, or the titles of its
    links, before the keywords.

    Shorthands are in full, as in a question: else « DU » and « diplôme universitaire » would be two things.
    """
    answer = entry.answer or " ".join(link.title for link in entry.links)
    return expand(clean("\n".join([entry.title, *phrasings, answer, ", ".join(entry.keywords)])[:_LENGTH]))


class Documents:
    """The encoded entries; immutable once built.

    The product of a question with `vectors` is its similarity to each entry; without an alignment their cosine.
    """

    def __init__(self, entries: Sequence[Entry], embeddings: EmbeddingCache) -> None:
        rows = embeddings.documents([document(entry) for entry in entries])
        dimensions = embeddings.encoder.dimensions
        vectors = np.array([vector for vector, _ in rows], np.float32).reshape(-1, dimensions)
        self._alignment = embeddings.space.alignment
        self.vectors: Floats = vectors @ self._alignment.T
        self._words: list[WordRows] = [words for _, words in rows]

    def self_similarity(self, vector: Floats) -> float:
        """Return the similarity of a question, `(dimensions,)`, to an entry of the same vector."""
        return float(vector @ self._alignment @ vector)

    def word_similarity(self, places: Sequence[int], words: Floats) -> Floats:
        """Return the cosine of each word of a question, `(n_words, WIDTH)`, to the nearest word of each entry at
        `places`, `(n_places, n_words)`."""
        if not len(words):
            return np.zeros((len(places), 0), np.float32)
        some = [self._words[place] if len(self._words[place]) else _NOTHING for place in places]
        rows = np.concatenate(some).astype(np.float32)
        lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows)).clip(1)
        cosines = (rows @ words.T) / lengths[:, None]
        starts: Numbers = np.cumsum([0, *map(len, some)])[:-1]
        return np.maximum.reduceat(cosines, starts, axis=0)
