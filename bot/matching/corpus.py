"""The knowledge in numbers, and what is measured between a question and every entry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from bot.knowledge.models import Knowledge
from bot.matching.arrays import Flags, Floats, Numbers
from bot.matching.discriminant import SemanticScores
from bot.matching.embedding_cache import EmbeddingCache
from bot.matching.query import Query, all_grams, as_typed, blend, weigh_context, weights
from bot.matching.semantic_index import SemanticIndex
from bot.matching.split import SubQuestion
from bot.matching.text import fold, tokens, words
from bot.matching.tfidf import Lexicon
from bot.matching.use_encoder import UniversalSentenceEncoder

_QUESTION_WORDS, _CONTEXT_WORDS = 60, 40  # words of a question and of its context that are encoded
_COMMON = -14.0  # log-probability of a word that is no typo
_SHOWN_WORDS = 8  # shared words that are evidence


@dataclass(frozen=True, slots=True)
class Signals:
    """Similarities of a question to each entry, `(n_entries,)`; `cosines` and `grams` to each phrasing.

    The names are keys of `ranking` in `table.json`; `kriged` is the kernel ridge score.
    """

    nearest: Floats
    discriminant: Floats
    kriged: Floats
    phrasing_grams: Floats
    entry_grams: Floats
    entry_words: Floats
    cosines: Floats
    grams: Floats

    def score(self, weights: Mapping[str, float]) -> Floats:
        """Weighted sum by which the entries are ranked, `(n_entries,)`."""
        total: Floats = sum(
            (np.float32(weights[f.name]) * getattr(self, f.name) for f in fields(self) if f.name in weights),
            np.zeros_like(self.nearest),
        )
        return total


class Corpus(Lexicon):
    """Frozen once built."""

    def __init__(self, knowledge: Knowledge, semantic: bool, cache: Path | None) -> None:
        self._embeddings = EmbeddingCache(cache, _encoder(cache)) if semantic else None
        super().__init__(knowledge, partial(_is_common, self._embeddings))
        self.size = len(self.entries)
        self._semantic = SemanticIndex(self, self._embeddings) if self._embeddings else None
        self.discriminant = self._semantic.discriminant if self._semantic else None
        self.kernel_ridge = self._semantic.kernel_ridge if self._semantic else None

    def idf_by_stem(self, text: str) -> dict[str, float]:
        """Stems of a clean text, typos corrected, each with its idf."""
        corrections = self.vocabulary.correct(text)
        corrected = " ".join(corrections.get(token, token) for token in tokens(fold(text)))
        stems = self.synonyms.fold(words(corrected))
        return dict(zip(stems, self.words.idf_of(self.numbering.look_up(stems)).tolist(), strict=True))

    def count_known(self, text: str) -> float:
        """Number of words of the knowledge in a text; a synonym counts its words: 'fiche de poste' is two."""
        stems = self.synonyms.fold(words(fold(text)))
        known = self.numbering.look_up(stems) >= 0
        return float(sum(1 + stem.count("_") for stem, is_known in zip(stems, known, strict=True) if is_known))

    def query(self, part: SubQuestion) -> Query:
        return self.queries([part])[0]

    def queries(self, parts: Sequence[SubQuestion]) -> list[Query]:
        """The questions of one message, encoded together: that takes hardly longer than one."""
        return self._with_vectors([self._lexical_query(part) for part in parts])

    def phrasing_query(self, number: int) -> Query:
        """A phrasing of the knowledge as a question; its vector is known already."""
        query = self._lexical_query(SubQuestion(self.phrasings[number]))
        if not (self._semantic and self.discriminant):
            return query
        vector = self._semantic.vector(number)
        return replace(query, vector=vector, semantic=self.discriminant.scores(vector[None])[0])

    def _lexical_query(self, part: SubQuestion) -> Query:
        corrections = self.vocabulary.correct(part.text)
        corrected = [word for token in tokens(fold(part.text)) for word in corrections.get(token, token).split()]
        stems = self.synonyms.fold(words(" ".join(corrected)))
        context = self.synonyms.fold(words(fold(part.context_text)))
        weight = weigh_context(self._information(stems))
        own_grams, context_grams = all_grams(" ".join(corrected), fold(part.context_text))
        return Query(
            text=self.vocabulary.rewrite(part.text, corrections),
            context_text=part.context_text,
            context_weight=weight,
            stems=tuple(stems),
            typed=as_typed(part.text, corrected, stems),
            words=self.numbering.look_up(stems + context),
            word_weights=weights(len(stems), len(context), weight),
            grams=np.concatenate([own_grams, context_grams]),
            gram_weights=weights(len(own_grams), len(context_grams), weight),
            corrected_share=len(corrections) / max(1, len(stems)),
            length=len(corrected),
        )

    def _with_vectors(self, queries: list[Query]) -> list[Query]:
        full = [query for query in queries if not query.is_empty]
        if not (self._embeddings and full):
            return queries
        texts = list(dict.fromkeys(text for query in full for text in _encoded_texts(query)))
        vectors = dict(zip(texts, self._embeddings.encoder.encode(texts), strict=True))
        blended = [
            blend(np.stack([vectors[text] for text in _encoded_texts(query)]), query.context_weight) for query in full
        ]
        scores = self.discriminant.scores(np.stack(blended)) if self.discriminant else [None] * len(full)
        word_vectors = self._word_vectors(list(dict.fromkeys(word for one in full for word in one.distinct.values())))
        encoded = (
            replace(query, vector=vector, semantic=semantic, word_vectors=_rows(word_vectors, query.distinct.values()))
            for query, vector, semantic in zip(full, blended, scores, strict=True)
        )
        return [query if query.is_empty else next(encoded) for query in queries]

    def _word_vectors(self, words: list[str]) -> dict[str, Floats]:
        if not (self._embeddings and self._semantic and self._semantic.words and words):
            return {}
        vectors = self._semantic.words.centred(self._embeddings.encoder.encode_words(words))
        return dict(zip(words, vectors, strict=True))

    def word_similarity(self, query: Query, is_shared: Flags, terms: Numbers) -> Floats:
        """Similarity of each distinct word of a question to the nearest of an entry's `terms`, 0 to 1.

        `is_shared`: whether the entry has the very word, `(n_distinct,)`.
        """
        if query.word_vectors is None or self._semantic is None or self._semantic.words is None:
            return is_shared.astype(np.float32)
        return np.where(is_shared, np.float32(1), self._semantic.words.similarity(query.word_vectors, terms))

    def word_numbers(self, query: Query) -> Numbers:
        """Numbers of the distinct words of a question, -1: not in the knowledge."""
        return self.numbering.look_up(query.distinct)

    def _information(self, stems: Sequence[str]) -> float:
        """Sum of idf over the distinct known words of a question, in units of an unknown word's idf."""
        numbers = self.numbering.look_up(dict.fromkeys(stems))
        return float(self.words.idf_of(numbers[numbers >= 0]).sum() / self.words.unknown_idf)

    def question_score(self, query: Query) -> float:
        """Log-likelihood ratio of the `QuestionClassifier`; 0 without the encoder."""
        if self._semantic is None or query.vector is None:
            return 0.0
        return self._semantic.classifier.log_likelihood_ratio(query.vector)

    def signals(self, query: Query) -> Signals:
        grams = self.phrasing_grams.similarity(query.grams, query.gram_weights)
        semantic = query.semantic or _no_scores(len(self.phrasings), self.size)
        kernel_ridge = self.kernel_ridge if query.semantic else None
        return Signals(
            semantic.nearest,
            semantic.discriminant,
            kernel_ridge.scores(semantic.cosines, grams) if kernel_ridge else semantic.discriminant,
            np.maximum.reduceat(grams, self.firsts),
            self.entry_grams.similarity(query.grams, query.gram_weights),
            self.words.similarity(query.words, query.word_weights),
            semantic.cosines,
            grams,
        )

    def nearest_phrasing(self, place: int, signals: Signals) -> str:
        """Of one entry, by cosine and n-grams together."""
        own = self.phrasings_of(place)
        return self.phrasings[own][int(np.argmax(signals.cosines[own] + signals.grams[own]))]

    def not_question_margin(self, place: int, query: Query, signals: Signals) -> float:
        """Similarity of the entry's nearest `not_question` minus that of its nearest phrasing; -1 if it has none."""
        not_questions = self.entries[place].not_questions
        if not not_questions:
            return -1.0
        if self._semantic and query.vector is not None:
            return float((self._semantic.not_questions(place) @ query.vector).max() - signals.nearest[place])
        stems = [set(words(fold(text))) for text in (*not_questions, *self.phrasings[self.phrasings_of(place)])]
        jaccard = [len(s & set(query.stems)) / max(1, len(s | set(query.stems))) for s in stems]
        return max(jaccard[: len(not_questions)]) - max(jaccard[len(not_questions) :])

    def shared_words(self, place: int, query: Query) -> tuple[str, ...]:
        """Words that question and entry share, as typed, rarest first."""
        is_shared = self.words.contains(place, self.word_numbers(query))
        shared = {word for word, is_in in zip(query.distinct.values(), is_shared, strict=True) if is_in}
        return tuple(word for word in self.rarest_words(query) if word in shared)[:_SHOWN_WORDS]

    def rarest_words(self, query: Query) -> list[str]:
        """Words of a question as typed, by falling idf: unknown ones first."""
        idf = self.words.idf_of(self.word_numbers(query))
        return [word for _, word in sorted(zip(-idf, query.distinct.values(), strict=True))]


def _is_common(embeddings: EmbeddingCache | None, word: str) -> bool:
    return embeddings is not None and embeddings.encoder.log_probability(word) > _COMMON


@lru_cache(maxsize=1)
def _encoder(cache: Path | None) -> UniversalSentenceEncoder:
    """One for every index of the process: loaded it takes 100 MB."""
    return UniversalSentenceEncoder(cache)


def _encoded_texts(query: Query) -> list[str]:
    """Bounded, so that a long message takes no longer than others; the end of the context is nearest the question."""
    text, context = query.text.split(" "), query.context_text.split(" ")
    return [" ".join(text[:_QUESTION_WORDS]), *([" ".join(context[-_CONTEXT_WORDS:])] if query.context_text else [])]


def _rows(vectors: Mapping[str, Floats], words: Iterable[str]) -> Floats | None:
    rows = [vectors[word] for word in words if word in vectors]
    return np.stack(rows) if rows else None


def _no_scores(n_phrasings: int, n_entries: int) -> SemanticScores:
    """Zeros, for a question without vectors."""
    zeros = np.zeros(n_entries, np.float32)
    return SemanticScores(np.zeros(n_phrasings, np.float32), zeros, zeros)
