"""What is measured between a question and every entry, and the features of one pair that the confidence weighs."""

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
from bot.matching.semantic import Encoder, Meaning
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
        self._entry_words = Postings(
            weighted([[(self._numbering.learn(self._words(t)), w) for t, w in texts] for texts in all_texts]), self.size
        )
        self.vectors: dict[str, Floats] = {}
        if self._encoder:
            self.vectors = self._encoder.remember(self.phrasings, previous.vectors if previous else {})
            matrix = np.stack([self.vectors[text] for text in self.phrasings]).astype(np.float32)
            self._meaning = Meaning(matrix, self.owners, self.size)

    def _familiar(self, word: str) -> bool:
        return self._encoder is not None and self._encoder.familiar(word) > _USUAL

    def _words(self, folded: str) -> list[str]:
        return self._synonyms.fold(words(folded))

    def weight(self, text: str) -> float:
        """How much of the knowledge's own vocabulary a text holds, in words."""
        found, known = self._entry_words.find(self._numbering.look_up(self._words(fold(text))))
        return float(known.sum())

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
        places, known = self._entry_words.find(self._numbering.look_up(dict.fromkeys(names)))
        return float(self._entry_words.rarity[places[known]].sum() / self._entry_words.unknown) if known.any() else 0.0

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
            self._entry_words.likeness(reading.words, reading.word_weights),
            cosines,
            phrase,
        )

    def features(self, place: int, reading: Reading, signals: Signals, scores: Floats, asks: float) -> dict[str, float]:
        """What the confidence weighs for one entry."""
        others = np.delete(scores, place)
        beyond = scores - scores.max()
        asked = reading.words[: len(reading.names)]
        rarity, shared, known = self._shares(place, asked)
        return {
            "score": float(scores[place]),
            "margin": float(scores[place] - others.max()) if len(others) else 5.0,
            "share": float(np.exp(beyond[place]) / np.exp(beyond).sum()),
            "nearest": float(signals.nearest[place]),
            "phrasing_grams": float(signals.phrasing_grams[place]),
            "entry_grams": float(signals.entry_grams[place]),
            "entry_words": float(signals.entry_words[place]),
            "covered": float(rarity[shared].sum() / max(rarity.sum(), 1e-6)),
            "unknown": float(rarity[~known].sum() / max(rarity.sum(), 1e-6)),
            "left_out": float(rarity[~shared].max(initial=0.0)),
            "shared_rare": float(rarity[shared].max(initial=0.0)),
            "length": float(np.log1p(reading.length)),
            "mended": reading.mended_share,
            "asks": asks,
        }

    def _shares(self, place: int, asked: Numbers) -> tuple[Floats, Floats, Floats]:
        distinct = np.unique(asked[asked >= 0])
        lost = int((asked < 0).sum())
        places, known = self._entry_words.find(distinct)
        rarity = np.concatenate([self._entry_words.rarity[places], np.full(lost, self._entry_words.unknown)])
        inside = np.array([int(t) in self._terms(place) for t in distinct] + [False] * lost, bool)
        return rarity / self._entry_words.unknown, inside, np.concatenate([known, np.zeros(lost, bool)])

    def _terms(self, place: int) -> set[int]:
        return self._entry_words.terms_of(place)

    def nearest(self, place: int, signals: Signals) -> str:
        """The entry's phrasing that is nearest, by both ways of looking."""
        mine = slice(self._firsts[place], self._firsts[place + 1] if place + 1 < self.size else None)
        return self.phrasings[self._firsts[place] + int(np.argmax(signals.cosines[mine] + signals.grams[mine]))]

    def shared(self, place: int, reading: Reading) -> tuple[str, ...]:
        """The words that question and entry share, rarest first."""
        mine, numbers = self._terms(place), self._numbering.look_up(reading.names)
        rarity = {
            name: float(self._entry_words.rarity[self._entry_words.find(np.array([number]))[0][0]])
            for name, number in zip(reading.names, numbers, strict=True)
            if int(number) in mine
        }
        return tuple(sorted(rarity, key=lambda name: -rarity[name]))[:8]


def _groups(synonyms: Sequence[Sequence[str]]) -> dict[tuple[str, ...], str]:
    found = {}
    for group in synonyms:
        variants = [tuple(words(fold(variant))) for variant in group]
        for variant in filter(None, variants):
            found[variant] = "_".join(next(filter(None, variants)))
    return found
