"""The knowledge in numbers, and what is measured between a question and every entry."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from bot.knowledge import Entry, Knowledge
from bot.matching.fuzzy import Vocabulary
from bot.matching.lexical import Floats, Numbering, Numbers, Postings, Synonyms, grams, weighted
from bot.matching.parts import Part
from bot.matching.question import examples
from bot.matching.semantic import Encoder, Meaning, Tone
from bot.matching.text import clean, fold, tokens, words

_VAGUE = 1.0  # what a word of the story weighs beside one of a question that says nothing by itself
_CLEAR = 0.3  # … of a question that does
_USUAL = -14.0  # log-probability of a word from which on it is no typo


@dataclass(frozen=True, slots=True)
class Reading:
    """A question made ready: its terms as numbers, its vector, and what was mended in it."""

    asked: str
    words: Numbers
    word_weights: Floats
    names: tuple[str, ...]
    grams: Numbers
    gram_weights: Floats
    vector: Floats | None
    mended_share: float
    length: int


@dataclass(frozen=True, slots=True)
class Signals:
    """One number for each entry, and (`cosines`, `grams`) for each text of the knowledge."""

    nearest: Floats
    discriminant: Floats
    phrasing_grams: Floats
    entry_grams: Floats
    entry_words: Floats
    cosines: Floats
    grams: Floats

    def score(self, weights: Mapping[str, float]) -> Floats:
        total: Floats = sum(
            (np.float32(weights[f.name]) * getattr(self, f.name) for f in fields(self) if f.name in weights),
            np.zeros_like(self.nearest),
        )
        return total


FIELDS = (("title", 2.0), ("questions", 2.0), ("keywords", 2.0), ("answer", 1.0), ("links", 1.0))


def _texts(entry: Entry) -> list[tuple[str, float]]:
    """All of an entry's text with its weight."""
    found = [(entry.title, 2.0), *((q, 2.0) for q in entry.questions if q != entry.title)]
    found += [(k, 2.0) for k in entry.keywords]
    found += [(re.sub(r"\]\([^)]*\)", "]", entry.answer), 1.0)] if entry.answer else []
    return found + [(link.title, 1.0) for link in entry.links]


