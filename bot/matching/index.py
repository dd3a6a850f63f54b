"""The knowledge made searchable: text in, ranked matches and the likelihood of being a question out. Immutable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from bot.knowledge import Entry, Knowledge
from bot.matching import Evidence, Found, Match
from bot.matching.confidence import Table, shipped
from bot.matching.lexical import Floats
from bot.matching.parts import Part, take_apart
from bot.matching.question import likeness
from bot.matching.signals import Corpus, Reading, Signals
from bot.matching.text import clean

BEST = 5  # matches that are handed on


class Index:
    """`search` may be called from several threads at once: nothing changes after building."""

    def __init__(
        self,
        knowledge: Knowledge,
        *,
        semantic: bool = True,
        cache: Path | None = None,
        previous: Index | None = None,
        table: Table | None = None,
    ) -> None:
        """`previous`: the index that this one takes over from; its readings of unchanged texts are kept.

        `cache`: folder for the embeddings of the knowledge's texts; without one they stay in memory. `table`: other
        weights than the shipped ones.
        """
        self.knowledge = knowledge
        self._table = table or shipped(semantic)
        self._entries: Sequence[Entry] = tuple(knowledge.entries.values())
        self.corpus = Corpus(knowledge, semantic, cache, previous.corpus if previous else None)

    def search(self, text: str) -> Found:
        """What the text brings up: surest matches first; `parts` when it asks two things or more."""
        plain = clean(text)
        asks = likeness(text, self._table.question)
        parts = [self._find(part, asks) for part in take_apart(plain, self._table.question, self.corpus.weight)]
        parts = _distinct(parts)
        if not parts:
            return Found(text, (), asks)
        best = max(parts, key=lambda found: found.matches[0].confidence if found.matches else 0.0)
        return replace(best, text=text, question=asks, parts=tuple(parts) if len(parts) > 1 else ())

    def _find(self, part: Part, asks: float) -> Found:
        reading = self.corpus.read(part)
        if not len(reading.words) and not len(reading.grams):
            return Found(part.asked, (), asks)
        signals = self.corpus.signals(reading)
        scores = signals.score(self._table.ranking)
        best = np.argsort(-scores, kind="stable")[:BEST]
        matches = [self._match(int(place), reading, signals, scores, asks) for place in best]
        return Found(part.asked, tuple(sorted(matches, key=lambda m: -m.confidence)), asks)

    def _match(self, place: int, reading: Reading, signals: Signals, scores: Floats, asks: float) -> Match:
        entry = self._entries[place]
        features = self.corpus.features(place, reading, signals, scores, asks)
        return Match(entry.id, entry.title, self._table.probability(features), self._evidence(place, reading, signals))

    def _evidence(self, place: int, reading: Reading, signals: Signals) -> Evidence:
        return Evidence(
            phrasing=self.corpus.nearest(place, signals),
            words=self.corpus.shared(place, reading),
            lexical=float(signals.phrasing_grams[place]),
            fuzzy=float(reading.mended_share),
            semantic=float(signals.nearest[place].clip(0, 1)),
        )


def _distinct(parts: Sequence[Found]) -> list[Found]:
    """Parts that lead to the same entry are one question; the surest wording of it stands."""
    best: dict[str, Found] = {}
    for part in parts:
        top = part.matches[0] if part.matches else None
        if top and (top.id not in best or best[top.id].matches[0].confidence < top.confidence):
            best[top.id] = part
    return list(best.values())
