"""The knowledge in numbers, and what is measured between a question and every entry."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, compress

import numpy as np

from bot.arrays import Flags, Floats, Numbers
from bot.knowledge.models import Knowledge
from bot.matching.documents import told
from bot.matching.embedding_cache import EmbeddingCache, reading_vector
from bot.matching.keyword_names import KeywordNames
from bot.matching.query import Query, as_typed, blend, weights
from bot.matching.semantic_index import SemanticIndex, SemanticScores
from bot.matching.split import SubQuestion
from bot.matching.terms import grams_of
from bot.matching.tfidf import Lexicon
from bot.text.folding import fold, prepared, tokens, words
from bot.text.shorthands import expand

_VAGUE, _CLEAR = 0.5, 3.0  # information of a question that says nothing by itself, or enough
_CONTEXT_WEIGHTS = (1.0, 0.3)  # of a word of the context then; a word of the question weighs 1
_ENCODED_WORDS = 80  # of a question, and of its context
_NO_TYPO = -14.0  # log-probability of a usual word
_USUAL = 8.0  # information of a word that says nothing, in nats
_LEAST_RARITY, _MOST_RARITY = 1.0, 14.0
_READ = 2  # phrasings of an entry that are read together with a question: the nearest ones
_SHOWN_WORDS = 8  # shared words that are evidence


@dataclass(frozen=True, slots=True)
class Signals:
    """Similarities of a question to each entry, `(n_entries,)`; `cosines` and `grams` to each phrasing.

    The names are keys of `ranking` in `table.json`.
    """

    nearest: Floats
    documents: Floats
    phrasing_grams: Floats
    entry_grams: Floats
    entry_words: Floats
    cosines: Floats
    grams: Floats


class Corpus(Lexicon):
    """The knowledge as arrays, to compare by words and typos alone, or `with_meaning`; immutable once built."""

    def __init__(self, knowledge: Knowledge) -> None:
        super().__init__(knowledge)
        self.names = KeywordNames(  # the texts have been prepared before
            [entry.keywords for entry in self.entries], lambda text: self.synonyms.fold(prepared(text).words)
        )
        self._embeddings: EmbeddingCache | None = None
        self.semantic: SemanticIndex | None = None

    def with_meaning(self, embeddings: EmbeddingCache) -> Corpus:
        """Return the same with the vectors of all texts beside their words."""
        other = copy.copy(self)
        other._embeddings = embeddings
        other.semantic = SemanticIndex(self, embeddings) if self.entries else None
        return other

    def _stems(self, text: str) -> list[str]:
        return self.synonyms.fold(words(fold(text)))

    def idf_by_stem(self, text: str) -> dict[str, float]:
        """Return the idf of each stem of a clean text, typos corrected."""
        _, corrected = self._corrected(text)
        stems = self.synonyms.fold(words(" ".join(corrected)))
        return dict(zip(stems, self.words.idf_of(self.numbering.look_up(stems)).tolist(), strict=True))

    def _corrected(self, text: str) -> tuple[dict[str, str], list[str]]:
        """Return the corrections, by typo, and the corrected words of a text."""
        corrections = self.vocabulary.correct(text, self._is_common)
        return corrections, [word for token in tokens(fold(text)) for word in corrections.get(token, token).split()]

    def _is_common(self, word: str) -> bool:
        return self._embeddings is not None and _NO_TYPO < self._embeddings.encoder.log_probability(word) < 0

    def count_known(self, text: str) -> float:
        """Count the words of a text that the knowledge has; a synonym counts as its words: 'fiche de poste' is two."""
        stems = self._stems(text)
        known = self.numbering.look_up(stems) >= 0
        return float(sum(1 + stem.count("_") for stem, is_known in zip(stems, known, strict=True) if is_known))

    def query(self, part: SubQuestion) -> Query:
        return self.queries([part])[0]

    def queries(self, parts: Sequence[SubQuestion]) -> list[Query]:
        """Encode the questions of a message in one batch, which takes hardly longer than one question."""
        queries = [self._lexical_query(part) for part in parts]
        encoded = {part.text: query.text for part, query in zip(parts, queries, strict=True)}  # of a story, read once
        queries = [replace(q, encoded_context=encoded.get(q.encoded_context, q.encoded_context)) for q in queries]
        said = {at: _encoded_texts(query) for at, query in enumerate(queries) if not query.is_empty}
        if not (self._embeddings and said):
            return queries
        texts = list(dict.fromkeys(chain.from_iterable(said.values())))
        placed = dict(zip(texts, self._embeddings.questions(texts), strict=True))
        vectors = np.stack(
            [blend([placed[text].vector for text in own], queries[at].context_weight) for at, own in said.items()]
        )
        scores = self.semantic.scores(vectors) if self.semantic else [None] * len(said)
        log_probability = self._embeddings.encoder.log_probability
        for (at, own), vector, score in zip(said.items(), vectors, scores, strict=True):
            question = placed[own[0]]
            information = np.array([-log_probability(word.lower()) for word in question.words], np.float32)
            queries[at] = replace(
                queries[at],
                vector=vector,
                reading_vector=reading_vector(question),
                states=question.states,
                rarity=(information - _USUAL).clip(_LEAST_RARITY, _MOST_RARITY),  # above that of a usual word, bounded
                semantic=score,
            )
        return queries

    def phrasing_query(self, number: int) -> Query:
        """Return a phrasing of the knowledge as a question; its vector is known already."""
        query = self._lexical_query(SubQuestion(self.phrasings[number]))
        if not self.semantic:
            return query
        vector = self.semantic.vector(number)
        return replace(query, vector=vector, semantic=self.semantic.scores(vector[None])[0])

    def _lexical_query(self, part: SubQuestion) -> Query:
        corrections, corrected = self._corrected(part.text)
        folded = " ".join(corrected)
        stems = self.synonyms.fold(words(folded))
        context = self._stems(part.context_text)
        known = self.numbering.look_up(dict.fromkeys(stems))
        information = self.words.idf_of(known[known >= 0]).sum() / self.words.unknown_idf  # in idf of an unknown word
        weight = float(np.interp(float(information), [_VAGUE, _CLEAR], _CONTEXT_WEIGHTS))
        own_grams, context_grams = grams_of([folded, " ".join(tokens(fold(part.context_text)))])
        return Query(
            text=self.vocabulary.rewrite(expand(part.text), corrections | self.known_synonyms),
            folded=folded,
            encoded_context=part.story or part.context_text,
            context_weight=weight,
            stems=tuple(stems),
            typed=as_typed(part.text, corrected, stems, self.synonyms.spelled),
            words=self.numbering.look_up(stems + context),
            word_weights=weights(len(stems), len(context), weight),
            grams=np.concatenate([own_grams, context_grams]),
            gram_weights=weights(len(own_grams), len(context_grams), weight),
            corrected_share=len(corrections) / max(1, len(stems)),
            excluded=tuple(dict.fromkeys(self._stems(part.excluded))),
        )

    def word_similarity(self, query: Query, places: Sequence[int]) -> Floats:
        """Return the cosine of each word of a question to the nearest word of each entry, `(n_places, n_words)`;
        `n_words` is 0 without the encoder."""
        if self.semantic is None or query.states is None:
            return np.zeros((len(places), 0), np.float32)
        return self.semantic.documents.word_similarity(places, query.states)

    def shared(self, places: Sequence[int], numbers: Numbers) -> Flags:
        """Return whether each entry at `places` has each word, `(n_places, n_words)`."""
        rows = [self.words.contains(place, numbers) for place in places]
        return np.array(rows, bool).reshape(len(places), len(numbers))

    def signals(self, query: Query) -> Signals:
        grams = self.phrasing_grams.similarity(query.grams, query.gram_weights)
        zeros = np.zeros(len(self.entries), np.float32)
        semantic = query.semantic or SemanticScores(np.zeros_like(grams), zeros, zeros)
        return Signals(
            nearest=semantic.nearest,
            documents=semantic.documents,
            phrasing_grams=np.maximum.reduceat(grams, self.firsts),
            entry_grams=self.entry_grams.similarity(query.grams, query.gram_weights),
            entry_words=self.words.similarity(query.words, query.word_weights),
            cosines=semantic.cosines,
            grams=grams,
        )

    def relevance(self, place: int, query: Query) -> float | None:
        """Return the cross-encoder's logit that an entry answers a question; None without a cross-encoder."""
        if not (self._embeddings and query.semantic):
            return None
        own, entry = self.phrasings_of(place), self.entries[place]
        nearest = np.argsort(-query.semantic.cosines[own], kind="stable").tolist()
        said = [text for text in (self.phrasings[own][number] for number in nearest) if text != entry.title][:_READ]
        return self._embeddings.encoder.relevance(_encoded_texts(query)[0], told(entry, said))

    def read_together(self, question: str, passage: str) -> float | None:
        """Return the cross-encoder's logit that a passage answers a question; None without a cross-encoder."""
        return self._embeddings.encoder.relevance(question, passage) if self._embeddings else None

    def not_question_margin(self, place: int, query: Query, signals: Signals) -> float:
        """Return the similarity of an entry's nearest `not_question` minus that of its nearest phrasing; -1 if it has
        no `not_questions`."""
        not_questions = self.entries[place].not_questions
        if not not_questions:
            return -1.0
        if self.semantic and query.vector is not None:
            return float((self.semantic.not_questions(place) @ query.vector).max() - signals.nearest[place])
        stems = [set(words(fold(text))) for text in (*not_questions, *self.phrasings[self.phrasings_of(place)])]
        jaccard = [len(s & set(query.stems)) / max(1, len(s | set(query.stems))) for s in stems]
        return max(jaccard[: len(not_questions)]) - max(jaccard[len(not_questions) :])

    def excluded_share(self, place: int, query: Query) -> float:
        """Return the share, by idf, of the excluded words that the entry's title has; 0 if none are excluded."""
        if not query.excluded:
            return 0.0
        idf = self.words.idf_of(self.numbering.look_up(query.excluded))
        title = set(self._stems(self.entries[place].title))
        return float(idf[[stem in title for stem in query.excluded]].sum() / idf.sum())

    def shared_words(self, places: Sequence[int], query: Query) -> list[tuple[str, ...]]:
        """Return the words that a question and each entry at `places` share, as typed, rarest first."""
        words = self._by_rarity(query)
        shared = self.shared(places, np.array([number for _, number in words], np.int64))
        return [tuple(dict.fromkeys(compress((word for word, _ in words), row)))[:_SHOWN_WORDS] for row in shared]

    def rarest_words(self, part: SubQuestion) -> list[str]:
        """Return the words of a question as typed, by falling idf: unknown ones first."""
        return [word for word, _ in self._by_rarity(self._lexical_query(part))]

    def _by_rarity(self, query: Query) -> list[tuple[str, int]]:
        """Return the words of a question as typed, each with its number, by falling idf."""
        numbers = self.numbering.look_up(query.distinct)
        rows = sorted(zip(-self.words.idf_of(numbers), query.distinct.values(), numbers.tolist(), strict=True))
        return [(word, number) for _, word, number in rows]


def _encoded_texts(query: Query) -> list[str]:
    """Return the question and its context, cut to their last words: a long message asks at its end."""
    texts = (query.text, query.encoded_context)
    return [" ".join(text.split(" ")[-_ENCODED_WORDS:]) for text in texts if text]
