"""The knowledge in numbers, and what is measured between a question and every entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.knowledge import Knowledge
from bot.matching.fuzzy import Vocabulary
from bot.matching.kriging import Kriging
from bot.matching.lexical import Floats, Numbering, Numbers, Postings, Synonyms, grams
from bot.matching.meaning import Meaning, Senses, Tone
from bot.matching.parts import Part
from bot.matching.question import examples
from bot.matching.reading import Prepared, Reading, all_grams, blend, story_weight, typed, weights
from bot.matching.semantic import Encoder
from bot.matching.text import fold, tokens, words
from bot.matching.texts import groups, phrasings, prepare, texts_of

_USUAL = -14.0  # log-probability of a word from which on it is no typo


@dataclass(frozen=True, slots=True)
class Signals:
    """One number for each entry, and (`cosines`, `grams`) for each phrasing of the knowledge."""

    nearest: Floats
    discriminant: Floats
    kriged: Floats
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


class Corpus:
    """The knowledge in numbers; nothing changes after building. `prepared` and `vectors` go on to the next one."""

    def __init__(self, knowledge: Knowledge, semantic: bool, cache: Path | None, previous: Corpus | None) -> None:
        entries = tuple(knowledge.entries.values())
        self.size = len(entries)
        self.phrasings = [text for entry in entries for text in phrasings(entry)]
        owners = np.repeat(np.arange(self.size), [len(phrasings(entry)) for entry in entries])
        self.firsts = np.searchsorted(owners, np.arange(self.size))
        self._denied = [entry.not_questions for entry in entries]
        self._encoder = _encoder(semantic, cache, previous)
        self._synonyms = Synonyms(groups(knowledge.synonyms))
        self._numbering = Numbering()
        texts = [texts_of(entry) for entry in entries]
        known = previous.prepared if previous else {}
        self.prepared: dict[str, Prepared] = prepare((text for row in texts for text, _ in row), known)
        self._count(texts)
        self.vectors: dict[str, Floats] = {}  # by text
        self.senses: dict[str, Floats] = {}  # by word
        self.meaning: Meaning | None = None
        self.kriging: Kriging | None = None
        if self._encoder:
            before = (previous.vectors, previous.senses) if previous else ({}, {})
            self._embed(self._encoder, owners, *before)

    def _count(self, texts: Sequence[Sequence[tuple[str, int]]]) -> None:
        ready = self.prepared
        self._vocabulary = Vocabulary(ready.values(), self._familiar)
        number = {text: self._numbering.learn(self._synonyms.fold(one.words)) for text, one in ready.items()}
        self.words = Postings([[(number[text], times) for text, times in row] for row in texts], by_row=True)
        counted = {text: grams(one.line) for text, one in ready.items()}
        self.entry_grams = Postings([[(counted[text], times) for text, times in row] for row in texts])
        self._phrasing_grams = Postings([[(counted[text], 1)] for text in self.phrasings])

    def _embed(
        self, encoder: Encoder, owners: Numbers, known: dict[str, Floats], known_words: dict[str, Floats]
    ) -> None:
        heard = [example.text for example in examples()]
        denied = [text for texts in self._denied for text in texts]
        self.vectors = encoder.remember([*self.phrasings, *denied, *heard], known)
        self._tone = Tone(self._stack(heard), np.array([example.asks for example in examples()]))
        if self.size:
            vectors = self._stack(self.phrasings)
            self.meaning = Meaning(vectors, owners, self.size)
            solved = partial(encoder.solved, "kriging")
            self.kriging = Kriging(vectors, self._phrasing_grams, owners, self.size, solved)
        written = self._vocabulary.written()
        names = [written.get(name, name.replace("_", " ")) for name in self._numbering.names]
        self.senses = encoder.remember_words(names, known_words)
        meant = [self.senses[name] for name in names]
        self._senses = Senses(np.stack(meant).astype(np.float32)) if meant else None

    def _stack(self, texts: Sequence[str]) -> Floats:
        return np.stack([self.vectors[text] for text in texts]).astype(np.float32)

    def said(self, text: str) -> dict[str, float]:
        """The words of a clean text that carry meaning, its typos mended, each with its rarity."""
        mended = self._vocabulary.mend(text)
        names = self._synonyms.fold(words(" ".join(mended.get(token, token) for token in tokens(fold(text)))))
        return dict(zip(names, self.words.rarity_of(self._numbering.look_up(names)).tolist(), strict=True))

    def _familiar(self, word: str) -> bool:
        return self._encoder is not None and self._encoder.familiar(word) > _USUAL

    def terms(self, text: str) -> tuple[Numbers, Numbers]:
        """Of a text of the knowledge: the numbers of its words and of its n-grams."""
        ready = self.prepared[text]
        return self._numbering.look_up(self._synonyms.fold(ready.words)), grams(ready.line)

    def weight(self, text: str) -> float:
        """How much of the knowledge's own vocabulary a text holds, in words: 'fiche de poste' is one name of two."""
        names = self._synonyms.fold(words(fold(text)))
        known = self._numbering.look_up(names) >= 0
        return float(sum(1 + name.count("_") for name, is_known in zip(names, known, strict=True) if is_known))

    def read(self, part: Part) -> Reading:
        return self._understand(self._counted(part))

    def recall(self, number: int) -> Reading:
        """A phrasing of the knowledge as if it were asked; its vector is known already."""
        text = self.phrasings[number]
        known = self.vectors[text].astype(np.float32) if self._encoder else None
        return replace(self._counted(Part(text)), vector=known)

    def _counted(self, part: Part) -> Reading:
        mended = self._vocabulary.mend(part.asked)
        said = [word for token in tokens(fold(part.asked)) for word in mended.get(token, token).split()]
        names = self._synonyms.fold(words(" ".join(said)))
        more = self._synonyms.fold(words(fold(part.around)))
        story = story_weight(self._told(names))
        asked_grams, around_grams = all_grams(" ".join(said), fold(part.around))
        return Reading(
            asked=self._vocabulary.rewrite(part.asked, mended),
            around=part.around,
            story=story,
            names=tuple(names),
            written=typed(part.asked, said, names),
            words=self._numbering.look_up(names + more),
            word_weights=weights(len(names), len(more), story),
            grams=np.concatenate([asked_grams, around_grams]),
            gram_weights=weights(len(asked_grams), len(around_grams), story),
            mended_share=len(mended) / max(1, len(names)),
            length=len(said),
        )

    def _understand(self, reading: Reading) -> Reading:
        if self._encoder is None or reading.empty:
            return reading
        texts = [reading.asked, reading.around] if reading.around else [reading.asked]
        seen = list(reading.distinct.values()) if self._senses else []
        senses = self._senses.look(self._encoder.words(seen)) if self._senses and seen else None
        return replace(reading, vector=blend(self._encoder(texts), reading.story), senses=senses)

    def kinship(self, reading: Reading, inside: NDArray[np.bool_], terms: Numbers) -> Floats:
        """How near each distinct word of a question comes to a word of an entry: 1 where the entry has it."""
        if reading.senses is None or self._senses is None:
            return inside.astype(np.float32)
        return np.where(inside, np.float32(1), self._senses.kinship(reading.senses, terms))

    def numbers(self, reading: Reading) -> Numbers:
        """The distinct words of a question as numbers, -1: not in the knowledge."""
        return self._numbering.look_up(reading.distinct)

    def _told(self, names: Sequence[str]) -> float:
        """How much a question says by itself: its distinct known words, each with its rarity of at most 1."""
        numbers = self._numbering.look_up(dict.fromkeys(names))
        return float(self.words.rarity_of(numbers[numbers >= 0]).sum() / self.words.unknown)

    def tone(self, reading: Reading) -> float:
        """How much a message sounds like a question for us (see Tone); 0 without the encoder."""
        return self._tone.of(reading.vector) if reading.vector is not None else 0.0

    def signals(self, reading: Reading) -> Signals:
        phrase = self._phrasing_grams.likeness(reading.grams, reading.gram_weights)
        cosines = np.zeros(len(self.phrasings), np.float32)
        nearest = discriminant = kriged = np.zeros(self.size, np.float32)
        if reading.vector is not None and self.meaning and self.kriging:
            cosines, nearest = self.meaning.near(reading.vector)
            discriminant = self.meaning.discriminant(reading.vector)
            kriged = self.kriging.said(cosines, phrase)
        return Signals(
            nearest,
            discriminant,
            kriged,
            np.maximum.reduceat(phrase, self.firsts),
            self.entry_grams.likeness(reading.grams, reading.gram_weights),
            self.words.likeness(reading.words, reading.word_weights),
            cosines,
            phrase,
        )

    def phrasings_of(self, place: int) -> slice:
        return slice(int(self.firsts[place]), int(self.firsts[place + 1]) if place + 1 < self.size else None)

    def owner(self, number: int) -> int:
        """The place of the entry that has that phrasing."""
        return int(np.searchsorted(self.firsts, number, side="right")) - 1

    def nearest(self, place: int, signals: Signals) -> str:
        """The entry's phrasing that is nearest, by both ways of looking."""
        mine = self.phrasings_of(place)
        return self.phrasings[mine][int(np.argmax(signals.cosines[mine] + signals.grams[mine]))]

    def denial(self, place: int, reading: Reading, signals: Signals) -> float:
        """How much nearer the entry's `not_questions` come than its phrasings; below 0: not nearer, or none."""
        denied = self._denied[place]
        if not denied:
            return -1.0
        if reading.vector is not None:
            return float((self._stack(denied) @ reading.vector).max() - signals.nearest[place])
        alike = [set(words(fold(text))) for text in (*denied, *self.phrasings[self.phrasings_of(place)])]
        shares = [len(s & set(reading.names)) / max(1, len(s | set(reading.names))) for s in alike]
        return max(shares[: len(denied)]) - max(shares[len(denied) :])

    def shared(self, place: int, reading: Reading) -> tuple[str, ...]:
        """The words that question and entry share, as they were typed, rarest first."""
        inside = np.isin(self.numbers(reading), self.words.terms_of(place))
        shared = {word for word, is_inside in zip(reading.distinct.values(), inside, strict=True) if is_inside}
        return tuple(word for word in self.rarest(reading) if word in shared)[:8]

    def rarest(self, reading: Reading) -> list[str]:
        """The words of a question as they were typed, rarest first; what the knowledge does not know is rarest."""
        rarity = self.words.rarity_of(self.numbers(reading))
        return [word for _, word in sorted(zip(-rarity, reading.distinct.values(), strict=True))]


def _encoder(semantic: bool, cache: Path | None, previous: Corpus | None) -> Encoder | None:
    if not semantic:
        return None
    return previous._encoder if previous and previous._encoder else Encoder(cache)
