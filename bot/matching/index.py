"""The knowledge made searchable: text in, ranked matches and the likelihood of being a question out. Immutable."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from bot.knowledge.models import Entry, Knowledge
from bot.matching import Evidence, Match, SearchResult
from bot.matching.arrays import Floats
from bot.matching.calibration import CalibrationTable, shipped_table
from bot.matching.corpus import Corpus, Signals
from bot.matching.features import QueryTerms, features
from bot.matching.query import Query
from bot.matching.question import likeness
from bot.matching.split import SplitMessage, split_message
from bot.matching.text import LONGEST, clean

CANDIDATES = 8  # entries that are looked at closely
_STEEP, _HEARD = 30.0, 0.2  # how sharply a not_question takes over; farther off than this it says nothing
BEST = 5  # matches that are handed on
SURE = 0.75  # confidence with which a part is answered in any case
ALONE = 0.5  # confidence without which a part of a message is not taken for a question of its own


class Index:
    """`search` may be called from several threads at once: nothing changes after building."""

    def __init__(
        self,
        knowledge: Knowledge,
        *,
        semantic: bool = True,
        cache: Path | None = None,
        previous: Index | None = None,
        table: CalibrationTable | None = None,
    ) -> None:
        """`previous`: the index that this one takes over from; its readings of unchanged texts are kept.

        `cache`: folder for the embeddings of the knowledge's texts; without one they stay in memory. `table`: other
        weights than the shipped ones.
        """
        self.knowledge = knowledge
        self._table = table or shipped_table(semantic)
        self.entries: Sequence[Entry] = tuple(knowledge.entries.values())
        self.corpus: Corpus = Corpus(knowledge, semantic, cache, previous.corpus if previous else None)

    def weighed(self, table: CalibrationTable) -> Index:
        """The same knowledge with other weights."""
        other = copy.copy(self)
        other._table = table
        return other

    def search(self, text: str) -> SearchResult:
        """What the text brings up: surest matches first; `parts` when it asks two things or more."""
        text = text[:LONGEST]
        apart = self._apart(text)
        whole, *questions = self.corpus.read_all([apart.whole, *apart.questions])
        asks = likeness(text, self._table.question, self.corpus.tone(whole))
        read = zip(questions, apart.questions, strict=True)
        parts = _distinct([self._find(reading, part.asked, asks) for reading, part in read])
        best = max(parts, key=_sureness) if len(parts) > 1 else self._find(whole, text, asks)
        return replace(best, text=text, parts=parts if len(parts) > 1 else ())

    def question_text(self, text: str) -> str:
        """What a message asks, as it was written, without greetings and the story around it."""
        return self._apart(text).whole.asked

    def rare_words(self, text: str, most: int) -> list[str]:
        """The words of what is asked by which it is best found elsewhere, rarest first."""
        return self.corpus.rarest(self.corpus.read(self._apart(text).whole))[:most]

    def _apart(self, text: str) -> SplitMessage:
        return split_message(clean(text), self._table.question, self.corpus.weight)

    def _find(self, reading: Query, text: str, asks: float) -> SearchResult:
        if reading.empty or not self.entries:
            return SearchResult(text, (), asks)
        signals = self.corpus.signals(reading)
        scores = self.score(signals)
        asked = QueryTerms.of(self.corpus, reading, asks)
        sure = {place: self._sure(place, asked, signals, scores) for place in first(scores, CANDIDATES)}
        best = sorted(sure, key=lambda place: -sure[place])[:BEST]
        return SearchResult(text, tuple(self._match(place, sure[place], reading, signals) for place in best), asks)

    def score(self, signals: Signals) -> Floats:
        """By which the entries are ranked."""
        return signals.score(self._table.ranking)

    def _sure(self, place: int, asked: QueryTerms, signals: Signals, scores: Floats) -> float:
        sure = self._table.probability(features(self.corpus, place, asked, signals, scores))
        return sure * denied(self.corpus.denial(place, asked.reading, signals))

    def _match(self, place: int, sure: float, reading: Query, signals: Signals) -> Match:
        entry = self.entries[place]
        return Match(entry.id, entry.title, sure, self._evidence(place, reading, signals))

    def _evidence(self, place: int, reading: Query, signals: Signals) -> Evidence:
        return Evidence(
            phrasing=self.corpus.nearest(place, signals),
            words=self.corpus.shared(place, reading),
            lexical=float(signals.phrasing_grams[place]),
            fuzzy=float(reading.mended_share),
            semantic=float(signals.nearest[place].clip(0, 1)),
        )


def first(scores: Floats, most: int) -> Sequence[int]:
    """The places of the highest scores, best first."""
    few = np.argpartition(-scores, most)[:most] if len(scores) > most else np.arange(len(scores))
    return [int(place) for place in few[np.lexsort((few, -scores[few]))]]


def denied(nearer: float) -> float:
    """What is left of a confidence when a `not_question` comes nearer than the phrasings by so much."""
    return 1 / (1 + math.exp(_STEEP * nearer)) if nearer > -_HEARD else 1.0


def _sureness(found: SearchResult) -> float:
    return found.matches[0].confidence if found.matches else 0.0


def _distinct(parts: Sequence[SearchResult]) -> tuple[SearchResult, ...]:
    """The parts that are sure enough to stand alone, and beside one that is surely answered all others; those that
    lead to the same entry are one question.
    """
    beside_a_sure_one = any(_sureness(part) >= SURE for part in parts)
    best: dict[str, SearchResult] = {}
    for part in parts:
        stands = _sureness(part) >= ALONE
        name = part.matches[0].id if stands else part.text
        if (stands or beside_a_sure_one) and (name not in best or _sureness(best[name]) < _sureness(part)):
            best[name] = part
    return tuple(best.values())
