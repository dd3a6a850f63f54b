"""The knowledge in numbers, and what is measured between a question and every entry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path

import numpy as np

from bot.knowledge.models import Knowledge
from bot.matching.arrays import Flags, Floats, Numbers
from bot.matching.discriminant import SemanticScores
from bot.matching.embedding_cache import CacheFolder, EmbeddingCache
from bot.matching.query import Query, all_grams, blend, context_weight, typed, weights
from bot.matching.semantic_index import Embedded
from bot.matching.split import SubQuestion
from bot.matching.text import fold, tokens, words
from bot.matching.tfidf import Lexicon
from bot.matching.use_encoder import UniversalSentenceEncoder

_ASKED, _AROUND = 60, 40  # words that the encoder reads of a question and of the story around it
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


class Corpus(Lexicon):
    """The knowledge in numbers; nothing changes after building. `previous`: what has not changed is taken over."""

    def __init__(self, knowledge: Knowledge, semantic: bool, cache: Path | None, previous: Corpus | None) -> None:
        self._embeddings = _embeddings(semantic, cache, previous)
        super().__init__(knowledge, partial(_familiar, self._embeddings), CacheFolder(cache), previous)
        self.size = len(self.entries)
        before = previous._embedded if previous else None
        self._embedded: Embedded | None = Embedded(self, self._embeddings, before) if self._embeddings else None
        self.meaning = self._embedded.meaning if self._embedded else None
        self.kriging = self._embedded.kriging if self._embedded else None

    def said(self, text: str) -> dict[str, float]:
        """The words of a clean text that carry meaning, its typos mended, each with its rarity."""
        mended = self.vocabulary.mend(text)
        names = self.synonyms.fold(words(" ".join(mended.get(token, token) for token in tokens(fold(text)))))
        return dict(zip(names, self.words.rarity_of(self.numbering.look_up(names)).tolist(), strict=True))

    def weight(self, text: str) -> float:
        """How much of the knowledge's own vocabulary a text holds, in words: 'fiche de poste' is one name of two."""
        names = self.synonyms.fold(words(fold(text)))
        known = self.numbering.look_up(names) >= 0
        return float(sum(1 + name.count("_") for name, is_known in zip(names, known, strict=True) if is_known))

    def read(self, part: SubQuestion) -> Query:
        return self.read_all([part])[0]

    def read_all(self, parts: Sequence[SubQuestion]) -> list[Query]:
        """The questions of one message: together they take hardly longer than one."""
        return self._understand([self._counted(part) for part in parts])

    def recall(self, number: int) -> Query:
        """A phrasing of the knowledge as if it were asked; its vector is known already."""
        reading = self._counted(SubQuestion(self.phrasings[number]))
        if not (self._embedded and self.meaning):
            return reading
        vector = self._embedded.vector(self.phrasings[number])
        return replace(reading, vector=vector, meant=self.meaning.near(vector[None])[0])

    def _counted(self, part: SubQuestion) -> Query:
        mended = self.vocabulary.mend(part.asked)
        said = [word for token in tokens(fold(part.asked)) for word in mended.get(token, token).split()]
        names = self.synonyms.fold(words(" ".join(said)))
        more = self.synonyms.fold(words(fold(part.around)))
        story = context_weight(self._told(names))
        asked_grams, around_grams = all_grams(" ".join(said), fold(part.around))
        return Query(
            asked=self.vocabulary.rewrite(part.asked, mended),
            around=part.around,
            story=story,
            names=tuple(names),
            written=typed(part.asked, said, names),
            words=self.numbering.look_up(names + more),
            word_weights=weights(len(names), len(more), story),
            grams=np.concatenate([asked_grams, around_grams]),
            gram_weights=weights(len(asked_grams), len(around_grams), story),
            mended_share=len(mended) / max(1, len(names)),
            length=len(said),
        )

    def _understand(self, readings: list[Query]) -> list[Query]:
        full = [one for one in readings if not one.empty]
        if not (self._embeddings and full):
            return readings
        texts = list(dict.fromkeys(text for one in full for text in _read_by_the_encoder(one)))
        vectors = dict(zip(texts, self._embeddings.encoder.encode(texts), strict=True))
        blended = [blend(np.stack([vectors[text] for text in _read_by_the_encoder(one)]), one.story) for one in full]
        meant = self.meaning.near(np.stack(blended)) if self.meaning else [None] * len(full)
        seen = self._look(list(dict.fromkeys(word for one in full for word in one.distinct.values())))
        understood = (
            replace(one, vector=vector, meant=found, senses=_rows(seen, one.distinct.values()))
            for one, vector, found in zip(full, blended, meant, strict=True)
        )
        return [one if one.empty else next(understood) for one in readings]

    def _look(self, words: list[str]) -> dict[str, Floats]:
        if not (self._embeddings and self._embedded and self._embedded.senses and words):
            return {}
        return dict(zip(words, self._embedded.senses.look(self._embeddings.encoder.encode_words(words)), strict=True))

    def kinship(self, reading: Query, inside: Flags, terms: Numbers) -> Floats:
        """How near each distinct word of a question comes to a word of an entry: 1 where the entry has it."""
        if reading.senses is None or self._embedded is None or self._embedded.senses is None:
            return inside.astype(np.float32)
        return np.where(inside, np.float32(1), self._embedded.senses.kinship(reading.senses, terms))

    def numbers(self, reading: Query) -> Numbers:
        """The distinct words of a question as numbers, -1: not in the knowledge."""
        return self.numbering.look_up(reading.distinct)

    def _told(self, names: Sequence[str]) -> float:
        """How much a question says by itself: its distinct known words, each with its rarity of at most 1."""
        numbers = self.numbering.look_up(dict.fromkeys(names))
        return float(self.words.rarity_of(numbers[numbers >= 0]).sum() / self.words.unknown)

    def tone(self, reading: Query) -> float:
        """How much a message sounds like a question for us (see Tone); 0 without the encoder."""
        return self._embedded.tone.of(reading.vector) if self._embedded and reading.vector is not None else 0.0

    def signals(self, reading: Query) -> Signals:
        phrase = self.phrasing_grams.likeness(reading.grams, reading.gram_weights)
        meant = reading.meant or _meaningless(len(self.phrasings), self.size)
        kriged = self.kriging.said(meant.cosines, phrase) if self.kriging and reading.meant else meant.discriminant
        return Signals(
            meant.nearest,
            meant.discriminant,
            kriged,
            np.maximum.reduceat(phrase, self.firsts),
            self.entry_grams.likeness(reading.grams, reading.gram_weights),
            self.words.likeness(reading.words, reading.word_weights),
            meant.cosines,
            phrase,
        )

    def nearest(self, place: int, signals: Signals) -> str:
        """The entry's phrasing that is nearest, by both ways of looking."""
        mine = self.phrasings_of(place)
        return self.phrasings[mine][int(np.argmax(signals.cosines[mine] + signals.grams[mine]))]

    def denial(self, place: int, reading: Query, signals: Signals) -> float:
        """How much nearer the entry's `not_questions` come than its phrasings; below 0: not nearer, or none."""
        denied = self.entries[place].not_questions
        if not denied:
            return -1.0
        if self._embedded and reading.vector is not None:
            return float((self._embedded.denied(place) @ reading.vector).max() - signals.nearest[place])
        alike = [set(words(fold(text))) for text in (*denied, *self.phrasings[self.phrasings_of(place)])]
        shares = [len(s & set(reading.names)) / max(1, len(s | set(reading.names))) for s in alike]
        return max(shares[: len(denied)]) - max(shares[len(denied) :])

    def shared(self, place: int, reading: Query) -> tuple[str, ...]:
        """The words that question and entry share, as they were typed, rarest first."""
        inside = self.words.holds(place, self.numbers(reading))
        shared = {word for word, is_inside in zip(reading.distinct.values(), inside, strict=True) if is_inside}
        return tuple(word for word in self.rarest(reading) if word in shared)[:8]

    def rarest(self, reading: Query) -> list[str]:
        """The words of a question as they were typed, rarest first; what the knowledge does not know is rarest."""
        rarity = self.words.rarity_of(self.numbers(reading))
        return [word for _, word in sorted(zip(-rarity, reading.distinct.values(), strict=True))]


def _familiar(embeddings: EmbeddingCache | None, word: str) -> bool:
    return embeddings is not None and embeddings.encoder.log_probability(word) > _USUAL


def _embeddings(semantic: bool, cache: Path | None, previous: Corpus | None) -> EmbeddingCache | None:
    if not semantic:
        return None
    shared = previous._embeddings if previous else None
    return shared or EmbeddingCache(cache, UniversalSentenceEncoder(cache))


def _read_by_the_encoder(reading: Query) -> list[str]:
    """Of a long message only so much that it takes no longer than the rest; of the story what is nearest its end."""
    asked, around = reading.asked.split(" "), reading.around.split(" ")
    return [" ".join(asked[:_ASKED]), *([" ".join(around[-_AROUND:])] if reading.around else [])]


def _rows(seen: Mapping[str, Floats], words: Iterable[str]) -> Floats | None:
    rows = [seen[word] for word in words if word in seen]
    return np.stack(rows) if rows else None


def _meaningless(phrasings: int, entries: int) -> SemanticScores:
    """What is said where no encoder reads."""
    nothing = np.zeros(entries, np.float32)
    return SemanticScores(np.zeros(phrasings, np.float32), nothing, nothing)
