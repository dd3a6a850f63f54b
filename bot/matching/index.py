"""The searchable knowledge: text in; ranked matches and the probability of a question out."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from operator import attrgetter

import numpy as np

from bot.arrays import Floats
from bot.knowledge.models import Entry, Knowledge
from bot.matching import Evidence, Match, SearchResult
from bot.matching.calibration import CalibrationTable, shipped_table
from bot.matching.confidence_correction import UNCORRECTED, Correction
from bot.matching.corpus import Corpus, Signals
from bot.matching.embedding_cache import EmbeddingCache
from bot.matching.features import VERBATIM, Candidates, QueryTerms, features
from bot.matching.locality import Locality, Ranked, by_confidence, preferred
from bot.matching.money import asks_money
from bot.matching.parts import distinct, filled, of_post, weaker
from bot.matching.query import Query
from bot.matching.second_reading import read_again
from bot.matching.split import SplitMessage, SubQuestion, split_message
from bot.messages import Venue
from bot.reading.model import shipped_model
from bot.reading.read import Reader
from bot.text.folding import LONGEST, clean

CANDIDATES = 24  # entries that are compared word by word
JUDGED = 8  # entries whose confidence is computed
WORDS = "words"  # name of that comparison among the weights of the ranking
BEST = 5  # matches of a result
_PHRASING = 0.9  # confidence at least of an entry of which the message is a phrasing,
_CLEAR = 3  # of so many different words
_READABLE = 2  # words of a question, with its context, that is read together with an entry, at least
_HARDLY_ASKS = 0.2  # probability of a question below which a message without a question mark hardly asks
_NAME = 0.36  # confidence, between them, of entries whose name is all that a message says: enough for an offer
_EXCLUDED = 0.2  # factor of an entry that the question excludes
_NAMED = 0.5  # share of what is excluded from which on a title names it
_SILENT = 0.3  # factor of an entry that is silent on the money that the question asks about
_TELLS = 0.75  # factor for a message that hardly asks: no question mark, no phrasing or name, not after an answer
_STEEPNESS, _REACH = 30.0, 0.2  # of the sigmoid of a not_question; margin below which it has no effect


@dataclass(frozen=True, slots=True)
class EncodedMessage:
    """A message taken apart, its questions in the numbers of its index, to be searched for more than once."""

    index: Index
    text: str
    split: SplitMessage
    queries: Sequence[Query]  # of the readings, then of the parts


class Index:
    """Immutable: `search` may be called from several threads at once."""

    def __init__(
        self,
        knowledge: Knowledge,
        *,
        embeddings: EmbeddingCache | None = None,
        table: CalibrationTable | None = None,
        correction: Correction = UNCORRECTED,
    ) -> None:
        """`embeddings`: None for words and typos alone. `table`: weights other than the shipped ones.
        `correction`: of each confidence, learned from the network."""
        self.knowledge = knowledge
        self._correction = correction
        self.reader = embeddings.reader if embeddings else Reader(shipped_model(), None)
        self._table = table or (embeddings.table if embeddings else shipped_table(False))
        self.corpus: Corpus = Corpus(knowledge, embeddings)
        self.entries: Sequence[Entry] = self.corpus.entries
        self._places = {entry.id: place for place, entry in enumerate(self.entries)}
        self._local = [(number, entry) for number, entry in enumerate(self.entries) if entry.is_local]

    def with_table(self, table: CalibrationTable) -> Index:
        """The same knowledge with other weights."""
        other = copy.copy(self)
        other._table = table
        return other

    def search(self, text: str, venue: Venue | None = None, among: Set[str] | None = None) -> SearchResult:
        """As `find`."""
        return self.find(self.encode(text), venue, among)

    def encode(self, text: str) -> EncodedMessage:
        message = self._split(text[:LONGEST])
        return EncodedMessage(self, text[:LONGEST], message, self.corpus.queries([*message.readings, *message.parts]))

    def find(self, said: EncodedMessage, venue: Venue | None = None, among: Set[str] | None = None) -> SearchResult:
        """`said`: from this index. `venue`: where it is asked; what is hidden there is not found, and what is for its
        people goes before others. None: every entry counts as if it were for everybody. `among`: ids of the only
        entries that count, for a text that follows an answer."""
        if among is not None and self._table.second:  # what leans on an answer says too little to be read with an entry
            return self.with_table(replace(self._table, second=None)).find(said, venue, among)
        text, message, queries, locality = said.text, said.split, said.queries, self._locality(venue, among)
        whole = self._result(queries[0], text, self._question(message.readings[0].text, queries[0]), locality)
        best = self._read_again(*self._surest_reading(whole, queries, message, locality))
        if len(parts := self._parts(best, queries[1:], message.parts, locality)) > 1:
            return self._corrected(replace(max(parts, key=attrgetter("confidence")), text=text, parts=parts))
        hardly_asks = whole.question < _HARDLY_ASKS and among is None and "?" not in clean(text)
        is_known = _is_phrasing(best) or self._is_name(best, queries[0])
        return self._corrected(weaker(best, _TELLS) if hardly_asks and not is_known else best)

    def _locality(self, venue: Venue | None, among: Set[str] | None) -> Locality:
        """Of the venue, where what is not `among` the ids is hidden as well."""
        locality = Locality.of(self._local, venue)
        if among is None:
            return locality
        others = {number for number, entry in enumerate(self.entries) if entry.id not in among}
        return replace(locality, hidden=locality.hidden | others)

    def _surest_reading(
        self, whole: SearchResult, queries: Sequence[Query], message: SplitMessage, locality: Locality
    ) -> tuple[SearchResult, Query]:
        """What is found by the `whole` message, or by the sentence of a post that asks; there is none beside parts."""
        sentences = zip(queries[1:], message.readings[1:], strict=False)
        found = [self._result(query, whole.text, self._question(one.text, query), locality) for query, one in sentences]
        return max(zip(of_post(whole, *found), queries, strict=False), key=lambda pair: pair[0].confidence)

    def _parts(
        self, whole: SearchResult, queries: Sequence[Query], asked: Sequence[SubQuestion], locality: Locality
    ) -> tuple[SearchResult, ...]:
        """What each of several questions finds, beside the `whole` message."""
        if not asked:
            return ()
        found = [
            self._read_again(self._result(query, part.text, whole.question, locality), query)
            for query, part in zip(queries, asked, strict=True)
        ]
        return distinct(filled(distinct(found), whole))

    def _question(self, text: str, query: Query) -> float:
        """Probability that a text asks something."""
        return self.reader.asks(text, query.vector)

    def question_text(self, text: str) -> str:
        """The question of a message as typed, without greetings and context."""
        return self._split(text).question.text

    def rare_words(self, text: str, most: int) -> list[str]:
        """Words of the question as search terms for elsewhere, rarest first."""
        return self.corpus.rarest_words(self._split(text).question)[:most]

    def _split(self, text: str) -> SplitMessage:
        return split_message(clean(text), self.reader, self.corpus.count_known)

    def _result(self, query: Query, text: str, question: float, locality: Locality) -> SearchResult:
        if query.is_empty or len(locality.hidden) == len(self.entries):
            return SearchResult(text, (), question)
        signals, terms = self.corpus.signals(query), QueryTerms.of(self.corpus, query, question)
        if signals.is_empty:
            return SearchResult(text, (), question)
        ranked = self._ranked(terms, signals, locality.hidden)
        if rivals := locality.rivals(ranked):
            ranked = preferred(self._ranked(terms, signals, locality.hidden | rivals), ranked, rivals)
        return SearchResult(text, tuple(self._matches(ranked[:BEST], query, signals, locality)), question)

    def _ranked(self, terms: QueryTerms, signals: Signals, barred: Set[int]) -> Ranked:
        """`barred`: places of entries that do not take part."""
        candidates = self.candidates(terms, signals, barred)
        places = candidates.places[:JUDGED]
        confidences = self._confidences(candidates, terms, signals)
        total = max(1.0, sum(sorted(confidences)[-2:]))  # of two that are alike one is meant
        least = self._least_confidences(places, terms.query, signals, barred)
        return by_confidence(
            [(place, max(one / total, low)) for place, one, low in zip(places, confidences, least, strict=True)]
        )

    def _read_again(self, result: SearchResult, query: Query) -> SearchResult:
        """What was found for the query, read together with it where that is not sure, no phrasing, no name, and no
        single word, which other entries may have as well."""
        if not (self._table.second and result.matches) or len(query.words) < _READABLE:
            return result
        if _is_phrasing(result) or self._is_name(result, query):
            return result
        return read_again(result, self._table.second, lambda id: self.corpus.relevance(self._places[id], query))

    def _is_name(self, result: SearchResult, query: Query) -> bool:
        said = query.distinct.keys()
        return any(self.corpus.names.share(self._places[match.id], said) > 0 for match in result.matches[:1])

    def _corrected(self, result: SearchResult) -> SearchResult:
        matches = (replace(match, confidence=self._correction(match.confidence)) for match in result.matches)
        return replace(result, matches=tuple(matches), parts=tuple(map(self._corrected, result.parts)))

    def score(self, signals: Signals) -> Floats:
        """By which the candidates are found, `(n_entries,)`."""
        return signals.score(self._table.ranking)

    def candidates(self, terms: QueryTerms, signals: Signals, barred: Set[int] = frozenset()) -> Candidates:
        """The best entries that are not barred (places), in order, ranked again by their words."""
        scores = self.score(signals)
        scores[list(barred)] = -np.inf
        places = [place for place in top(scores, CANDIDATES) if place not in barred]
        words, rarity = self.corpus.word_similarity(terms.query, places), terms.query.rarity
        ranked = scores[list(places)]
        if words.shape[1] and rarity is not None:
            ranked = ranked + np.float32(self._table.ranking[WORDS]) * (words @ rarity / rarity.sum())
        order = np.argsort(-ranked, kind="stable")
        best = [places[at] for at in order]
        return Candidates(best, ranked[order], words[order], self.corpus.shared(best, terms.numbers))

    def _confidences(self, candidates: Candidates, terms: QueryTerms, signals: Signals) -> list[float]:
        """Of the first `JUDGED` candidates."""
        sure = self._table.probability(features(self.corpus, candidates, terms, signals, JUDGED)).tolist()
        factors = (self._factor(place, terms.query, signals) for place in candidates.places)
        return [one * factor for one, factor in zip(sure, factors, strict=False)]

    def _factor(self, place: int, query: Query, signals: Signals) -> float:
        """Below 1 for an entry whose `not_questions`, exclusion or silence on money speak against it."""
        factor = not_question_factor(self.corpus.not_question_margin(place, query, signals))
        factor *= _EXCLUDED if self.corpus.excluded_share(place, query) >= _NAMED else 1.0
        return factor * (_SILENT if self.corpus.is_silent_on_money[place] and asks_money(query.folded) else 1.0)

    def _least_confidences(
        self, places: Sequence[int], query: Query, signals: Signals, barred: Set[int]
    ) -> list[float]:
        """High for an entry whose phrasing the message is, and no other's; enough for an offer if it is its name."""
        said = query.distinct.keys()
        same = set(np.flatnonzero(signals.phrasing_grams > VERBATIM).tolist() if len(said) >= _CLEAR else []) - barred
        share = self.corpus.names.share
        return [_PHRASING if same == {place} else _NAME * share(place, said, barred) for place in places]

    def _matches(self, ranked: Ranked, query: Query, signals: Signals, locality: Locality) -> Iterator[Match]:
        shared = self.corpus.shared_words([place for place, _ in ranked], query)
        for (place, confidence), words in zip(ranked, shared, strict=True):
            entry, evidence = self.entries[place], self._evidence(place, words, query, signals)
            yield Match(entry.id, entry.title, confidence, evidence, place in locality.elsewhere)

    def _evidence(self, place: int, words: tuple[str, ...], query: Query, signals: Signals) -> Evidence:
        return Evidence(
            phrasing=self.corpus.nearest_phrasing(place, signals),
            words=words,
            lexical=float(signals.phrasing_grams[place]),
            corrected=float(query.corrected_share),
            semantic=float(signals.nearest[place].clip(0, 1)),
        )


def top(scores: Floats, most: int) -> Sequence[int]:
    """Places of the highest scores, best first."""
    few = np.argpartition(-scores, most)[:most] if len(scores) > most else np.arange(len(scores))
    return [int(place) for place in few[np.lexsort((few, -scores[few]))]]


def not_question_factor(margin: float) -> float:
    """Near 0 if a `not_question` is nearer than the phrasings, 1 if it is far behind them."""
    return 1 / (1 + math.exp(_STEEPNESS * margin)) if margin > -_REACH else 1.0


def _is_phrasing(result: SearchResult) -> bool:
    """Whether it says what its entry says, word for word."""
    return bool(result.matches) and result.matches[0].evidence.lexical > VERBATIM