class Corpus:
    """The knowledge in numbers."""

    def __init__(self, knowledge: Knowledge, semantic: bool, cache: Path | None, previous: Corpus | None) -> None:
        entries = tuple(knowledge.entries.values())
        self.size = len(entries)
        self._synonyms = Synonyms(_groups(knowledge.synonyms))
        asked = [list(dict.fromkeys((e.title, *e.questions))) for e in entries]
        self.phrasings = [text for texts in asked for text in texts]
        self.owners = np.repeat(np.arange(self.size), [len(texts) for texts in asked])
        self._firsts = np.searchsorted(self.owners, np.arange(self.size))
        self._denied = [entry.not_questions for entry in entries]
        self._numbering = Numbering()
        all_texts = [[(fold(clean(text)), weight) for text, weight in _texts(entry)] for entry in entries]
        self._encoder = Encoder(cache) if semantic else None
        if self._encoder and previous and previous._encoder:
            self._encoder = previous._encoder
        written = (clean(text) for entry in entries for text, _ in _texts(entry))
        self._vocabulary = Vocabulary(written, self._familiar)
        folded = [" ".join(tokens(fold(clean(text)))) for text in self.phrasings]
        self._phrasing_grams = Postings(weighted([[(grams(t), 1.0)] for t in folded]), len(folded))
        self._entry_grams = Postings(
            weighted([[(grams(" ".join(tokens(t))), w) for t, w in texts] for texts in all_texts]), self.size
        )
        self.words = Postings(
            weighted([[(self._numbering.learn(self._words(t)), w) for t, w in texts] for texts in all_texts]), self.size
        )
        self.vectors: dict[str, Floats] = {}
        if self._encoder:
            self._embed(self._encoder, previous.vectors if previous else {})

    def _embed(self, encoder: Encoder, known: dict[str, Floats]) -> None:
        heard = [example.text for example in examples()]
        denied = [text for texts in self._denied for text in texts]
        self.vectors = encoder.remember([*self.phrasings, *denied, *heard], known)
        self._meaning = Meaning(self._stack(self.phrasings), self.owners, self.size)
        self._tone = Tone(self._stack(heard), np.array([example.asks for example in examples()]))

    def _stack(self, texts: Sequence[str]) -> Floats:
        return np.stack([self.vectors[text] for text in texts]).astype(np.float32)

    def tone(self, text: str) -> float:
        """How much a message sounds like a question for us (see Tone); 0 without the encoder."""
        return self._tone.of(self._encoder([text])[0]) if self._encoder else 0.0

    def denial(self, place: int, reading: Reading) -> float:
        """How near the entry's `not_questions` come to the question: 0 (or none) to 1."""
        if reading.vector is None or not self._denied[place]:
            return 0.0
        return float((self._stack(self._denied[place]) @ reading.vector).max())

    def _familiar(self, word: str) -> bool:
        return self._encoder is not None and self._encoder.familiar(word) > _USUAL

    def _words(self, folded: str) -> list[str]:
        return self._synonyms.fold(words(folded))

    def weight(self, text: str) -> float:
        """How much of the knowledge's own vocabulary a text holds, in words."""
        return float((self._numbering.look_up(self._words(fold(text))) >= 0).sum())

    def read(self, part: Part) -> Reading:
        mended = self._vocabulary.mend(part.asked)
        asked, around = fold(part.asked), fold(part.around)
        if mended:
            asked = " ".join(mended.get(token, token) for token in tokens(asked))
        names, more = self._words(asked), self._words(around)
        story = float(np.interp(self._told(names), [0.5, 3.0], [_VAGUE, _CLEAR]))
        asked_grams, around_grams = grams(" ".join(tokens(asked))), grams(" ".join(tokens(around)))
        around_grams = around_grams if around else around_grams[:0]
        return Reading(
            part.asked,
            self._numbering.look_up(names + more),
            np.array([1.0] * len(names) + [story] * len(more), np.float32),
            tuple(names),
            np.concatenate([asked_grams, around_grams]),
            np.array([1.0] * len(asked_grams) + [story] * len(around_grams), np.float32),
            self._vector(self._vocabulary.rewrite(part.asked, mended), part.around, story),
            len(mended) / max(1, len(names)),
            len(tokens(asked)),
        )

    def _told(self, names: Sequence[str]) -> float:
        """How much a question says by itself: its distinct known words, each with its rarity of at most 1."""
        numbers = self._numbering.look_up(dict.fromkeys(names))
        return float(self.words.rarity_of(numbers[numbers >= 0]).sum() / self.words.unknown)

    def _vector(self, asked: str, around: str, story: float) -> Floats | None:
        if self._encoder is None:
            return None
        vectors = self._encoder([asked, around] if around else [asked])
        vector: Floats = vectors[0] + story * vectors[1] if around else vectors[0]
        return vector / np.linalg.norm(vector)

    def signals(self, reading: Reading) -> Signals:
        phrase = self._phrasing_grams.likeness(reading.grams, reading.gram_weights)
        blank = np.zeros(self.size, np.float32)
        cosines, nearest, discriminant = np.zeros(len(self.phrasings), np.float32), blank, blank
        if reading.vector is not None:
            cosines, nearest = self._meaning.near(reading.vector)
            discriminant = self._meaning.discriminant(reading.vector)
        return Signals(
            nearest,
            discriminant,
            np.maximum.reduceat(phrase, self._firsts),
            self._entry_grams.likeness(reading.grams, reading.gram_weights),
            self.words.likeness(reading.words, reading.word_weights),
            cosines,
            phrase,
        )

    def nearest(self, place: int, signals: Signals) -> str:
        """The entry's phrasing that is nearest, by both ways of looking."""
        mine = slice(self._firsts[place], self._firsts[place + 1] if place + 1 < self.size else None)
        return self.phrasings[int(self._firsts[place]) + int(np.argmax(signals.cosines[mine] + signals.grams[mine]))]

    def shared(self, place: int, reading: Reading) -> tuple[str, ...]:
        """The words that question and entry share, rarest first."""
        distinct = dict.fromkeys(reading.names)
        numbers = self._numbering.look_up(distinct)
        inside = np.isin(numbers, self.words.terms_of(place))
        rarity = self.words.rarity_of(numbers)
        found = [(-rarity[i], name) for i, name in enumerate(distinct) if inside[i]]
        return tuple(name for _, name in sorted(found))[:8]


def _groups(synonyms: Sequence[Sequence[str]]) -> dict[tuple[str, ...], str]:
    found = {}
    for group in synonyms:
        variants = [tuple(words(fold(variant))) for variant in group]
        for variant in filter(None, variants):
            found[variant] = "_".join(next(filter(None, variants)))
    return found
