"""The searchable knowledge: text in; ranked matches and the probability of a question out."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence, Set
from dataclasses import dataclass, fields, replace
from operator import attrgetter, itemgetter

import numpy as np

from bot.arrays import Floats
from bot.knowledge.models import Knowledge
from bot.matching import Evidence, Match, SearchResult
from bot.matching.calibration import CalibrationTable, Features, shipped_table
from bot.matching.combination import distinct, filled, is_sentence_surer
from bot.matching.corpus import Corpus, Signals
from bot.matching.embedding_cache import EmbeddingCache
from bot.matching.features import Candidates, QueryTerms, features
from bot.matching.judge import LEAST, features_read, judged
from bot.matching.locality import EVERYWHERE, Locality, Ranked, preferred
from bot.matching.query import Query
from bot.matching.split import SplitMessage, split_message
from bot.messages import Venue
from bot.reading.model import shipped_model
from bot.reading.read import Reader
from bot.text.folding import LONGEST, clean

CANDIDATES = 24  # entries that are compared word by word
JUDGED = 8  # entries whose confidence is computed
WORDS = "words"  # name of that comparison among the weights of the ranking
BEST = 5  # matches of a result
SAYS_LITTLE, SHORT = 2, 5
"""Words with a meaning, and words at all, below which what is no name gets a choice: it is not judged, for other
entries may have the word as well, which no reading sees. In a room the first limit is enough: it asks nothing there."""
_SHARPNESS, _REACH = 30.0, 0.2  # between phrasings and `not_questions`; margin below which these take nothing
_NAMED = 0.5  # share of what is excluded from which on a title names it


@dataclass(frozen=True, slots=True)
class EncodedMessage:
    """A message taken apart, its questions in the numbers of its index, to be searched for more than once."""

    index: Index
    text: str
    split: SplitMessage
    queries: Sequence[Query]  # of the readings, then of the parts


class Index:
    """The searchable knowledge. Immutable: `search` may be called from several threads at once."""

    def __init__(
        self,
        knowledge: Knowledge,
        *,
        embeddings: EmbeddingCache | None = None,
        table: CalibrationTable | None = None,
        corpus: Corpus | None = None,
    ) -> None:
        """`embeddings`: None to search by words and typos alone. `table`: weights other than the shipped ones.
        `corpus`: of an index of the same knowledge, whose words need not be counted again."""
        self.knowledge = knowledge
        reader = embeddings.reader if embeddings else Reader(shipped_model(), None)
        self.reader = reader.corrected([(one.text, one.read_as) for one in knowledge.readings])
        self.table = table or (embeddings.table if embeddings else shipped_table(False))
        corpus = corpus or Corpus(knowledge)
        self.corpus = corpus.with_meaning(embeddings) if embeddings else corpus
        self.entries = self.corpus.entries
        self._places = {entry.id: place for place, entry in enumerate(self.entries)}
        self._local = [(number, entry) for number, entry in enumerate(self.entries) if entry.is_local]

    def with_table(self, table: CalibrationTable) -> Index:
        """Return an index of the same knowledge with other weights."""
        other = copy.copy(self)
        other.table = table
        return other

    def search(self, text: str, venue: Venue | None = None) -> SearchResult:
        """Encode a text and search for it, as `find` does."""
        return self.find(self.encode(text), venue)

    def encode(self, text: str) -> EncodedMessage:
        """Split a text, and encode its questions, to search for it more than once."""
        message = self._split(text[:LONGEST])
        return EncodedMessage(self, text[:LONGEST], message, self.corpus.queries([*message.readings, *message.parts]))

    def find(
        self, said: EncodedMessage, venue: Venue | None = None, among: Set[str] | None = None, *, is_judged: bool = True
    ) -> SearchResult:
        """Search for a message that this index encoded.

        `venue`: where it is asked: entries hidden there are not found, those for its people go before others; None:
        every entry counts as one for everybody. `among`: ids of the only entries that count. `is_judged`: if False,
        matches keep their first confidence.
        """
        locality = Locality.of(self._local, venue)
        if among is not None:
            others = {place for place, entry in enumerate(self.entries) if entry.id not in among}
            locality = replace(locality, hidden=locality.hidden | others)
        judge = self._judged if is_judged else lambda result, _: result
        whole, *sentences = [
            (self._result(query, said.text, self.reader.asks(one.text, query.reading_vector), locality), query)
            for one, query in zip(said.split.readings, said.queries, strict=False)
        ]
        best = judge(*next((one for one in sentences if is_sentence_surer(whole[0], one[0])), whole))
        asked = zip(said.queries[len(said.split.readings) :], said.split.parts, strict=True)
        found = [judge(self._result(query, part.text, best.question, locality), query) for query, part in asked]
        if len(parts := distinct(filled(distinct(found), best))) > 1:
            return replace(max(parts, key=attrgetter("confidence")), text=said.text, parts=parts)
        return best

    def relevance(self, id: str, said: EncodedMessage) -> float | None:
        """Return the cross-encoder's logit that an entry answers a message; None without a cross-encoder."""
        return self.corpus.relevance(self._places[id], said.queries[0])

    def question_text(self, text: str) -> str:
        """Return the question of a message as typed, without greetings and context."""
        return self._split(text).question.text

    def rare_words(self, text: str, most: int) -> list[str]:
        """Return the rarest words of the question, as terms for another search."""
        return self.corpus.rarest_words(self._split(text).question)[:most]

    def _split(self, text: str) -> SplitMessage:
        return split_message(clean(text), self.reader, self.corpus.count_known)

    def _result(self, query: Query, text: str, question: float, locality: Locality) -> SearchResult:
        if query.is_empty or len(locality.hidden) == len(self.entries):
            return SearchResult(text, (), question)
        signals = self.corpus.signals(query)
        if not (signals.entry_grams.any() or signals.documents.any()):  # nothing in common with any entry
            return SearchResult(text, (), question)
        return self.first_result(text, QueryTerms.of(self.corpus, query, question), signals, locality)

    def first_result(
        self, text: str, terms: QueryTerms, signals: Signals, locality: Locality = EVERYWHERE
    ) -> SearchResult:
        """Return the result before it is judged."""
        named = self.corpus.names.places(terms.query.distinct.keys(), locality.hidden)
        barred = locality.hidden | (set(range(len(self.entries))) - named if named else set())
        ranked = self._ranked(terms, signals, barred)
        if rivals := locality.rivals(ranked):
            ranked = preferred(self._ranked(terms, signals, barred | rivals), ranked, rivals)
        found: list[Match] = []
        shared = self.corpus.shared_words([place for place, _ in ranked[:BEST]], terms.query)
        for (place, confidence), words in zip(ranked[:BEST], shared, strict=True):
            entry, is_elsewhere = self.entries[place], place in locality.elsewhere
            own = self.corpus.phrasings_of(place)
            nearest = int(np.argmax(signals.cosines[own] + signals.grams[own]))
            evidence = Evidence(
                phrasing=self.corpus.phrasings[own][nearest],
                words=words,
                lexical=float(signals.phrasing_grams[place]),
                corrected=terms.query.corrected_share,
                semantic=float(signals.nearest[place].clip(0, 1)),
            )
            found.append(
                Match(entry.id, entry.title, confidence, evidence, is_elsewhere, only_called=not entry.overheard)
            )
        return SearchResult(text, tuple(found), terms.question)

    def _ranked(self, terms: QueryTerms, signals: Signals, barred: Set[int]) -> Ranked:
        """Return the entries by confidence. `barred`: places of entries that do not take part."""
        if len(barred) == len(self.entries):
            return []
        candidates = self.candidates(terms, signals, barred)
        values = features(self.corpus, candidates, terms, signals, JUDGED)
        sure = (self.table.scope.probability(values) * self.table.entry.probability(values)).tolist()
        total = max(1.0, sum(sorted(sure)[-2:]))  # of two that are alike one is meant
        shares = ((place, one / total) for place, one in zip(candidates.places, sure, strict=False))
        rows = [(place, one * self._kept_share(place, terms.query, signals)) for place, one in shares]
        return sorted(rows, key=itemgetter(1), reverse=True)

    def _kept_share(self, place: int, query: Query, signals: Signals) -> float:
        """Return the share of its confidence that an entry keeps: none if the question excludes it, half if its
        `not_questions` are as near as its phrasings. The others gain nothing by that."""
        if self.corpus.names.share(place, query.distinct.keys()):
            return 1.0
        if self.corpus.excluded_share(place, query) >= _NAMED:
            return 0.0
        margin = self.corpus.not_question_margin(place, query, signals)
        return 1 / (1 + math.exp(_SHARPNESS * margin)) if margin > -_REACH else 1.0

    def _judged(self, result: SearchResult, query: Query) -> SearchResult:
        if result.confidence < LEAST:
            return result
        said, length = query.distinct.keys(), len(query.folded.split())
        is_name = bool(self.corpus.names.places(said))
        is_little = len(query.words) < SAYS_LITTLE and not is_name
        if not (is_little and length < SHORT):
            result = judged(result, self.table, self.judge_features(result, query))
        return replace(result, overheard=0.0) if is_little or (is_name and length <= len(said)) else result

    def judge_features(self, result: SearchResult, query: Query) -> Features:
        """Return the judge's features of the entries that are read with the message; each `(n_entries,)`."""
        return features_read(result, lambda match: self.corpus.relevance(self._places[match.id], query))

    def score(self, signals: Signals) -> Floats:
        """Return the weighted sums that select the candidates, `(n_entries,)`."""
        weights, total = self.table.ranking, np.zeros_like(signals.nearest)
        for signal in fields(signals):
            if signal.name in weights:
                total = total + np.float32(weights[signal.name]) * getattr(signals, signal.name)
        return total

    def candidates(self, terms: QueryTerms, signals: Signals, barred: Set[int] = frozenset()) -> Candidates:
        """Return the best entries that are not barred (places), ranked again by their words."""
        scores = self.score(signals)
        scores[list(barred)] = -np.inf
        few = np.argpartition(-scores, CANDIDATES)[:CANDIDATES] if len(scores) > CANDIDATES else np.arange(len(scores))
        best_first = few[np.lexsort((few, -scores[few]))].tolist()
        places = [place for place in best_first if place not in barred]
        words, rarity = self.corpus.word_similarity(terms.query, places), terms.query.rarity
        ranked = scores[places]
        if words.shape[1] and rarity is not None:
            ranked = ranked + np.float32(self.table.ranking[WORDS]) * (words @ rarity / rarity.sum())
        order = np.argsort(-ranked, kind="stable")
        best = [places[at] for at in order]
        return Candidates(best, ranked[order], words[order], self.corpus.shared(best, terms.numbers), barred)
