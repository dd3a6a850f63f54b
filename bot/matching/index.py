"""The searchable knowledge: text in; ranked matches and the probability of a question out."""

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
from bot.matching.correction import UNCORRECTED, Correction
from bot.matching.features import QueryTerms, features
from bot.matching.query import Query
from bot.matching.question import question_probability
from bot.matching.split import SplitMessage, split_message
from bot.matching.text import LONGEST, clean

CANDIDATES = 8  # entries whose confidence is computed
BEST = 5  # matches of a result
SURE_PART = 0.75  # confidence from which on a part is answered in any case, so that the others stand as well
MIN_PART = 0.5  # confidence from which on a part is a question of its own
_STEEPNESS, _REACH = 30.0, 0.2  # of the sigmoid of a not_question; margin below which it has no effect


class Index:
    """Immutable: `search` may be called from several threads at once."""

    def __init__(
        self,
        knowledge: Knowledge,
        *,
        semantic: bool = True,
        cache: Path | None = None,
        table: CalibrationTable | None = None,
        correction: Correction = UNCORRECTED,
    ) -> None:
        """`semantic`: with the encoder. `cache`: folder for embeddings; None: all are computed.
        `table`: weights other than the shipped ones. `correction`: of each confidence, learned from the network."""
        self.knowledge = knowledge
        self._table = table or shipped_table(semantic)
        self._correction = correction
        self.entries: Sequence[Entry] = tuple(knowledge.entries.values())
        self.corpus: Corpus = Corpus(knowledge, semantic, cache)

    def with_table(self, table: CalibrationTable) -> Index:
        """The same knowledge with other weights."""
        other = copy.copy(self)
        other._table = table
        return other

    def search(self, text: str) -> SearchResult:
        text = text[:LONGEST]
        message = self._split(text)
        whole, *queries = self.corpus.queries([message.whole, *message.questions])
        question = question_probability(text, self._table.question, self.corpus.question_score(whole))
        pairs = zip(queries, message.questions, strict=True)
        parts = _distinct([self._result(query, part.text, question) for query, part in pairs])
        best = max(parts, key=_top) if len(parts) > 1 else self._result(whole, text, question)
        return replace(best, text=text, parts=parts if len(parts) > 1 else ())

    def question_text(self, text: str) -> str:
        """The question of a message as typed, without greetings and context."""
        return self._split(text).whole.text

    def rare_words(self, text: str, most: int) -> list[str]:
        """Words of the question as search terms for elsewhere, rarest first."""
        return self.corpus.rarest_words(self.corpus.query(self._split(text).whole))[:most]

    def _split(self, text: str) -> SplitMessage:
        return split_message(clean(text), self._table.question, self.corpus.count_known)

    def _result(self, query: Query, text: str, question: float) -> SearchResult:
        if query.is_empty or not self.entries:
            return SearchResult(text, (), question)
        signals = self.corpus.signals(query)
        scores = self.score(signals)
        terms = QueryTerms.of(self.corpus, query, question)
        confidence = {place: self._confidence(place, terms, signals, scores) for place in top(scores, CANDIDATES)}
        best = sorted(confidence, key=lambda place: -confidence[place])[:BEST]
        matches = tuple(self._match(place, confidence[place], query, signals) for place in best)
        return SearchResult(text, matches, question)

    def score(self, signals: Signals) -> Floats:
        """By which the entries are ranked, `(n_entries,)`."""
        return signals.score(self._table.ranking)

    def _confidence(self, place: int, terms: QueryTerms, signals: Signals, scores: Floats) -> float:
        confidence = self._table.probability(features(self.corpus, place, terms, signals, scores))
        margin = self.corpus.not_question_margin(place, terms.query, signals)
        return self._correction(confidence * not_question_factor(margin))

    def _match(self, place: int, confidence: float, query: Query, signals: Signals) -> Match:
        entry = self.entries[place]
        return Match(entry.id, entry.title, confidence, self._evidence(place, query, signals))

    def _evidence(self, place: int, query: Query, signals: Signals) -> Evidence:
        return Evidence(
            phrasing=self.corpus.nearest_phrasing(place, signals),
            words=self.corpus.shared_words(place, query),
            lexical=float(signals.phrasing_grams[place]),
            fuzzy=float(query.corrected_share),
            semantic=float(signals.nearest[place].clip(0, 1)),
        )


def top(scores: Floats, most: int) -> Sequence[int]:
    """Places of the highest scores, best first."""
    few = np.argpartition(-scores, most)[:most] if len(scores) > most else np.arange(len(scores))
    return [int(place) for place in few[np.lexsort((few, -scores[few]))]]


def not_question_factor(margin: float) -> float:
    """Near 0 if a `not_question` is nearer than the phrasings, 1 if it is far behind them."""
    return 1 / (1 + math.exp(_STEEPNESS * margin)) if margin > -_REACH else 1.0


def _top(result: SearchResult) -> float:
    return result.matches[0].confidence if result.matches else 0.0


def _distinct(parts: Sequence[SearchResult]) -> tuple[SearchResult, ...]:
    """The parts that reach `MIN_PART`, or all if one reaches `SURE_PART`; of those with the same entry the best."""
    has_sure = any(_top(part) >= SURE_PART for part in parts)
    best: dict[str, SearchResult] = {}
    for part in parts:
        is_own = _top(part) >= MIN_PART
        key = part.matches[0].id if is_own else part.text
        if (is_own or has_sure) and (key not in best or _top(best[key]) < _top(part)):
            best[key] = part
    return tuple(best.values())
